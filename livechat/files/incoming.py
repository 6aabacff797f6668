"""The one way in for every file, whoever sent it: recognised, made harmless, stored. No rows are touched here."""

from dataclasses import dataclass
from typing import BinaryIO

from livechat.files import store
from livechat.files.kinds import recognise
from livechat.files.names import clean_name
from livechat.files.pictures import write_anew

MEGABYTE = 1024 * 1024
MOST_FROM_VISITOR = 10 * MEGABYTE
MOST_FROM_AGENT = 25 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Keys:
    """Places in the storage, noted as orphans before anything lies there."""

    content: str
    thumbnail: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What now lies in the storage. `thumbnail_key` is empty, width and height None unless it is a picture."""

    name: str
    size: int
    content_type: str
    key: str
    thumbnail_key: str = ""
    width: int | None = None
    height: int | None = None


def new_keys() -> Keys:
    return Keys(store.new_key(), store.new_key())


def take_in(source: BinaryIO, given_name: str, keys: Keys) -> Stored:
    """`source`: a real file, seekable. Refused with a sentence for the person; may take seconds, so not on a loop."""
    kind, name = recognise(source, clean_name(given_name))
    if not kind.is_picture:
        return Stored(name, store.put(keys.content, source), kind.content_type, keys.content)
    picture = write_anew(source, kind)
    with picture.content, picture.thumbnail:
        size = store.put(keys.content, picture.content)
        store.put(keys.thumbnail, picture.thumbnail)
    return Stored(name, size, kind.content_type, keys.content, keys.thumbnail, picture.width, picture.height)
