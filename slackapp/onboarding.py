"""*Add to Slack* without an account: Slack is asked, then one transaction (arrivals.py), then the channel is made.

Whatever Slack refuses after the transaction leaves a connection that waits for its channel; it can be tried again.
"""

import logging
from typing import Any

from accounts.errors import Refused
from accounts.models import Member, User
from accounts.permissions import may
from slackapp import actions, client, giving_back, oauth, people, setup, sharing, states, tasks
from slackapp.actions import arrivals
from slackapp.actions.arrivals import Arrival, Person
from slackapp.errors import SlackError
from slackapp.models import ChatLink, Connection, Installation, OAuthState

log = logging.getLogger(__name__)

CHANNEL = "website-chat"
MOST_NAMES = 20
CANNOT_MAKE = (
    "Your Slack does not let the app make channels. Make a public channel in Slack and choose it here, "
    "or ask a Slack admin."
)


def begin(browser_secret: str, starter: User | None) -> str:
    """Slack's address to send the browser to; `starter` is who is logged in, if anybody is."""
    oauth.check_configured()
    return oauth.authorize_url(states.issue(states.ADD, browser_secret, user=starter))


def arrive(row: OAuthState, code: str) -> Arrival:
    """Exchanges the code, makes or finds everything, opens the channel. Never inside a transaction."""
    found = oauth.exchange(code)
    try:
        arrival = arrivals.settle(found, _person(found), row.user)
    except Refused as refusal:
        raise giving_back.refused(found, refusal) from refusal
    if arrival.told is not None:
        tasks.tell_of_newcomer(arrival.told.pk, arrival.member.user.name)
    if arrival.connection is not None and may(arrival.member, "slack.edit"):
        _connect(arrival.member, arrival.connection, found)
    return arrival


def _person(found: dict[str, Any]) -> Person:
    """A profile that cannot be read costs the name, nothing else."""
    user_id = found["installed_by_slack_user_id"]
    try:
        answer = client.call("users.info", found["bot_token"], user=user_id)
    except SlackError as error:
        log.info("the profile of whoever installs could not be read: %s", error)
        return Person(found["slack_team_id"] or found["enterprise_id"], user_id)
    of = Installation(slack_team_id=found["slack_team_id"], enterprise_id=found["enterprise_id"])
    told = answer.get("user")
    profile = people.with_picture(people.profile(told, of))
    # an app of a whole organisation has no team, its people have
    team_id = found["slack_team_id"] or (str(told.get("team_id") or "") if isinstance(told, dict) else "")
    return Person(team_id or found["enterprise_id"], user_id, profile["name"], profile)


def _connect(member: Member, connection: Connection, found: dict[str, Any]) -> None:
    key = {name: found[name] for name in ("enterprise_id", "slack_team_id", "app_id")}
    actions.attach_installation(connection, Installation.objects.get(**key))
    connection.refresh_from_db()
    try:
        open_channel(member, connection)
    except Refused as refusal:
        arrivals.note_no_channel(connection, refusal.sentence)


def open_channel(member: Member, connection: Connection) -> None:
    """The channel of its own, so that the first chat works before anything is configured. Harmless to repeat."""
    if connection.channel_id:
        _try(connection, "conversations.join", channel=connection.channel_id)
        return
    channel = _made(connection)
    _welcome(member, connection, str(channel["id"]))
    setup.settle_on(member, connection, str(channel["id"]), str(channel.get("name") or CHANNEL))


def _made(connection: Connection) -> dict[str, Any]:
    if connection.channel_sought and (own := _left_behind(connection)) is not None:
        return own
    taken: set[str] | None = None
    for name in (CHANNEL, *(f"{CHANNEL}-{number}" for number in range(2, MOST_NAMES + 1))):
        if name in (taken or ()) or not arrivals.seek_channel(connection, name):
            continue
        if (channel := _create(connection, name)) is not None:
            return channel
        # asked for once, so that twenty names are not twenty refusals
        taken = taken or {channel.name for channel in setup.channels(connection)}
    raise Refused("name_taken", f"All names like #{CHANNEL} are taken. Choose a channel or another name.")


def _create(connection: Connection, name: str) -> dict[str, Any] | None:
    """None when the name is taken, if only by an archived or a private channel."""
    try:
        return setup.ask_for_channel(connection, "conversations.create", name=name)
    except Refused as refusal:
        if refusal.code == "name_taken":
            return None
        raise _why(refusal) from refusal


def _why(refusal: Refused) -> Refused:
    cannot = ("restricted_action", "user_is_restricted", "missing_scope", "no_permission", "not_allowed")
    return Refused(refusal.code, CANNOT_MAKE) if refusal.code in cannot else refusal


def _left_behind(connection: Connection) -> dict[str, Any] | None:
    """What an interrupted attempt of this very connection made: the app's own channel that no row of ours knows."""
    installation = oauth.installation_of(connection)
    named = (one for one in setup.channels(connection) if one.name == connection.channel_sought)
    found = next((one for one in named if one.is_member), None)
    if found is None or arrivals.is_used(installation, found.id):
        return None
    channel = setup.ask_for_channel(connection, "conversations.info", channel=found.id)
    return channel if channel.get("creator") == installation.bot_user_id else None


def _welcome(member: Member, connection: Connection, channel_id: str) -> None:
    """The person is taken into the channel and the app says who brought it. The channel works without either."""
    installer = oauth.installation_of(connection).installed_by_slack_user_id
    _try(connection, "conversations.invite", channel=channel_id, users=installer)
    try:
        setup.introduce(member, connection, channel_id)
    except Refused as refusal:
        log.info("the app could not introduce itself: %s", refusal.code)


def _try(connection: Connection, method: str, **arguments: Any) -> None:
    try:
        setup.ask(connection, method, **arguments)
    except Refused as refusal:
        log.info("%s: %s", method, refusal.code)


def undo(member: Member, connection: Connection) -> None:
    """It was the wrong Slack: the channel that we made is put away and the site parts from it."""
    if has_chats(connection):
        raise Refused("has_chats", "Chats have come in already. Disconnect the site instead; threads stay.")
    if connection.channel_id and connection.installation is not None:
        try:
            _put_away(connection, connection.installation)
        except Refused as refusal:
            log.info("the channel could not be put away: %s", refusal.code)
    actions.disconnect(member, connection)


def has_chats(connection: Connection) -> bool:
    return ChatLink.objects.filter(connection=connection).exists()


def _put_away(connection: Connection, installation: Installation) -> None:
    channel = setup.ask_for_channel(connection, "conversations.info", channel=connection.channel_id)
    theirs = connection.channel_id in sharing.others_in(connection)
    if channel.get("creator") == installation.bot_user_id and not theirs:
        setup.ask(connection, "conversations.archive", channel=connection.channel_id)
