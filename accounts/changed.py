"""What a change of settings was, as the audit log keeps it: of each field what it was and what it is now."""

from collections.abc import Mapping
from typing import Any

from accounts.secret import Secret

Changes = dict[str, list[Any]]
LONGEST = 200
# of two long texts so much is kept from before the place where they part
LEAD = 20


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """{field: [before, after]} of what differs, as JSON takes it. Numbers and ticks stay as they are, the rest is text.

    Fields are named as a person would call them. A Secret among them is a mistake of ours and raises.
    """
    names = [*before, *(name for name in after if name not in before)]
    pairs = ((name, _plain(before.get(name)), _plain(after.get(name))) for name in names)
    return {name: _short(old, new) for name, old, new in pairs if old != new}


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        raise TypeError("A secret does not go into the audit log, neither old nor new.")
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(_plain(one)) for one in value)
    if isinstance(value, str):
        return str(value) or None
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _short(old: Any, new: Any) -> list[Any]:
    """Long texts are cut; two that begin alike are told from shortly before they differ."""
    if not isinstance(old, str) or not isinstance(new, str):
        return [_cut(one) for one in (old, new)]
    pairs = enumerate(zip(old, new, strict=False))
    parting = next((place for place, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = parting - LEAD if parting > LONGEST // 2 else 0
    return [_cut(one, start) for one in (old, new)]


def _cut(value: Any, start: int = 0) -> Any:
    if not isinstance(value, str):
        return value
    text = f"…{value[start:]}" if start else value
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
