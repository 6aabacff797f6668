"""Which edit of a line is the newest. Slack tells them in any order.

`edited.ts` has whole seconds, so two edits within one differ by the moment of their events alone. Slack sometimes
leaves `edited` out (docs.slack.dev/reference/events/message/message_changed), then that moment stands for both.
"""

import re
from typing import Any

TS = re.compile(r"(\d{1,11})(?:\.(\d{1,9}))?", re.ASCII)


def of(event: dict[str, Any]) -> str:
    """The edition that a `message_changed` tells of; editions compare as texts, and every edit is after none."""
    inner = event.get("message")
    edited = inner.get("edited") if isinstance(inner, dict) else None
    moment = _sortable(event.get("event_ts") or event.get("ts"))
    return f"{_sortable(edited.get('ts')) if isinstance(edited, dict) else moment}:{moment}"


def is_version(edition: str, message: dict[str, Any]) -> bool:
    """Whether that edition of a line, `""` for the line as it was written, is this version of it."""
    edited = message.get("edited")
    return edition.partition(":")[0] == (_sortable(edited.get("ts")) if isinstance(edited, dict) else "")


def _sortable(ts: object) -> str:
    """`1665102362.0136` → `01665102362.013600000`; what is no ts comes before all others."""
    found = TS.fullmatch(ts) if isinstance(ts, str) else None
    return f"{int(found[1]):011d}.{(found[2] or ''):0<9}" if found else "-"
