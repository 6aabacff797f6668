"""The sandbox's own first page: who there is, what was sent, and the clock's buttons."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from stripe_sandbox import items, renewing
from stripe_sandbox.model import Json
from stripe_sandbox.pages import layout
from stripe_sandbox.pages.html import Html, el
from stripe_sandbox.pages.portal_parts import MARKS
from stripe_sandbox.periods import DAY, HOUR
from stripe_sandbox.sandbox import Sandbox

STEPS = {"1 hour": HOUR, "1 day": DAY, "1 week": 7 * DAY, "1 month": 31 * DAY}
EVENTS_SHOWN = 30


class Start:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.show),
            Route("/_page/clock", self.advance, methods=["POST"]),
            Route("/_page/resend", self.resend, methods=["POST"]),
            Route("/_page/event/{id}", self.event),
        ]

    async def show(self, request: Request) -> Response:
        body = [self._clock(), self._subscriptions(), self._sessions(), self._events()]
        return layout.frame("Start", el("h1", "Stripe sandbox"), *body, wide=True)

    async def advance(self, request: Request) -> Response:
        form = await request.form()
        if layout.from_elsewhere(request):
            return layout.nothing("Use the buttons on the sandbox's own page.", 403)
        if form.get("step") == "next":
            moment = renewing.next_moment(self.box)
            seconds = max(0, moment - self.box.now()) if moment else 0
        else:
            seconds = STEPS.get(str(form.get("step")), 0)
        self.box.clock.advance(seconds)
        renewing.catch_up(self.box)
        self.box.keeper.touch()
        return RedirectResponse("/", 303)

    async def resend(self, request: Request) -> Response:
        form = await request.form()
        event = self.box.world.table("event").get(str(form.get("event")))
        if event is None or layout.from_elsewhere(request):
            return layout.nothing("There is no such event to send again.", 404 if event is None else 403)
        self.box.postman.announce(event)
        return RedirectResponse("/", 303)

    async def event(self, request: Request) -> Response:
        event = self.box.world.table("event").get(request.path_params["id"])
        if event is None:
            return layout.nothing("There is no such event.")
        rows = [
            el("tr", el("td", name), el("td", el("code", value)))
            for name, value in sorted(_flat(event["data"]).items())
        ]
        table = el("div", el("table", *rows), class_="scroll", tabindex="0")
        back = el("a", "Back", href="/", class_="back")
        return layout.frame(event["type"], el("h1", event["type"]), table, back, wide=True)

    def _clock(self) -> Html:
        coming = renewing.next_moment(self.box)
        said = f"It is {layout.minute(self.box.now())}. "
        said += f"The next thing happens on {layout.minute(coming)}." if coming else "Nothing is due."
        buttons = [layout.button(f"+ {name}", name="step", value=name) for name in STEPS]
        if coming:
            buttons.append(layout.button("To the next thing", name="step", value="next", data_testid="next"))
        form = layout.form("/_page/clock", *buttons, class_="row")
        return el("section", el("h2", "Clock"), el("p", said, data_testid="clock"), form)

    def _subscriptions(self) -> Html:
        heads = ("Customer", "Subscription", "Plan", "State", "Period ends")
        rows = [self._subscription(row) for row in self.box.world.rows("subscription")]
        return _table(
            "Subscriptions", heads, rows, "Nobody has subscribed. Subscribe in the app; Checkout opens here."
        )

    def _subscription(self, row: Json) -> Html:
        item = items.first(row)
        customer = self.box.world.table("customer")[row["customer"]]
        mark = el("span", MARKS.get(row["status"], row["status"]), class_=f"mark {row['status']}")
        invoice = row["latest_invoice"]
        number = self.box.world.table("invoice")[invoice]["number"] or "draft"
        return el(
            "tr",
            el("td", customer.get("name") or customer.get("email") or row["customer"]),
            el("td", el("code", row["id"])),
            el("td", f"{items.name(self.box, item)} × {item['quantity']}"),
            el("td", mark, " ", el("a", f"Invoice {number}", href=f"/i/{invoice}")),
            el("td", layout.minute(row["ended_at"] or item["current_period_end"])),
        )

    def _sessions(self) -> Html:
        heads = ("Checkout", "For", "Due", "Expires")
        rows = [
            el(
                "tr",
                el("td", el("a", "Pay", href=f"/c/pay/{row['id']}")),
                el("td", row["client_reference_id"] or row["customer"] or "–"),
                el("td", layout.money(row["amount_total"], row["currency"])),
                el("td", layout.minute(row["expires_at"])),
            )
            for row in self.box.world.rows("checkout.session", status="open")
        ]
        return _table("Open Checkouts", heads, rows, "No Checkout is open.")

    def _events(self) -> Html:
        heads = ("Event", "When", "Delivered", "Again")
        rows = [self._event(row) for row in self.box.world.rows("event")[:EVENTS_SHOWN]]
        return _table("Events", heads, rows, "Nothing has happened yet.")

    def _event(self, row: Json) -> Html:
        taken = self.box.world.beside(row["id"]).get("taken")
        said = {True: "yes", False: "not yet", None: "nobody asked for it"}[taken]
        hidden = el("input", type="hidden", name="event", value=row["id"])
        told = self.box.postman.wanting(row["type"])
        again = layout.form("/_page/resend", hidden, layout.button("Send again")) if told else None
        return el(
            "tr",
            el("td", el("a", row["type"], href=f"/_page/event/{row['id']}")),
            el("td", layout.minute(row["created"])),
            el("td", said),
            el("td", again),
        )


def _table(title: str, heads: tuple[str, ...], rows: list[Html], empty: str) -> Html:
    if not rows:
        return el("section", el("h2", title), el("p", empty, class_="quiet"))
    head = el("tr", *(el("th", name, scope="col") for name in heads))
    table = el("div", el("table", head, *rows), class_="scroll", tabindex="0")
    return el("section", el("h2", title), table)


def _flat(value: object, path: str = "") -> dict[str, str]:
    """Nested values by their path, for reading."""
    if isinstance(value, dict) and value:
        return {
            key: text for name, part in value.items() for key, text in _flat(part, _join(path, name)).items()
        }
    if isinstance(value, list) and value:
        parts = enumerate(value)
        return {key: text for n, part in parts for key, text in _flat(part, _join(path, str(n))).items()}
    return {path: "null" if value is None else str(value)}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
