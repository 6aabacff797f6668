"""*Use this channel*: a site's chats arrive where the app was invited. Pressed by somebody who may choose it."""

import uuid

from django.conf import settings

from accounts.errors import Refused
from accounts.models import Member
from accounts.permissions import may
from slackapp import choosing
from slackapp.handlers.heard import Act
from slackapp.models import Connection, SlackIdentity
from slackapp.people import AskSlack
from slackapp.presses.press import Press, answered

GONE = "This site is not connected to Slack any more. Nothing was changed."


def use(press: Press) -> Act | None:
    """Slack is asked while the event is read; doing it twice changes nothing more."""
    connection = _wanted(press)
    if connection is None:
        return answered(press, GONE)
    member = _member(press, connection)
    if member is None:
        return answered(press, not_you())
    here = f"Chats of {connection.site.name} arrive here"
    if connection.channel_id == press.channel_id:
        return answered(press, f"{here}.")
    if not press.heard.may_ask:
        raise AskSlack
    try:
        choosing.use_channel(member, connection, press.channel_id, in_slack=True)
    except Refused as refusal:
        return answered(press, refusal.sentence)
    return answered(press, f"{here} from now on. Chats that are open stay where they are.")


def not_you() -> str:
    return (
        "Only owners and admins of the site choose its channel, and nothing was changed. If you are one of them, link "
        f"your Slack account first: {settings.CONSOLE_URL}/console/slack"
    )


def _wanted(press: Press) -> Connection | None:
    """The id came from us and proves nothing: it must be of the Slack team where it was pressed."""
    try:
        wanted = uuid.UUID(press.value)
    except ValueError:
        return None
    found = Connection.unscoped.filter(pk=wanted, installation=press.installation)
    return (
        found.exclude(state=Connection.State.DISCONNECTED)
        .select_related("site", "workspace", "installation")
        .first()
    )


def _member(press: Press, connection: Connection) -> Member | None:
    who = SlackIdentity.objects.filter(slack_team_id=press.user_team, slack_user_id=press.user_id).first()
    if who is None or who.user_id is None:
        return None
    members = Member.objects.in_workspace(connection.workspace).select_related("user", "workspace")
    member = members.filter(user_id=who.user_id).first()
    return member if member is not None and may(member, "slack.edit") else None
