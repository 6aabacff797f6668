"""The page of an invoice: /i/{id}, and what it looks like printed: /i/{id}/pdf."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from stripe_sandbox import by_hand, cards
from stripe_sandbox.model import Json
from stripe_sandbox.pages import layout
from stripe_sandbox.pages.html import Html, el, join
from stripe_sandbox.pages.pay import BANK_SAID_NO
from stripe_sandbox.pages.typed import Mistyped, card, text
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

WORDS = {
    "paid": "Paid",
    "open": "To be paid",
    "void": "Void",
    "uncollectible": "Not collected",
    "draft": "Draft",
}


class InvoicePage:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        invoice = self.box.world.table("invoice").get(request.path_params["id"])
        if invoice is None or invoice["hosted_invoice_url"] is None:
            return layout.nothing("There is no such invoice. Ask whoever sent you the link for a new one.")
        if request.method == "POST":
            return self._pay(invoice, await request.form())
        said = BANK_SAID_NO if request.query_params.get("failed") else ""
        return self._show(invoice, request.query_params.get("card", ""), said)

    async def printed(self, request: Request) -> Response:
        invoice = self.box.world.table("invoice").get(request.path_params["id"])
        if invoice is None:
            return layout.nothing("There is no such invoice.")
        return layout.frame(f"Invoice {invoice['number']}", *self._sheet(invoice))

    def _pay(self, invoice: Json, form: FormData) -> Response:
        try:
            method = text(form, "method")
            if method:
                self._check_owner(invoice, method)
                outcome = by_hand.pay_invoice(self.box, invoice, None, method, by_hand.EXPIRES)
            else:
                paid_with, expires = card(self.box, form)
                outcome = by_hand.pay_invoice(self.box, invoice, paid_with, None, expires)
        except Mistyped as mistake:
            return self._show(invoice, text(form, "card"), str(mistake))
        except Refusal as refusal:
            return self._show(invoice, text(form, "card"), refusal.error["message"])
        finally:
            self.box.keeper.touch()
        return RedirectResponse(f"/i/{invoice['id']}" if outcome == "paid" else f"/3ds/{outcome}", 303)

    def _check_owner(self, invoice: Json, method: str) -> None:
        row = self.box.world.table("payment_method").get(method)
        if row is None or row["customer"] != invoice["customer"]:
            raise Mistyped("This card is not there any more. Type one in.")

    def _show(self, invoice: Json, number: str, said: str) -> Response:
        body = [*self._sheet(invoice), layout.trouble(said)]
        if invoice["status"] in ("open", "uncollectible"):
            body += [self._saved(invoice), self._new_card(invoice, number)]
        return layout.frame(f"Invoice {invoice['number']}", *body, status=402 if said else 200)

    def _sheet(self, invoice: Json) -> list[Html]:
        currency = invoice["currency"]
        rows = [
            el("tr", el("td", line["description"]), el("td", layout.money(line["amount"], currency)))
            for line in invoice["lines"]["data"]
        ]
        less = invoice["subtotal"] - invoice["total"]
        if less:
            rows.append(el("tr", el("td", "Discount"), el("td", layout.money(-less, currency))))
        if invoice["amount_due"] != invoice["total"]:
            rows.append(
                el(
                    "tr",
                    el("td", "From the balance"),
                    el("td", layout.money(invoice["amount_due"] - invoice["total"], currency)),
                )
            )
        due = el("td", layout.money(invoice["amount_due"], currency), data_testid="due")
        rows.append(el("tr", el("td", "Total"), due, class_="total"))
        state = el("span", WORDS[invoice["status"]], class_=f"mark {invoice['status']}", data_testid="status")
        whom = (
            f"For {invoice['customer_name'] or invoice['customer_email']}, {layout.day(invoice['created'])}"
        )
        return [el("h1", f"Invoice {invoice['number']} ", state), el("p", whom), el("table", *rows)]

    def _saved(self, invoice: Json) -> Html:
        rows = cards.of_customer(self.box, invoice["customer"])
        buttons = [
            layout.button(
                f"Pay with {row['card']['brand'].title()} ending in {row['card']['last4']}",
                name="method",
                value=row["id"],
                loud=not place,
                data_testid="pay-saved",
            )
            for place, row in enumerate(rows)
        ]
        return layout.form(f"/i/{invoice['id']}", *buttons, class_="stack") if buttons else join()

    def _new_card(self, invoice: Json, number: str) -> Html:
        pay = layout.button("Pay", loud=True, data_testid="pay")
        return join(
            el("h2", "Pay with another card"),
            layout.form(f"/i/{invoice['id']}", layout.card_fields(number), pay),
            layout.test_cards(f"/i/{invoice['id']}"),
        )
