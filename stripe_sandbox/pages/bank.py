"""The bank's page for 3-D Secure: /3ds/{id}."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from stripe_sandbox import by_hand
from stripe_sandbox.model import Json
from stripe_sandbox.pages import layout
from stripe_sandbox.pages.html import el
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

LEADS_BACK = {"checkout": "/c/pay/{}", "invoice": "/i/{}", "card": "/p/session/{}"}


class BankPage:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        challenge = self.box.world.table("challenge").get(request.path_params["id"])
        if challenge is None or not challenge["open"]:
            return layout.nothing("The bank does not ask any more. Go back and try again.", 410)
        if request.method == "POST":
            form = await request.form()
            return self._decide(challenge, passed=form.get("answer") == "complete")
        return self._show(challenge)

    def _decide(self, challenge: Json, *, passed: bool) -> Response:
        try:
            where = by_hand.decide(self.box, challenge["id"], passed)
        except Refusal as refusal:
            return layout.nothing(refusal.error["message"], 410)
        return RedirectResponse(where, 303)

    def _show(self, challenge: Json) -> Response:
        back = LEADS_BACK[challenge["purpose"]].format(challenge["about"])
        return layout.frame(
            "3-D Secure",
            el("h1", "3-D Secure 2 test page"),
            el(
                "p",
                f"Your bank wants to know whether it is you who uses the card ending in {challenge['last4']}.",
            ),
            layout.form(
                f"/3ds/{challenge['id']}",
                layout.button("Complete", name="answer", value="complete", loud=True, data_testid="complete"),
                layout.button("Fail", name="answer", value="fail", data_testid="fail"),
                class_="row",
            ),
            el("a", "Close without an answer", href=back, class_="back", data_testid="abandon"),
        )
