"""Protocol 1 of the visitor socket: what a client frame may hold, and the words of refusal (docs/protocol.md)."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.errors import Refused
from livechat.models import MAX_BODY

PROTOCOL = 1
MAX_FRAME = 131_072
BAD_FRAMES_A_MINUTE = 10
HELLO_SECONDS = 10
MOST_ANSWERS, LONGEST_COMMENT = 20, 2000

BAD_FRAMES, NOT_ACCEPTED, ORIGIN, TOO_SLOW, TOO_MANY, RESTARTING = 4400, 4401, 4403, 4408, 4429, 1012

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
EMPTY = "The message is empty."
SURROGATES = re.compile("[\ud800-\udfff]")

Check = Callable[[Any], Any]


class BadFrame(Refused):
    def __init__(self, sentence: str) -> None:
        super().__init__("bad_frame", sentence)


def body(value: Any) -> str:
    """What a visitor wrote, exactly; refused if no keyboard can have made it or if it is empty or too long."""
    if not isinstance(value, str):
        raise BadFrame("The text of the message must be a string.")
    if SURROGATES.search(value) or CONTROLS.search(value):
        raise BadFrame("The message holds characters that are not text.")
    if not value.strip():
        raise BadFrame(EMPTY)
    if len(value) > MAX_BODY:
        raise Refused(
            "too_long", f"The message is longer than {MAX_BODY:,} characters. Please send it in parts."
        )
    return value


def body_or_nothing(value: Any) -> str:
    """`body` of a message that may have files instead of words."""
    return "" if isinstance(value, str) and not value.strip() else body(value)


def label(limit: int) -> Check:
    """A word about the visitor's page or browser: cleaned and cut, never a reason to refuse."""

    def check(value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadFrame("A text was expected.")
        return " ".join(SURROGATES.sub("\ufffd", CONTROLS.sub(" ", value)).split())[:limit]

    return check


@dataclass(frozen=True, slots=True)
class Given:
    """An id that a client made, and how it writes it: its ack says it the same way."""

    id: uuid.UUID
    text: str


def identifier(value: Any) -> Given:
    try:
        return Given(uuid.UUID(value), value) if isinstance(value, str) and len(value) <= 40 else _bad_id()
    except ValueError:
        return _bad_id()


def _bad_id() -> Given:
    raise BadFrame("An id is not one of ours.")


def optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise BadFrame("A whole number from 0 was expected.")
    return value


def one(expected: int) -> Check:
    def check(value: Any) -> int:
        if value != expected or isinstance(value, bool):
            raise BadFrame(f"Only protocol {expected} is spoken here.")
        return expected

    return check


def string(limit: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise BadFrame(f"A text of at most {limit} characters was expected.")
        return value

    return check


def identifiers(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 10:
        raise BadFrame("A list of at most ten ids was expected.")
    return tuple(string(64)(item) for item in value)


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadFrame("An object was expected.")
    return value


def answers(value: Any) -> dict[str, Any]:
    """Of a form: what each of them may be, `livechat.questions` knows."""
    if len(mapping(value)) > MOST_ANSWERS:
        raise BadFrame(f"At most {MOST_ANSWERS} answers were expected.")
    return dict(value)


def stars(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise BadFrame("One to five stars were expected.")
    return value


def comment(value: Any) -> str:
    """Beside the stars; nothing is a comment too."""
    if not isinstance(value, str) or SURROGATES.search(value) or CONTROLS.search(value):
        raise BadFrame("The comment must be a text.")
    if len(value) > LONGEST_COMMENT:
        raise Refused("too_long", f"The comment is longer than {LONGEST_COMMENT:,} characters.")
    return value.strip()


@dataclass(frozen=True, slots=True)
class Page:
    url: str = ""
    title: str = ""
    referrer: str = ""
    department: str = ""


PAGE_FIELDS: dict[str, Check] = {
    "url": label(2000),
    "title": label(200),
    "referrer": label(2000),
    "department": label(80),
}


def page(value: Any) -> Page:
    known = mapping(value) if value is not None else {}
    for name in known.keys() - PAGE_FIELDS.keys():
        raise BadFrame(f"The field {label(40)(name)!r} is not known in page.")
    return Page(**{name: check(known.get(name)) for name, check in PAGE_FIELDS.items()})


@dataclass(frozen=True, slots=True)
class Shape:
    required: dict[str, Check]
    optional: dict[str, Check]


FRAMES: dict[str, Shape] = {
    "hello": Shape(
        {"protocol": one(PROTOCOL), "site": string(64)},
        {
            "visitor_token": optional(string(200)),
            "chat": optional(string(64)),
            "last_rev": count,
            "page": page,
            "locale": label(35),
            "timezone": label(64),
            "identity": optional(string(8000)),
        },
    ),
    "message": Shape(
        {"client_message_id": identifier, "body": body_or_nothing}, {"attachments": identifiers}
    ),
    "edit": Shape({"id": string(64), "body": body}, {}),
    "withdraw": Shape({"id": string(64)}, {}),
    "seen": Shape({"seq": count}, {}),
    "typing": Shape({}, {}),
    "page": Shape({"url": label(2000)}, {"title": label(200), "department": label(80)}),
    "sync": Shape({"last_rev": count}, {"chat": optional(string(64))}),
    "form": Shape({"fields": answers}, {}),
    "rate": Shape({"stars": stars}, {"comment": optional(comment)}),
    "end": Shape({}, {}),
}


def read(text: str | None) -> dict[str, Any]:
    """The JSON object of a frame, with a known `type`, before its fields are checked."""
    if text is None:
        raise BadFrame("Only text frames are spoken here.")
    try:
        frame = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadFrame("The frame is not JSON.") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("A frame is an object with a type.")
    if frame["type"] not in FRAMES:
        raise BadFrame("Frames of this type are not known.")
    return frame


def _no_constant(name: str) -> None:
    raise ValueError(name)


def fields(frame: dict[str, Any]) -> dict[str, Any]:
    """The checked fields of a frame from `read`; unknown and missing ones are refused by name."""
    shape = FRAMES[frame["type"]]
    for name in frame:
        if name != "type" and name not in shape.required and name not in shape.optional:
            raise BadFrame(f"The field {label(40)(name)!r} is not known in {frame['type']}.")
    for name in shape.required:
        if name not in frame:
            raise BadFrame(f"The field {name!r} is missing in {frame['type']}.")
    checks = shape.required | shape.optional
    return {name: check(frame[name]) for name, check in checks.items() if name in frame}


def error(refusal: Refused, frame: dict[str, Any] | None = None) -> dict[str, Any]:
    """The `error` frame for a refused `frame`, whose ids it carries back."""
    return {
        "type": "error",
        "code": refusal.code,
        "detail": refusal.sentence,
        "retry_ms": refusal.retry_ms,
        "client_message_id": _echoed(frame, "client_message_id", 40),
        "id": _echoed(frame, "id", 64),
    }


def _echoed(frame: dict[str, Any] | None, name: str, limit: int) -> str | None:
    """Only what can be sent at all: a lone surrogate is valid JSON and no UTF-8."""
    value = frame.get(name) if frame else None
    return value if isinstance(value, str) and len(value) <= limit and not SURROGATES.search(value) else None
