"""A note that somebody writes in a form in Slack: kept for the team, and shown in the chat's thread as one."""

from accounts.models import Agent
from livechat.actions import messages
from livechat.models import Message
from slackapp import copies
from slackapp.models import ChatLink


def keep(link: ChatLink, agent: Agent | None, body: str) -> Message:
    """Inside a transaction; locks the chat's row. Colleagues in Slack see the note where the chat is."""
    note = messages.post_note(link.chat_id, agent, body)
    copies.remark(link, note, note="yes")
    return note
