"""The control API: the clock, acts of people, faults, and a look behind the scenes. JSON in, JSON out."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from stripe_sandbox import by_hand, cards, checkout, disputes, renewing
from stripe_sandbox.model import Json
from stripe_sandbox.options import CHOICES
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

Act = Callable[[Sandbox, Json], Json | Awaitable[Json]]


class Wrong(Exception):
    """What was asked for cannot be done; says why."""


def reset(box: Sandbox, asked: Json) -> Json:
    box.reset()
    return {}


def clock(box: Sandbox, asked: Json) -> Json:
    """`advance` seconds, or `to` a moment; `stand` or `run`; `factor` of the webhooks' retries."""
    ahead = float(asked.get("advance", 0))
    if "to" in asked:
        ahead = int(asked["to"]) - box.clock.there
    if ahead < 0:
        raise Wrong("the clock is never set back")
    if "factor" in asked:
        if float(asked["factor"]) <= 0:
            raise Wrong("the clock's factor must be above 0")
        box.clock.set_factor(float(asked["factor"]))
    if asked.get("stand"):
        box.clock.stand(box.clock.there)
    if asked.get("run"):
        box.clock.run()
    box.clock.advance(ahead)
    happened = renewing.catch_up(box)
    box.keeper.touch()
    return {"now": box.now(), "happened": happened, "next": renewing.next_moment(box)}


def seed(box: Sandbox, asked: Json) -> Json:
    box.faults.random.seed(int(asked["seed"]))
    return {}


def end_state(box: Sandbox, asked: Json) -> Json:
    if asked["state"] not in CHOICES["end_state"]:
        raise Wrong(f"the end state is one of {', '.join(CHOICES['end_state'])}")
    box.end_state = asked["state"]
    return {}


def add_fault(box: Sandbox, asked: Json) -> Json:
    settings = {key: value for key, value in asked.items() if key not in ("method", "kind")}
    return {"id": box.faults.add(str(asked["method"]), str(asked["kind"]), **settings).id}


def roll_secret(box: Sandbox, asked: Json) -> Json:
    """A new secret; the old one signs beside it for `overlap` seconds of Stripe's time."""
    endpoint = str(asked.get("endpoint", "we_sandbox"))
    box.get("webhook_endpoint", endpoint)
    overlap = int(asked.get("overlap", 86400))
    kept = box.world.beside(endpoint)["secrets"]
    for one in kept:
        one["until"] = one["until"] or box.now() + overlap
    fresh = str(asked.get("secret") or "whsec_" + box.world.new_id("event")[4:])
    box.world.beside(endpoint)["secrets"] = [{"secret": fresh, "until": None}, *kept]
    box.keeper.touch()
    return {"secret": fresh}


def pay(box: Sandbox, asked: Json) -> Json:
    """Fills in Checkout without a browser. `challenge`: pass, fail or abandon; null `card` where none is needed."""
    session = box.get("checkout.session", str(asked["session"]))
    renewing.catch_up(box)
    owner = box.world.table("customer").get(session["customer"] or "", {})
    details = {
        "email": owner.get("email") or asked.get("email", "owner@acme.example"),
        "name": asked.get("name", "Acme GmbH"),
        "country": asked.get("country", "DE"),
        "postal_code": asked.get("postal_code", "10115"),
        "tax_id": asked.get("tax_id", ""),
        "expires": by_hand.EXPIRES,
    }
    if asked.get("code") and not checkout.use_code(box, session, str(asked["code"])):
        raise Wrong("there is no such promotion code")
    card = _card(asked) if asked.get("card", "4242424242424242") else None
    if card is None and checkout.needs_card(session):
        raise Wrong("this session needs a card")
    outcome = checkout.submit(box, session, card, details)
    where = _answer_bank(box, outcome, asked)
    return {"outcome": outcome, "status": session["status"], "location": where or checkout.back_to(session)}


def _card(asked: Json) -> cards.Card:
    card = cards.known(str(asked.get("card", "4242424242424242")))
    if card is None:
        raise Wrong(f"no such test card; there are {', '.join(cards.CARDS)}")
    return card


def _answer_bank(box: Sandbox, outcome: str, asked: Json) -> str:
    answer = asked.get("challenge", "pass")
    if not outcome.startswith("3ds_") or answer == "abandon":
        return ""
    return by_hand.decide(box, outcome, answer == "pass")


def pay_invoice(box: Sandbox, asked: Json) -> Json:
    """As on the invoice's page: with the saved card, or with `card`."""
    invoice = box.get("invoice", str(asked["invoice"]))
    card = _card(asked) if "card" in asked else None
    method = None if card else asked.get("method") or _saved(box, invoice)
    outcome = by_hand.pay_invoice(box, invoice, card, method, by_hand.EXPIRES)
    _answer_bank(box, outcome, asked)
    return {"outcome": outcome, "status": invoice["status"]}


