"""The Checkout page: /c/pay/{id}."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from stripe_sandbox import checkout
from stripe_sandbox.model import Json
from stripe_sandbox.pages import layout
from stripe_sandbox.pages.html import Html, el, join
from stripe_sandbox.pages.typed import Mistyped, card, text
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

BANK_SAID_NO = "We could not authenticate your payment method. Choose a different one and try again."


class PayPage:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        session = self.box.world.table("checkout.session").get(request.path_params["id"])
        if session is None:
            return layout.nothing("There is no such Checkout session. Go back to the shop and start again.")
        if request.method == "POST":
            return self._submit(session, await request.form())
        said = BANK_SAID_NO if request.query_params.get("failed") else ""
        return self.show(session, {"card": request.query_params.get("card", "")}, said)

    def _submit(self, session: Json, form: FormData) -> Response:
        typed = {name: text(form, name) for name in FIELDS}
        try:
            if form.get("act") == "code":
                return self._use_code(session, typed)
            outcome = self._pay(session, form, typed)
        except Mistyped as mistake:
            return self.show(session, typed, str(mistake))
        except Refusal as refusal:
            return self.show(session, typed, refusal.error["message"])
        finally:
            self.box.keeper.touch()
        where = f"/3ds/{outcome}" if outcome != "complete" else checkout.back_to(session)
        return RedirectResponse(where, 303)

    def _use_code(self, session: Json, typed: Json) -> Response:
        checkout.check_open(session)
        if not session["allow_promotion_codes"] or not checkout.use_code(self.box, session, typed["code"]):
            raise Mistyped("This code is invalid.")
        return self.show(session, typed)

    def _pay(self, session: Json, form: FormData, typed: Json) -> str:
        checkout.check_open(session)
        if "@" not in typed["email"]:
            raise Mistyped("Your e-mail address is incomplete.")
        if not typed["name"] and checkout.needs_card(session):
            raise Mistyped("Type the name of the cardholder.")
        paid_with, expires = card(self.box, form) if checkout.needs_card(session) else (None, (0, 0))
        return checkout.submit(self.box, session, paid_with, {**typed, "expires": expires})

    def show(self, session: Json, typed: Json, said: str = "") -> Response:
        if session["status"] != "open":
            return self._over(session)
        status = 402 if said else 200
        body = [self._summary(session), layout.trouble(said), self._form(session, typed)]
        if checkout.needs_card(session):
            body.append(layout.test_cards(f"/c/pay/{session['id']}"))
        if session["cancel_url"]:
            body.append(
                el("a", "Back to the shop", href=session["cancel_url"], class_="back", data_testid="back")
            )
        return layout.frame("Pay", *body, status=status)

    def _over(self, session: Json) -> Response:
        paid = session["status"] == "complete"
        said = (
            "You are all done here: this payment was completed."
            if paid
            else "This session has expired. Start again in the shop."
        )
        link = el("a", "Back to the shop", href=session["cancel_url"]) if session["cancel_url"] else None
        return layout.frame(
            "Over", el("h1", "Nothing to pay"), el("p", said), link, status=200 if paid else 410
        )

    def _summary(self, session: Json) -> Html:
        currency = session["currency"]
        rows = []
        for price, count in checkout.prices(self.box, session):
            each = f"{layout.money(price['unit_amount'], currency)} {layout.rhythm(price)}"
            name = (
                f"{layout.product(self.box, price)} × {count}"
                if count > 1
                else layout.product(self.box, price)
            )
            rows.append(el("tr", el("td", name), el("td", each)))
        less = session["total_details"]["amount_discount"]
        if less:
            rows.append(el("tr", el("td", "Discount"), el("td", layout.money(-less, currency))))
        ends = checkout.trial_end(self.box, session)
        if ends:
            rows.append(el("tr", el("td", "Free trial until"), el("td", layout.day(ends))))
        total = el("td", layout.money(session["amount_total"], currency), data_testid="total")
        rows.append(el("tr", el("td", "Due today"), total, class_="total"))
        return join(el("h1", "Start your free trial" if ends else "Subscribe"), el("table", *rows))

    def _form(self, session: Json, typed: Json) -> Html:
        customer = self.box.world.table("customer").get(session["customer"] or "", {})
        email = typed.get("email") or customer.get("email") or session["customer_email"] or ""
        known = customer.get("name") or ""
        fields = [layout.field("E-mail", "email", email, type="email", required=True)]
        if checkout.needs_card(session):
            fields += [layout.card_fields(typed.get("card", ""))]
        fields += [layout.field("Name", "name", typed.get("name") or known)]
        address = [
            layout.field("Country", "country", typed.get("country") or "DE", maxlength=2),
            layout.field("Postal code", "postal_code", typed.get("postal_code", "")),
        ]
        fields.append(el("div", *address, class_="pair"))
        if session["tax_id_collection"]["enabled"]:
            fields.append(layout.field("VAT number, if you have one", "tax_id", typed.get("tax_id", "")))
        word = "Start trial" if session["amount_total"] == 0 else "Subscribe"
        fields.append(layout.button(word, name="act", value="pay", loud=True, data_testid="pay"))
        if session["allow_promotion_codes"]:
            code = layout.field("Promotion code", "code", typed.get("code", ""))
            use = layout.button("Use it", name="act", value="code", formnovalidate="", data_testid="use-code")
            fields.append(el("div", code, use, class_="code"))
        return layout.form(f"/c/pay/{session['id']}", *fields)


FIELDS = ("email", "name", "country", "postal_code", "tax_id", "code", "card")
