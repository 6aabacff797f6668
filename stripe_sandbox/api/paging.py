"""Lists: newest first, cut by limit and cursor, filtered by creation."""

from stripe_sandbox.api.registry import Call
from stripe_sandbox.model import Json
from stripe_sandbox.refusals import invalid, missing

MOST, USUAL = 100, 10


def page(call: Call, rows: list[Json], url: str) -> Json:
    """`rows` are the newest first."""
    limit = call.args.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        invalid(f"This value must be between 1 and {MOST}.", "limit", "parameter_invalid_integer")
    rows = [row for row in rows if _created(row, call.args.get("created", {}))]
    after, before = call.args.get("starting_after"), call.args.get("ending_before")
    if after:
        rows = rows[_place(rows, after, "starting_after") + 1 :]
    if before:
        earlier = rows[: _place(rows, before, "ending_before")]
        return listed(earlier[-limit:], url, has_more=len(earlier) > limit)
    return listed(rows[:limit], url, has_more=len(rows) > limit)


def listed(rows: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}


def _place(rows: list[Json], identifier: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == identifier:
            return place
    raise missing("object", identifier, param, 400)


def _created(row: Json, limits: Json) -> bool:
    at = int(row.get("created", 0))
    return bool(
        at > limits.get("gt", -1)
        and at >= limits.get("gte", 0)
        and at < limits.get("lt", at + 1)
        and at <= limits.get("lte", at)
        and at == limits.get("exactly", at)
    )
