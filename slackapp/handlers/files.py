"""Files that are deleted in Slack go here as well."""

import uuid
from typing import Any

from livechat.actions import fetched
from livechat.actions.messages import lock_chat
from slackapp.access import copies_of_file
from slackapp.handlers.heard import Act, Heard
from slackapp.models import Installation

Copies = list[tuple[uuid.UUID, uuid.UUID]]


def on_file_deleted(heard: Heard) -> Act | None:
    file_id = heard.event.get("file_id")
    if not isinstance(file_id, str):
        return None
    copies = copies_of_file(heard.installation, file_id)
    return (lambda: drop(copies)) if copies else None


def copies_that_are_gone(installation: Installation, line: dict[str, Any]) -> Copies:
    """Of a line that was edited. `file_deleted` may name another company than the one whose chat this is."""
    files = line.get("files")
    files = [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    buried = [str(file.get("id")) for file in files if file.get("mode") == "tombstone"]
    return [copy for file_id in buried for copy in copies_of_file(installation, file_id)]


def drop(copies: Copies) -> None:
    for chat_id, copy_id in copies:
        fetched.drop(lock_chat(chat_id), copy_id)
