"""What a thread in Slack says, read back: joined posts expanded, the parts of a long line put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Post = dict[str, Any]


@dataclass
class Line:
    mids: list[str]
    text: str


def lines_of(posts: Iterable[Post]) -> list[Line]:
    """The app's own lines in the order Slack shows them; a part without its end, or out of its place, fails."""
    found: list[Line] = []
    started: list[Post] = []
    for post in sorted(posts, key=lambda post: str(post["ts"])):
        metadata = post.get("metadata") or {}
        payload = metadata.get("event_payload", {})
        if metadata.get("event_type") == "chat_part":
            assert payload["part"] == len(started) + 1, f"part {payload} after {len(started)}"
            started.append(post)
        elif metadata.get("event_type") == "chat_message":
            text = "".join(whole_text(part) for part in [*started, post])
            assert not started or payload["mids"] == [_mid(started[0])], "another line inside a long one"
            found.append(Line(list(payload["mids"]), text))
            started = []
    assert not started, "a long line without its end"
    return found


def _mid(post: Post) -> str:
    return str(post["metadata"]["event_payload"]["mid"])


def whole_text(post: Post) -> str:
    """The words in the post's rich text, as a person reads them."""
    sections = [section for block in post.get("blocks", []) for section in block.get("elements", [])]
    return "".join(
        str(element.get("text") or element.get("url") or "")
        for section in sections
        for element in section.get("elements", [])
    )
