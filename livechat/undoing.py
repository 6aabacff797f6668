"""The undo that stands beside what was just done: offered once, on the next page that this session reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest

KEY = "undo"


@dataclass(frozen=True, slots=True)
class Undo:
    """`words` say what was done; posting `fields` to `path` takes it back."""

    words: str
    path: str
    fields: list[tuple[str, str]]


def offer(request: HttpRequest, words: str, path: str, fields: Sequence[tuple[str, str]] = ()) -> None:
    request.session[KEY] = {"words": words, "path": path, "fields": [list(field) for field in fields]}


def offered(request: HttpRequest) -> Undo | None:
    if KEY not in request.session:
        return None
    kept = cast("dict[str, Any]", request.session.pop(KEY))
    return Undo(kept["words"], kept["path"], [(name, value) for name, value in kept["fields"]])
