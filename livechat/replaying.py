"""Erasures outlive a restored backup: a list beside the files says whom to erase again.

One small file each in the storage, `erased/<id>`, with nothing in it that names anybody. It is written after the
erasure's commit; a job writes what a crash left out.
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO

from django.core.files import File
from django.core.files.storage import default_storage as storage

from livechat.actions import erasure
from livechat.events import VisitorErased
from livechat.models import Erasure

FOLDER = "erased"
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Record:
    """`visitor_hash`: SHA-256 of the visitor's id; `at`: an ISO moment."""

    erasure: str
    visitor_hash: str
    at: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def record_of(row: Erasure) -> Record:
    return Record(str(row.pk), row.visitor_hash, row.created_at.isoformat())


def keep_records() -> None:
    """What is not in the list yet. Writing one twice is harmless."""
    for row in erasure.unrecorded(AT_ONCE):
        key = f"{FOLDER}/{row.pk}"
        if not storage.exists(key):
            storage.save(key, File(BytesIO(line_of(record_of(row)).encode()), name=key))
        erasure.note_recorded(row)


def line_of(record: Record) -> str:
    return json.dumps(asdict(record))


def on_visitor_erased(fact: VisitorErased) -> None:
    keep_records()


def kept() -> Iterator[Record]:
    """The list. A file that is no record raises ValueError: nobody is passed over in silence."""
    if not storage.exists(FOLDER):
        return
    for name in sorted(storage.listdir(FOLDER)[1]):
        with storage.open(f"{FOLDER}/{name}", "rb") as content:
            yield read(content.read().decode(), name)


def read(line: str, where: str) -> Record:
    try:
        found = Record(**json.loads(line))
        uuid.UUID(found.erasure)
        if found.moment.tzinfo is None:
            raise ValueError("the moment has no zone")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} is no record of an erasure: {error}") from error
    return found


def replay(records: Iterable[Record]) -> int:
    """Erases again whoever is back; how many. Visitors who came after their erasure are somebody new and stay."""
    return sum(erasure.erase_again(visitor_id) for visitor_id in list(erasure.who_is_back(_newest(records))))


def _newest(records: Iterable[Record]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for record in records:
        found[record.visitor_hash] = max(record.moment, found.get(record.visitor_hash, record.moment))
    return found
