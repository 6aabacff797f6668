"""What the portal's pages consist of."""

from stripe_sandbox import cards, items, portal
from stripe_sandbox.changing import Change
from stripe_sandbox.model import Json
from stripe_sandbox.pages import layout
from stripe_sandbox.pages.html import Html, el, join
from stripe_sandbox.sandbox import Sandbox

DONE = {
    "card": "Your card was saved.",
    "removed": "The card was removed.",
    "cancel": "Your subscription was cancelled.",
    "kept": "Your subscription goes on as it is.",
    "plan": "Your plan was changed.",
    "details": "Your details were saved.",
}
REASONS = {
    "too_expensive": "It is too expensive",
    "missing_features": "I need more features",
    "switched_service": "I found an alternative",
    "unused": "I no longer need it",
    "customer_service": "Customer service was less than expected",
    "too_complex": "Ease of use was less than expected",
    "low_quality": "Quality was less than expected",
    "other": "Another reason",
}
MARKS = {"past_due": "past due", "incomplete": "not paid yet"}


def home(box: Sandbox, session: Json, told: str, said: str) -> list[Html]:
    rules = portal.features(box, session)
    customer = box.world.table("customer")[session["customer"]]
    body = [el("h1", f"Billing of {customer.get('name') or customer.get('email') or 'you'}")]
    body += [part for part in (layout.done(told), layout.trouble(said)) if part]
    rows = portal.subscriptions(box, session)
    body += [_subscription(box, session, row, rules) for row in rows]
    if not rows:
        body.append(el("p", "You have no subscription."))
    if rules["payment_method_update"]["enabled"]:
        body.append(_cards(box, session))
    if rules["customer_update"]["enabled"]:
        body.append(_who(box, session, customer))
    if rules["invoice_history"]["enabled"]:
        body.append(_invoices(box, session))
    if session["return_url"]:
        body.append(el("a", "Back to the app", href=session["return_url"], class_="back", data_testid="back"))
    return body


def _subscription(box: Sandbox, session: Json, row: Json, rules: Json) -> Html:
    item = items.first(row)
    price, currency = item["price"], row["currency"]
    mark = el(
        "span", MARKS.get(row["status"], row["status"]), class_=f"mark {row['status']}", data_testid="status"
    )
    plan = f"{items.name(box, item)} × {item['quantity']}"
    cost = f"{layout.money(price['unit_amount'], currency)} each {layout.rhythm(price)}"
    ends = el("p", _what_next(box, row), class_="quiet", data_testid="next")
    here, about = f"/p/session/{session['id']}", f"?subscription={row['id']}"
    links: list[Html] = []
    if row["cancel_at_period_end"] or row["schedule"]:
        hidden = el("input", type="hidden", name="subscription", value=row["id"])
        word = "Do not cancel" if row["cancel_at_period_end"] else "Keep the plan"
        links.append(layout.form(f"{here}/keep", hidden, layout.button(word, data_testid="keep")))
    if rules["subscription_update"]["enabled"] and row["status"] in ("active", "trialing"):
        links.append(el("a", "Change plan", href=f"{here}/plan{about}", data_testid="change"))
    if rules["subscription_cancel"]["enabled"] and not row["cancel_at_period_end"]:
        links.append(el("a", "Cancel plan", href=f"{here}/cancel{about}", data_testid="cancel"))
    return el("section", el("h2", plan, " ", mark), el("p", cost), ends, el("div", *links, class_="links"))


def _what_next(box: Sandbox, row: Json) -> str:
    item = items.first(row)
    end = layout.day(item["current_period_end"])
    if row["cancel_at_period_end"]:
        return f"Ends on {end}."
    if row["schedule"]:
        phase = box.world.table("subscription_schedule")[row["schedule"]]["phases"][-1]["items"][0]
        price = box.world.table("price")[phase["price"]]
        return f"Becomes {layout.product(box, price)} ({layout.rhythm(price)}) on {end}."
    if row["status"] == "trialing":
        return f"Free until {layout.day(row['trial_end'])}."
    if row["status"] == "incomplete":
        return "Begins once its first invoice is paid."
    if row["status"] == "paused":
        return "Paused: add a card to go on."
    return f"Renews on {end}."


def _cards(box: Sandbox, session: Json) -> Html:
    here = f"/p/session/{session['id']}"
    customer = box.world.table("customer")[session["customer"]]
    usual = customer["invoice_settings"]["default_payment_method"]
    rows = []
    for row in cards.of_customer(box, session["customer"]):
        shown = row["card"]
        said = f"{shown['brand'].title()} ending in {shown['last4']}, {shown['exp_month']:02}/{shown['exp_year']}"
        hidden = el("input", type="hidden", name="method", value=row["id"])
        first = el("span", "Default", class_="quiet")
        if row["id"] != usual:
            first = layout.form(f"{here}/default", hidden, layout.button("Make default"))
        remove = layout.form(f"{here}/remove", hidden, layout.button("Remove", data_testid="remove-card"))
        rows.append(el("li", el("span", said), el("div", first, remove, class_="links")))
    add = el("a", "Add a card", href=f"{here}/card", data_testid="add-card")
    return el("section", el("h2", "Cards"), el("ul", *rows, class_="plain"), add)


