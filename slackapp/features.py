"""What the app offers in Slack, declared in its manifest: the one place for the names that Slack sends back."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

COMMAND = "/threadbell"
COMMAND_HINT = "help, status, online, away, auto, list, close, note, settings"
MANAGE_CHAT = "chat.manage"
NOTE_CHAT = "chat.note"
SHOW_CHATS = "chats.open"


def features(name: str, *, socket_mode: bool) -> dict[str, Any]:
    """The manifest's `features`. Over Socket Mode commands need no address; domains are what links look like."""
    found: dict[str, Any] = {
        # people get direct messages, and are not invited to write back where nobody would answer
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": _shortcuts(),
        "slash_commands": [_command(socket_mode)],
    }
    if domains := unfurl_domains():
        found["unfurl_domains"] = domains
    return found


def _shortcuts() -> list[dict[str, str]]:
    return [
        {
            "name": "Manage this chat",
            "type": "message",
            "callback_id": MANAGE_CHAT,
            "description": "See who has the chat, and take, snooze, close or note it",
        },
        {
            "name": "Reply as note",
            "type": "message",
            "callback_id": NOTE_CHAT,
            "description": "Write something about the chat that only your team sees",
        },
        {
            "name": "Show open chats",
            "type": "global",
            "callback_id": SHOW_CHATS,
            "description": "See the open chats of your website",
        },
    ]


def _command(socket_mode: bool) -> dict[str, Any]:
    address = {} if socket_mode else {"url": f"{settings.PUBLIC_URL}/slack/commands"}
    return {
        "command": COMMAND,
        **address,
        "description": "Chats on your website: who waits, who is there, help",
        "usage_hint": COMMAND_HINT,
        # people and channels come as ids, whatever they are called
        "should_escape": True,
    }


def unfurl_domains() -> list[str]:
    """Hosts whose links Slack shows us. Slack takes no bare names such as localhost."""
    hosts = (urlsplit(url).hostname or "" for url in (settings.PUBLIC_URL, settings.CONSOLE_URL))
    return sorted({host for host in hosts if "." in host and ":" not in host})
