"""*Show open chats*: from anywhere in Slack, the chats of the sites whose workspace one is linked to."""

from django.conf import settings

from accounts.errors import Refused
from accounts.permissions import may
from slackapp import rights
from slackapp.addresses import thread_of
from slackapp.asked import Asked, Json
from slackapp.commands import listing, scope
from slackapp.features import COMMAND
from slackapp.modals.modal import SHORT, Modal, plain
from slackapp.modals.words import context, section
from slackapp.models import ChatLink, Connection

SHOWN = 30
MORE = "And {count} more in the console: {url}"
NOT_LINKED = (
    "Link your Slack account, and the open chats of your website are shown here: {url} "
    "In the channel where visitors’ chats arrive, {command} list shows them to everybody."
)


def opened(asked: Asked) -> Json:
    members = asked.members()
    connections = list(rights.connections_for(asked.installation, members, "")) if members else []
    if not connections:
        url = f"{settings.CONSOLE_URL}/console/slack"
        raise Refused("not_linked", NOT_LINKED.format(url=url, command=COMMAND))
    return {
        "title": plain("Open chats", SHORT),
        "close": plain("Done", SHORT),
        "blocks": [*_chats(connections), *_settings(asked)],
    }


def _chats(connections: list[Connection]) -> list[Json]:
    chats = scope.open_chats(connections)
    count, found = chats.count(), list(chats[:SHOWN])
    if not found:
        return [section(listing.NONE)]
    blocks = [block for link in found for block in _row(link)]
    url = f"{settings.CONSOLE_URL}/console/chats"
    return [*blocks, context(MORE.format(count=count - SHOWN, url=url))] if count > SHOWN else blocks


def _row(link: ChatLink) -> list[Json]:
    buttons = [_button("chat.manage", "Manage…", str(link.pk))]
    if url := thread_of(link):
        buttons.insert(0, {**_button("chat.open", "Go to the chat", str(link.pk)), "url": url})
    return [
        section(listing.line(link)),
        {"type": "actions", "block_id": f"open:{link.pk}", "elements": buttons},
    ]


def _settings(asked: Asked) -> list[Json]:
    if not any(may(one, "slack.edit") for one in asked.members()):
        return []
    return [
        {"type": "divider"},
        {"type": "actions", "elements": [_button("settings.edit", "Settings…", "any")]},
    ]


def _button(action_id: str, words: str, value: str) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(words, 75), "value": value}


OPEN_CHATS = Modal(open=opened)