def _who(box: Sandbox, session: Json, customer: Json) -> Html:
    address = customer.get("address") or {}
    taxed = [row["value"] for row in box.world.rows("tax_id", customer=customer["id"])]
    said = ", ".join(filter(None, [customer["name"], customer["email"], address.get("country"), *taxed]))
    change = el("a", "Change", href=f"/p/session/{session['id']}/details", data_testid="details")
    return el("section", el("h2", "Billing details"), el("p", said), change)


def _invoices(box: Sandbox, session: Json) -> Html:
    rows = [
        el(
            "tr",
            el("td", el("a", invoice["number"], href=f"/i/{invoice['id']}")),
            el("td", layout.day(invoice["created"])),
            el("td", f"{layout.money(invoice['amount_due'], invoice['currency'])} {invoice['status']}"),
        )
        for invoice in box.world.rows("invoice", customer=session["customer"])
        if invoice["number"]
    ]
    return el("section", el("h2", "Invoices"), el("table", *rows, data_testid="invoices"))


def new_card(session: Json, number: str) -> list[Html]:
    here = f"/p/session/{session['id']}/card"
    save = layout.button("Save card", loud=True, data_testid="save-card")
    return [
        el("h1", "Add a card"),
        layout.form(here, layout.card_fields(number), save),
        layout.test_cards(here),
    ]


def details(box: Sandbox, session: Json) -> list[Html]:
    customer = box.world.table("customer")[session["customer"]]
    address = customer.get("address") or {}
    may = portal.features(box, session)["customer_update"]["allowed_updates"]
    fields = [layout.field("Name", "name", customer.get("name") or "")] if "name" in may else []
    if "address" in may:
        country = layout.field("Country", "country", address.get("country") or "", maxlength=2)
        fields.append(
            el(
                "div",
                country,
                layout.field("Postal code", "postal_code", address.get("postal_code") or ""),
                class_="pair",
            )
        )
    if "tax_id" in may:
        fields.append(layout.field("VAT number", "tax_id"))
    save = layout.button("Save", loud=True, data_testid="save-details")
    return [el("h1", "Billing details"), layout.form(f"/p/session/{session['id']}/details", *fields, save)]


def cancelling(session: Json, row: Json, rules: Json) -> list[Html]:
    end = layout.day(items.first(row)["current_period_end"])
    now = rules["mode"] == "immediately" or row["status"] == "past_due"
    said = (
        "Your subscription ends at once."
        if now
        else f"You keep everything until {end}; then your subscription ends."
    )
    fields = [el("input", type="hidden", name="subscription", value=row["id"])]
    if rules["cancellation_reason"]["enabled"]:
        choices = [el("option", REASONS[one], value=one) for one in rules["cancellation_reason"]["options"]]
        select = el(
            "select", el("option", "No answer", value=""), *choices, name="feedback", data_testid="feedback"
        )
        fields.append(el("label", el("span", "Why do you leave?"), select, class_="field"))
    fields.append(layout.button("Cancel the subscription", loud=True, data_testid="confirm-cancel"))
    return [
        el("h1", "Cancel your plan"),
        el("p", said),
        layout.form(f"/p/session/{session['id']}/cancel", *fields),
    ]


def plans(box: Sandbox, session: Json, row: Json) -> list[Html]:
    current = items.first(row)["price"]["id"]
    rows = []
    for price in portal.offers(box, session):
        cost = f"{layout.money(price['unit_amount'], price['currency'])} each {layout.rhythm(price)}"
        where = f"/p/session/{session['id']}/confirm?subscription={row['id']}&price={price['id']}"
        link = el("a", "Choose", href=where, data_testid=f"choose-{price['lookup_key']}")
        last = el("span", "Your plan", class_="quiet") if price["id"] == current else link
        rows.append(el("tr", el("td", layout.product(box, price)), el("td", cost), el("td", last)))
    return [el("h1", "Change your plan"), el("table", *rows)]


def confirming(
    box: Sandbox, session: Json, row: Json, wanted: Change, preview: Json, *, later: bool
) -> list[Html]:
    new = wanted.items[0]
    currency = row["currency"]
    name = f"{items.name(box, new)} × {new['quantity']}, {layout.rhythm(new['price'])}"
    lines = [
        el("tr", el("td", line["description"]), el("td", layout.money(line["amount"], currency)))
        for line in preview["lines"]["data"]
    ]
    at_once = preview["billing_reason"] == "subscription_update"
    due = layout.money(preview["amount_due"] if at_once else 0, currency)
    lines.append(el("tr", el("td", "Due now"), el("td", due, data_testid="due"), class_="total"))
    end = layout.day(items.first(row)["current_period_end"])
    told = el("p", f"Your plan changes on {end}. Nothing is due now.") if later else el("table", *lines)
    hidden = [
        el("input", type="hidden", name=key, value=value)
        for key, value in (("subscription", row["id"]), ("price", new["price"]["id"]))
    ]
    confirm = layout.button("Confirm", loud=True, data_testid="confirm")
    form = layout.form(f"/p/session/{session['id']}/confirm", *hidden, confirm)
    return [el("h1", "Confirm your change"), el("p", name), told, join(form)]
