"""OAuth v2, the install flow: a state bound to this browser (states.py); then code → token → auth.test."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from accounts.errors import Refused
from accounts.models import User
from accounts.names import clean_name
from slackapp import actions, client, giving_back, states
from slackapp.choosing import installation_of as installation_of
from slackapp.errors import Answered, SlackError, Unknown
from slackapp.models import Connection, Installation, OAuthState
from slackapp.rotation import pair_of

# Least scopes, each with its reason; docs/slack.md shows this table to people.
SCOPES: dict[str, str] = {
    "chat:write": "post chat cards and visitors' messages",
    "chat:write.customize": "show the visitor's name on their messages",
    "channels:read": "list public channels to choose from and learn when one is archived",
    "channels:history": "receive agents' replies in public channels the app is in",
    "channels:join": "join the public channel you choose",
    "channels:manage": "create the channel for chats if you want a new one",
    "groups:read": "list private channels the app was invited to",
    "groups:history": "receive agents' replies in private channels the app is in",
    "reactions:read": "let a colleague take an answer back with a lock",
    "reactions:write": "show at an answer, by a reaction, that the visitor got it and saw it",
    "files:read": "bring the files that agents share in a chat to the visitor",
    "files:write": "share the files that visitors send",
    "users:read": "show the visitor the name and photo of whoever answers, and whether somebody is there",
    "emoji:read": "show your company's own emoji to the visitor",
    "metadata.message:read": "recognise our own posts, so that a message is never posted twice",
    "commands": "offer the command and the shortcuts with which your team works from Slack",
    "links:read": "see when somebody posts a link to a chat, to show what it leads to",
    "links:write": "show a preview below such a link",
}
# Asked for only where a connection's chats get channels of their own; Slack adds them to what was granted before.
NOISY_SCOPES: dict[str, str] = {"pins:write": "pin a chat's card in its own channel (Noisy mode)"}
PRIVATE_SCOPES: dict[str, str] = {
    "groups:write": "make a private channel for each chat, if you choose that (Noisy mode)"
}
ALL_SCOPES = {**SCOPES, **NOISY_SCOPES, **PRIVATE_SCOPES}
BOT_EVENTS = """message.channels message.groups reaction_added reaction_removed app_uninstalled tokens_revoked
    member_joined_channel member_left_channel channel_archive channel_unarchive channel_deleted channel_left
    channel_rename channel_id_changed group_archive group_unarchive group_deleted group_left group_rename
    team_access_granted team_access_revoked
    file_deleted user_change user_profile_changed emoji_changed link_shared app_home_opened""".split()


def redirect_uri() -> str:
    return f"{settings.PUBLIC_URL}/slack/oauth/callback"


def scopes_of(connection: Connection) -> dict[str, str]:
    """What this connection's mode needs, each with its reason."""
    noisy = connection.mode == Connection.Mode.NOISY
    extra = {**NOISY_SCOPES, **(PRIVATE_SCOPES if connection.private_rooms else {})} if noisy else {}
    return {**SCOPES, **extra}


def lacking_scopes(connection: Connection) -> set[str]:
    """What Slack is still to be asked for since the mode was changed."""
    granted = connection.installation.scopes if connection.installation else []
    return set(scopes_of(connection)) - set(granted)


def lacking_reasons(connection: Connection) -> dict[str, str]:
    """What a Slack that is connected has not allowed yet, because the app has learnt it since; each with its reason."""
    installation = connection.installation
    if installation is None or installation.state != Installation.State.ACTIVE or not installation.scopes:
        return {}
    missing = lacking_scopes(connection)
    return {scope: reason for scope, reason in scopes_of(connection).items() if scope in missing}


def begin(user: User, connection: Connection, browser_secret: str) -> str:
    """Slack's address to send the browser to. `browser_secret` lives in this browser's cookie alone."""
    check_configured()
    state = states.issue(states.CONNECT, browser_secret, user=user, connection=connection)
    return authorize_url(state, scopes_of(connection))


def check_configured() -> None:
    if not settings.SLACK_CLIENT_ID:
        raise Refused(
            "not_configured",
            "This server has no Slack app yet. Its operator sets SLACK_CLIENT_ID and two secrets.",
        )