def _saved(box: Sandbox, invoice: Json) -> str:
    found = cards.of_customer(box, invoice["customer"])
    if not found:
        raise Wrong("the customer has no card: name one")
    return str(found[0]["id"])


def card(box: Sandbox, asked: Json) -> Json:
    """Gives a customer a card, as the portal does; 3-D Secure is passed."""
    customer = box.get("customer", str(asked["customer"]))
    return {"method": by_hand.use_card(box, customer["id"], _card(asked), by_hand.EXPIRES, proved=True)["id"]}


def remove_card(box: Sandbox, asked: Json) -> Json:
    cards.detach(box, box.get("payment_method", str(asked["method"])))
    return {}


def resend(box: Sandbox, asked: Json) -> Json:
    """Sends an event again, to every endpoint that wants it."""
    box.postman.announce(box.get("event", str(asked["event"])))
    return {}


def emit(box: Sandbox, asked: Json) -> Json:
    """Any event with any object, as it is."""
    return {
        "event": box.tell(str(asked["type"]), dict(asked["object"]), asked.get("previous_attributes"))["id"]
    }


ACTS: dict[str, Act] = {
    "reset": reset,
    "clock": clock,
    "seed": seed,
    "end_state": end_state,
    "faults": add_fault,
    "roll_secret": roll_secret,
    "pay": pay,
    "pay_invoice": pay_invoice,
    "card": card,
    "remove_card": remove_card,
    "refund": disputes.refund,
    "dispute": disputes.dispute,
    "close_dispute": disputes.close,
    "fraud_warning": disputes.fraud_warning,
    "resend": resend,
    "emit": emit,
}


def state(box: Sandbox, asked: Json) -> Json:
    """Everything that is kept, by kind; events and secrets left out."""
    tables = {kind: list(rows.values()) for kind, rows in box.world.tables.items() if kind != "event"}
    return {"now": box.now(), "next": renewing.next_moment(box), **tables}


def requests(box: Sandbox, asked: Json) -> Json:
    return {"requests": box.requests.since(int(asked.get("since", 0)))}


def webhooks(box: Sandbox, asked: Json) -> Json:
    return {"webhooks": box.postman.journal.since(int(asked.get("since", 0)))}


def pending(box: Sandbox, asked: Json) -> Json:
    return {"webhooks": box.postman.open}


def list_faults(box: Sandbox, asked: Json) -> Json:
    return {"faults": box.faults.listed()}


LOOKS: dict[str, Callable[[Sandbox, Json], Json]] = {
    "state": state,
    "requests": requests,
    "webhooks": webhooks,
    "pending": pending,
    "faults": list_faults,
}


class Control:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/_control/{act}", self.act, methods=["POST"]),
            Route("/_control/{look}", self.look, methods=["GET"]),
            Route("/_control/faults", self.clear_faults, methods=["DELETE"]),
        ]

    async def act(self, request: Request) -> Response:
        act = ACTS.get(request.path_params["act"])
        if act is None:
            return _wrong(f"no such act; there are {', '.join(ACTS)}", 404)
        if not request.headers.get("content-type", "application/json").startswith("application/json"):
            return _wrong("send JSON", 415)  # keeps other sites' forms out
        try:
            done = act(self.box, await _body(request))
            answer = done if isinstance(done, dict) else await done
        except KeyError as missing:
            return _wrong(f"missing {missing}")
        except Refusal as refusal:
            return JSONResponse(
                {"ok": False, "error": refusal.error["message"], "refusal": refusal.error}, 400
            )
        except (Wrong, ValueError, TypeError) as problem:
            return _wrong(str(problem))
        return JSONResponse({"ok": True, **answer})

    async def look(self, request: Request) -> Response:
        look = LOOKS.get(request.path_params["look"])
        if look is None:
            return _wrong(f"nothing to see; there are {', '.join(LOOKS)}", 404)
        try:
            return JSONResponse({"ok": True, **look(self.box, dict(request.query_params))})
        except ValueError as problem:
            return _wrong(str(problem))

    async def clear_faults(self, request: Request) -> Response:
        wanted = request.query_params.get("id")
        self.box.faults.clear(int(wanted) if wanted else None)
        return JSONResponse({"ok": True})


async def _body(request: Request) -> Json:
    given: Any = json.loads(await request.body() or b"{}")
    if not isinstance(given, dict):
        raise Wrong("send a JSON object")
    return given


def _wrong(sentence: str, status: int = 400) -> Response:
    return JSONResponse({"ok": False, "error": sentence}, status)
