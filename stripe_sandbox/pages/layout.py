"""What all pages share: the frame, money, dates, fields, the refusal on top."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse

from stripe_sandbox.cards import CARDS
from stripe_sandbox.model import Json
from stripe_sandbox.pages.html import Child, Html, el, join
from stripe_sandbox.sandbox import Sandbox

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£"}
WITHOUT_CENTS = frozenset({"jpy", "krw", "clp", "vnd"})


def frame(title: str, *body: Child, status: int = 200, wide: bool = False) -> HTMLResponse:
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"{title} – Stripe sandbox"),
        el("link", rel="stylesheet", href="/static/till.css"),
        el("link", rel="icon", href="data:,"),
    )
    note = el("header", "Stripe sandbox: no money moves here.", class_="note")
    main = el("main", *body, class_="wide" if wide else "sheet")
    page = "<!doctype html>" + el("html", head, el("body", note, main), lang="en")
    return HTMLResponse(page, status, HEADERS)


def nothing(sentence: str, status: int = 404) -> HTMLResponse:
    return frame("Nothing here", el("h1", "This link does not work"), el("p", sentence), status=status)


def money(amount: int, currency: str) -> str:
    name = currency or "eur"
    symbol = SYMBOLS.get(name, name.upper() + " ")
    sign = "-" if amount < 0 else ""
    text = str(abs(amount)) if name in WITHOUT_CENTS else f"{abs(amount) // 100}.{abs(amount) % 100:02}"
    return f"{sign}{symbol}{text}"


def day(moment: int | None) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%-d %B %Y}" if moment else "–"


def minute(moment: int | None) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%-d %b %Y, %H:%M:%S} UTC" if moment else "–"


def field(label: str, name: str, value: str = "", **more: Child | bool) -> Html:
    attrs: dict[str, Child | bool] = {"type": "text", "autocomplete": "off", "data_testid": name, **more}
    return el("label", el("span", label), el("input", name=name, value=value, **attrs), class_="field")


def button(
    label: str, *, name: str | None = None, value: str | None = None, loud: bool = False, **more: Child
) -> Html:
    return el("button", label, name=name, value=value, class_="loud" if loud else None, **more)


def form(action: str, *children: Child, class_: str | None = None) -> Html:
    return el("form", *children, method="post", action=action, class_=class_)


def trouble(sentence: str) -> Html | None:
    return el("p", sentence, class_="trouble", role="alert", data_testid="trouble") if sentence else None


def done(sentence: str) -> Html | None:
    return el("p", sentence, class_="done", role="status", data_testid="done") if sentence else None


def card_fields(number: str = "") -> Html:
    return join(
        field(
            "Card number",
            "card",
            number,
            inputmode="numeric",
            placeholder="4242 4242 4242 4242",
            required=True,
        ),
        el(
            "div",
            field("Expires", "expires", "12 / 34", placeholder="MM / YY", required=True),
            field("Security code", "cvc", "123", inputmode="numeric", required=True),
            class_="pair",
        ),
    )


def test_cards(here: str) -> Html:
    """The cards there are; one click fills the number in."""
    rows = [
        el("li", el("a", _spaced(card.number), href=f"{here}?card={card.number}"), el("span", card.says))
        for card in CARDS.values()
    ]
    return el("details", el("summary", "Test cards"), el("ul", *rows), class_="cards")


def _spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def from_elsewhere(request: Request) -> bool:
    """Whether another site's page sent this form."""
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def product(box: Sandbox, price: Json) -> str:
    return str(box.world.table("product")[price["product"]]["name"])


def rhythm(price: Json) -> str:
    recurring = price["recurring"]
    count = recurring["interval_count"]
    return f"every {count} {recurring['interval']}s" if count > 1 else f"per {recurring['interval']}"
