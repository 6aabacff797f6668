"""How Stripe says no."""

from typing import NoReturn

from stripe_sandbox.model import Json

DOCS = "https://docs.stripe.com/error-codes/"


class Refusal(Exception):
    """An answer with an error in it. `started`: an idempotency key keeps it, because the endpoint had begun."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str = "",
        started: bool = True,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status, self.started = status, started
        error: Json = {"message": message, "type": kind, **more}
        if code:
            error |= {"code": code, "doc_url": DOCS + code.replace("_", "-")}
        if param:
            error["param"] = param
        self.error = error


def missing(kind: str, identifier: str, param: str = "id", status: int = 404) -> Refusal:
    words = kind.replace("checkout.", "checkout ").replace("_", " ")
    return Refusal(f"No such {words}: '{identifier}'", code="resource_missing", status=status, param=param)


def invalid(message: str, param: str, code: str = "") -> NoReturn:
    """A parameter that is wrong in itself: nothing has begun."""
    raise Refusal(message, code=code, param=param, started=False)


def declined(message: str, code: str, decline_code: str = "") -> Refusal:
    refusal = Refusal(message, code=code, status=402, kind="card_error")
    if decline_code:
        refusal.error["decline_code"] = decline_code
    return refusal
