"""The customer portal: /p/session/{id} and what can be done from there."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from stripe_sandbox import by_hand, cards, changing, portal
from stripe_sandbox.model import Json
from stripe_sandbox.pages import layout, portal_parts
from stripe_sandbox.pages.html import Html, el
from stripe_sandbox.pages.pay import BANK_SAID_NO
from stripe_sandbox.pages.typed import Mistyped, card, text
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

FLOW_PAGES = {
    "payment_method_update": "card",
    "customer_update": "details",
    "subscription_cancel": "cancel",
    "subscription_update": "plan",
    "subscription_update_confirm": "confirm",
}


class Portal:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        part = request.path_params.get("part", "")
        try:
            session = portal.open_session(self.box, request.path_params["id"])
            if request.method == "POST":
                return self._act(session, part, await request.form())
            return self._show(session, part, dict(request.query_params))
        except Refusal as refusal:
            return layout.nothing(refusal.error["message"], max(refusal.status, 400))
        finally:
            self.box.keeper.touch()

    def _show(self, session: Json, part: str, asked: Json, said: str = "") -> Response:
        flow = session["flow"]
        if not part and flow and not asked.get("done"):
            return RedirectResponse(self._flow_page(session), 303)
        said = said or (BANK_SAID_NO if asked.get("failed") else "")
        if part in ("cancel", "plan", "confirm"):
            row = portal.subscription(self.box, session, asked.get("subscription", ""))
            body = self._about(session, part, row, asked)
        elif part == "card":
            portal.allowed(self.box, session, "payment_method_update")
            body = portal_parts.new_card(session, asked.get("card", ""))
        elif part == "details":
            portal.allowed(self.box, session, "customer_update")
            body = portal_parts.details(self.box, session)
        else:
            return self._home(session, asked, said)
        back = session["return_url"] if flow else f"/p/session/{session['id']}"
        link = el("a", "Back", href=back, class_="back") if back else None
        return layout.frame(
            "Billing", *body[:1], layout.trouble(said), *body[1:], link, status=402 if said else 200
        )

    def _flow_page(self, session: Json) -> str:
        flow = session["flow"]
        about = flow.get(flow["type"]) or {}
        where = f"/p/session/{session['id']}/{FLOW_PAGES[flow['type']]}"
        if "subscription" not in about:
            return where
        price = about["items"][0].get("price", "") if flow["type"] == "subscription_update_confirm" else ""
        return f"{where}?subscription={about['subscription']}" + (f"&price={price}" if price else "")

    def _about(self, session: Json, part: str, row: Json, asked: Json) -> list[Html]:
        if part == "cancel":
            return portal_parts.cancelling(
                session, row, portal.allowed(self.box, session, "subscription_cancel")
            )
        if part == "plan":
            portal.allowed(self.box, session, "subscription_update")
            return portal_parts.plans(self.box, session, row)
        wanted = portal.change(self.box, session, row, asked.get("price", ""))
        preview = changing.preview(self.box, row, wanted)
        later = row["status"] == "active" and portal.later(self.box, session, row, wanted)
        return portal_parts.confirming(self.box, session, row, wanted, preview, later=later)

    def _home(self, session: Json, asked: Json, said: str) -> Response:
        told = portal_parts.DONE.get(asked.get("done", ""), "")
        return layout.frame(
            "Billing", *portal_parts.home(self.box, session, told, said), status=402 if said else 200
        )

    def _act(self, session: Json, part: str, form: FormData) -> Response:
        acts = {
            "card": self._card,
            "cancel": self._cancel,
            "confirm": self._confirm,
            "details": self._details,
        }
        acts |= {"default": self._default, "remove": self._remove, "keep": self._keep}
        if part not in acts:
            return layout.nothing("There is nothing to do here.", 404)
        try:
            where = acts[part](session, form)
        except (Mistyped, Refusal) as problem:
            said = problem.error["message"] if isinstance(problem, Refusal) else str(problem)
            typed = {
                name: str(value) for name, value in form.items() if name in ("card", "subscription", "price")
            }
            return self._show(
                session, part if part in FLOW_PAGES.values() else "", {**typed, "done": "no"}, said
            )
        return RedirectResponse(where, 303)

    def _card(self, session: Json, form: FormData) -> str:
        portal.allowed(self.box, session, "payment_method_update")
        given, expires = card(self.box, form)
        outcome = by_hand.add_card(self.box, session["id"], session["customer"], given, expires)
        return portal.after(session, "card") if outcome == "saved" else f"/3ds/{outcome}"

    def _method(self, session: Json, form: FormData) -> Json:
        portal.allowed(self.box, session, "payment_method_update")
        row = self.box.world.table("payment_method").get(text(form, "method"))
        if row is None or row["customer"] != session["customer"]:
            raise Mistyped("This card is not there any more.")
        return row

    def _default(self, session: Json, form: FormData) -> str:
        by_hand.make_default(self.box, session["customer"], self._method(session, form)["id"])
        return portal.after(session, "card")

    def _remove(self, session: Json, form: FormData) -> str:
        cards.detach(self.box, self._method(session, form))
        return portal.after(session, "removed")

    def _cancel(self, session: Json, form: FormData) -> str:
        name = text(form, "subscription")
        portal.cancel(self.box, session, name, text(form, "feedback"), text(form, "comment"))
        return portal.after(session, "cancel")

    def _keep(self, session: Json, form: FormData) -> str:
        portal.keep(self.box, session, text(form, "subscription"))
        return portal.after(session, "kept")

    def _confirm(self, session: Json, form: FormData) -> str:
        row = portal.subscription(self.box, session, text(form, "subscription"))
        wanted = portal.change(self.box, session, row, text(form, "price"))
        unpaid = portal.update(self.box, session, row, wanted)
        return f"/i/{unpaid}" if unpaid else portal.after(session, "plan")

    def _details(self, session: Json, form: FormData) -> str:
        names = ("name", "country", "postal_code", "tax_id")
        portal.update_customer(self.box, session, {name: text(form, name) for name in names})
        return portal.after(session, "details")
