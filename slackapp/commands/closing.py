"""`close`: the chat of this channel, or the one that is named; where several may be meant, a choice."""

import re

from django.db import transaction

from accounts.errors import Refused
from livechat.actions import chats, messages
from slackapp import rights
from slackapp.asked import Asked
from slackapp.commands import scope
from slackapp.commands.listing import SHOWN, handle, shown
from slackapp.commands.verb import Answer
from slackapp.features import COMMAND
from slackapp.models import ChatLink, Connection

NONE = "No chat is open here."
UNKNOWN = "No open chat here is called “{name}”. " + f"{COMMAND} list shows them all."
WHICH = "Which chat?"
HOW_TO_OPEN = "An answer to the visitor opens it again."


def close(asked: Asked) -> Answer:
    links = meant(asked)
    if len(links) > 1:
        more = f"And {len(links) - SHOWN} more. Type more of the name." if len(links) > SHOWN else ""
        return Answer(WHICH, shown(WHICH, links[:SHOWN], more))
    return Answer(_close(asked, links[0]))


def meant(asked: Asked) -> list[ChatLink]:
    """One at least. Raises Refused if there is none."""
    connections = scope.connections(asked)
    here = chat_here(asked, connections)
    if not asked.value and here is not None:
        return [here]
    links = list(scope.open_chats(connections))
    found = _called(asked.value, links)
    if not found:
        raise Refused("unknown", UNKNOWN.format(name=asked.value[:80]) if links else NONE)
    return found


def chat_here(asked: Asked, connections: list[Connection]) -> ChatLink | None:
    """The chat that has this channel to itself, where there is one."""
    here = rights.chat_of_room(asked.installation, asked.channel_id)
    return here if here is not None and here.connection in connections else None


def _called(name: str, links: list[ChatLink]) -> list[ChatLink]:
    """By its short name or number, by the visitor's whole name, then by a part of it. All of them without a name."""
    wanted = name.casefold().strip("()").removeprefix("#")
    exact = [link for link in links if wanted and _is_numbered(link, wanted)]
    whole = [link for link in links if link.chat.visitor.display_name.casefold() == wanted]
    return exact or whole or [link for link in links if wanted in link.chat.visitor.display_name.casefold()]


def _is_numbered(link: ChatLink, wanted: str) -> bool:
    if wanted in (handle(link).removeprefix("#"), link.channel_id.casefold() if link.is_noisy else ""):
        return True
    if len(wanted) >= 4 and link.pk.hex.startswith(wanted.replace("-", "")):
        return True
    number = re.search(r"\d+$", link.room_name) if link.is_noisy else None
    return number is not None and wanted.isdecimal() and int(number[0]) == int(wanted)


def _close(asked: Asked, link: ChatLink) -> str:
    speaker = scope.speaker(asked, link.connection)
    name = link.chat.visitor.display_name
    with transaction.atomic():
        if not messages.lock_chat(link.chat_id).is_open:
            return f"The chat with {name} is closed already. {HOW_TO_OPEN}"
        speaker.agent()
        chats.close_chat(link.chat_id)
    return f"The chat with {name} is closed. {HOW_TO_OPEN}"