def authorize_url(state: str, scopes: Iterable[str] = SCOPES) -> str:
    query = {
        "client_id": settings.SLACK_CLIENT_ID,
        "scope": ",".join(scopes),
        "state": state,
        "redirect_uri": redirect_uri(),
    }
    return f"{settings.SLACK_WEB_URL}/oauth/v2/authorize?{urlencode(query)}"


def take_state(state: str, browser_secret: str, user: User) -> OAuthState:
    """The state of an install from the console, which only the user who began it may bring back."""
    row = states.take(state, browser_secret, states.CONNECT)
    if row.user_id != user.pk:
        raise states.other_browser()
    return row


def finish(row: OAuthState, code: str) -> Connection:
    """Exchanges the code and stores what it gave. Calls Slack: never inside a transaction."""
    connection = row.connection
    if connection is None:
        raise Refused("bad_state", "The connection this was for is gone. Please start again.")
    found = exchange(code)
    try:
        _check_same_team(connection, found)
    except Refused as refusal:
        raise giving_back.refused(found, refusal) from refusal
    installation = actions.store_installation(found)
    actions.attach_installation(connection, installation)
    connection.refresh_from_db()
    return connection


def exchange(code: str) -> dict[str, Any]:
    """The columns of an Installation. `Refused` when Slack says no, does not answer, or grants less than is needed."""
    answer = _asked(code)
    found = _columns(answer, {})
    try:
        found = _columns(answer, client.call("auth.test", answer["access_token"]))
        if missing := sorted(set(SCOPES) - set(found["scopes"])):
            raise Refused(
                "missing_scope", f"Slack did not grant {', '.join(missing)}. Please allow all that is listed."
            )
    except Refused as refusal:
        raise giving_back.refused(found, refusal) from refusal
    except SlackError as error:
        raise giving_back.refused(found, _no_answer(error)) from error
    return found


def _asked(code: str) -> dict[str, Any]:
    try:
        answer = client.call(
            "oauth.v2.access",
            "",
            code=code,
            client_id=settings.SLACK_CLIENT_ID,
            client_secret=settings.SLACK_CLIENT_SECRET,
            redirect_uri=redirect_uri(),
        )
        if not isinstance(answer.get("access_token"), str):
            raise Unknown("Slack gave no key")
    except Answered as error:
        raise Refused(error.code, why(error.code)) from error
    except SlackError as error:
        there = " Slack may list the app already, which does no harm." if isinstance(error, Unknown) else ""
        raise Refused(
            "slack_away",
            f"Slack did not answer. Nothing was changed here; please try again in a moment.{there}",
        ) from error
    return answer


def _no_answer(error: SlackError) -> Refused:
    """To what was asked with the key that Slack had just given."""
    if isinstance(error, Answered):
        return Refused(error.code, f"Slack refused to connect ({error.code}). Please start again.")
    return Refused("slack_away", "Slack did not answer. Please try again in a moment.")


def why(code: str) -> str:
    if code in ("invalid_code", "code_already_used"):
        return "Slack's code was used before or has expired. Nothing was changed; please start again."
    return f"Slack refused to connect ({code}). Nothing was changed; please start again."


def _columns(answer: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    team, enterprise, person = (_mapping(answer.get(name)) for name in ("team", "enterprise", "authed_user"))
    return {
        "slack_team_id": str(team.get("id") or ""),
        "enterprise_id": str(enterprise.get("id") or "") if answer.get("is_enterprise_install") else "",
        "app_id": str(answer.get("app_id") or ""),
        "team_name": clean_name(str(team.get("name") or enterprise.get("name") or ""), 120),
        "team_url": str(who.get("url") or "")[:200],
        **pair_of(answer).columns(),
        "bot_user_id": str(answer.get("bot_user_id") or who.get("user_id") or ""),
        "bot_id": str(who.get("bot_id") or ""),
        "scopes": sorted(str(answer.get("scope") or "").split(",")),
        "installed_by_slack_user_id": str(person.get("id") or ""),
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_same_team(connection: Connection, found: dict[str, Any]) -> None:
    """Connecting again must not move a site's chats to another company's Slack by a wrong click."""
    known = connection.installation
    other = known is not None and any(
        getattr(known, name) != found[name] for name in ("slack_team_id", "enterprise_id")
    )
    if known is not None and connection.channel_id and other:
        raise Refused(
            "wrong_workspace",
            f"This site is connected to {known.team_name}. "
            f"You chose {found['team_name']}: disconnect first to move it.",
        )
