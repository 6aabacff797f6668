"""What stands in the index of a message or a chat: its words, and marks by which a search is narrowed.

A mark begins with `#`, which no word does. Marks of ids are cut short: what they find is looked at once more.
"""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from livechat.search.words import terms

VISITOR, AGENT, NOTE, FILE, ABOUT = "#visitor", "#agent", "#note", "#file", "#about"
# more positions than PostgreSQL keeps of a text, and longer than a message may be
MOST_WORDS = 8000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def marks_of_ids(workspace_id: uuid.UUID, site_id: uuid.UUID, chat_id: uuid.UUID) -> list[str]:
    return [of_workspace(workspace_id), of_site(site_id), of_chat(chat_id)]


def of_workspace(workspace_id: uuid.UUID) -> str:
    return f"#w{workspace_id.hex[:8]}"


def of_site(site_id: uuid.UUID) -> str:
    return f"#s{site_id.hex[:8]}"


def of_chat(chat_id: uuid.UUID) -> str:
    return f"#c{chat_id.hex[:8]}"


def text_of(said: Iterable[str], marks: Iterable[str], vendor: str) -> str:
    """For `SearchLine.words`, as this database takes it."""
    found = [word for text in said for word in terms(text)][:MOST_WORDS]
    return _vector(found, marks) if vendor == "postgresql" else " ".join([*found, *marks])


def _vector(found: list[str], marks: Iterable[str]) -> str:
    """`'red':1,5 'boots':2 '#agent'`: neither words nor marks hold a sign that would have to be escaped."""
    places: dict[str, list[int]] = {}
    for number, word in enumerate(found, 1):
        places.setdefault(word, []).append(number)
    words = [f"'{word}':{','.join(map(str, numbers))}" for word, numbers in places.items()]
    return " ".join([*words, *(f"'{mark}'" for mark in marks)])
