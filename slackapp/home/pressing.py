"""Whether whoever pressed a button on their Home tab may do what it says with a chat."""

from accounts.permissions import may
from slackapp import people
from slackapp.errors import SlackError
from slackapp.handlers.heard import NotYet
from slackapp.home.viewers import is_in_channel, may_answer_as_colleague, viewer_of
from slackapp.models import ChatLink
from slackapp.people import AskSlack
from slackapp.presses.press import Press
from slackapp.speakers import PATIENCE


def may_act_on(press: Press, link: ChatLink) -> bool:
    """By what holds now, whatever was shown before. May raise AskSlack, or NotYet while Slack does not tell."""
    heard = press.heard
    try:
        viewer = viewer_of(press.installation, press.user_team, press.user_id, may_ask=heard.may_ask)
        if viewer.is_outside:
            return False
        if viewer.members:
            member = viewer.member_of(link.connection)
            return member is not None and may(member, "chats.reply")
        if not may_answer_as_colleague(link.connection):
            return False
        if link.connection.channel_id not in (link.channel_id, link.lobby_channel_id):
            return False
        if not heard.may_ask:
            raise AskSlack
        return is_in_channel(press.installation, link.connection, press.user_id)
    except (people.SlackAway, SlackError):
        raise NotYet(PATIENCE) from None
