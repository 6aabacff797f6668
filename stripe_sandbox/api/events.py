"""Events, and the endpoints they are sent to."""

import copy

from stripe_sandbox.api.paging import listed, page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.event_types import EVENT_TYPES
from stripe_sandbox.model import Json
from stripe_sandbox.options import API_VERSION
from stripe_sandbox.params import META, Text, merge_metadata
from stripe_sandbox.refusals import invalid, missing
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.seeding import add_endpoint

KEPT_SECONDS = 30 * 86400
SENT_TO = {"enabled_events": [str], "url": str, "description": Text(), "metadata": META}


def readable(box: Sandbox) -> list[Json]:
    """Events can be read for thirty days."""
    return [row for row in box.world.rows("event") if row["created"] > box.now() - KEPT_SECONDS]


@endpoint("events.retrieve", "GET /v1/events/{id}")
def event(call: Call) -> Json:
    found = next((row for row in readable(call.box) if row["id"] == call.id), None)
    if found is None:
        raise missing("event", call.id)
    return found


@endpoint(
    "events.list",
    "GET /v1/events",
    {**PAGE, **CREATED, "delivery_success": bool, "type": str, "types": [str]},
)
def events(call: Call) -> Json:
    types = call.args.get("types") or ([call.args["type"]] if "type" in call.args else [])
    rows = [row for row in readable(call.box) if not types or any(_fits(row["type"], one) for one in types)]
    if "delivery_success" in call.args:
        wanted = call.args["delivery_success"]
        rows = [row for row in rows if _taken(call.box, row) is wanted]
    return page(call, rows, "/v1/events")


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted.endswith("*") and kind.startswith(wanted[:-1]))


def _taken(box: Sandbox, row: Json) -> bool:
    """Nobody to tell is no failure."""
    return bool(box.world.beside(row["id"]).get("taken", row["pending_webhooks"] == 0))


@endpoint(
    "webhook_endpoints.create",
    "POST /v1/webhook_endpoints",
    {**SENT_TO, "url!": str, "enabled_events!": [str], "api_version": str},
)
def create(call: Call) -> Json:
    """The only answer that carries the secret."""
    args = dict(call.args)
    _check(args)
    if args.pop("api_version", API_VERSION) != API_VERSION:
        invalid(f"Invalid API version. This sandbox renders events in {API_VERSION}.", "api_version")
    url, types = args.pop("url"), args.pop("enabled_events")
    secret = "whsec_" + call.box.world.new_id("event")[4:]
    made = add_endpoint(call.box.world, call.box.now(), url, types, secret, **args)
    return {**copy.deepcopy(made), "secret": secret}


@endpoint("webhook_endpoints.update", "POST /v1/webhook_endpoints/{id}", {**SENT_TO, "disabled": bool})
def update(call: Call) -> Json:
    row, args = call.box.get("webhook_endpoint", call.id), dict(call.args)
    _check(args)
    if "disabled" in args:
        row["status"] = "disabled" if args.pop("disabled") else "enabled"
    row["metadata"] = merge_metadata(row["metadata"], args.pop("metadata", row["metadata"]))
    row.update(args)
    return row


@endpoint("webhook_endpoints.retrieve", "GET /v1/webhook_endpoints/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("webhook_endpoint", call.id)


@endpoint("webhook_endpoints.delete", "DELETE /v1/webhook_endpoints/{id}")
def delete(call: Call) -> Json:
    call.box.get("webhook_endpoint", call.id)
    del call.box.world.table("webhook_endpoint")[call.id]
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


@endpoint("webhook_endpoints.list", "GET /v1/webhook_endpoints", PAGE)
def endpoints(call: Call) -> Json:
    if not call.args:
        return listed(call.box.world.rows("webhook_endpoint"), "/v1/webhook_endpoints")
    return page(call, call.box.world.rows("webhook_endpoint"), "/v1/webhook_endpoints")


def _check(args: Json) -> None:
    url = args.get("url", "http://")
    if not url.startswith(("http://", "https://")):
        invalid("Invalid URL: URL must be a valid HTTP address.", "url", "url_invalid")
    types = args.get("enabled_events", ["*"])
    unknown = [one for one in types if one != "*" and one not in EVENT_TYPES]
    if unknown or not types:
        invalid(f"Invalid enabled_events: {', '.join(unknown) or 'at least one is needed'}", "enabled_events")
