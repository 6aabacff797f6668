"""/v1/…: reads a request, strikes it with faults, checks it in Stripe's order and answers."""

import asyncio
import json
import string
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stripe_sandbox import idempotency, renewing
from stripe_sandbox.api.expand import expanded
from stripe_sandbox.api.registry import Call, Endpoint, found
from stripe_sandbox.faults import Fault
from stripe_sandbox.model import Json
from stripe_sandbox.options import API_VERSION
from stripe_sandbox.params import Checker, parse
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox


@dataclass
class Asked:
    """A request taken apart."""

    verb: str
    path: str
    text: str
    """The form: the body of a POST, the query of everything else."""
    key: str
    version: str
    idempotency: str
    request_id: str

    @property
    def named(self) -> Json:
        """As the events that it causes name it."""
        return {"id": self.request_id, "idempotency_key": self.idempotency or None}


@dataclass
class Answered:
    status: int
    body: Json
    replayed: str = ""
    """The request that was answered first."""


class Api:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        asked = await self._read(request)
        match = found(asked.verb, asked.path)
        name = match[0].name if match else ""
        args = _flat(asked.text)
        fault = self.box.faults.draw(name, args) if name else None
        entry = self.box.requests.add(
            request=asked.request_id,
            method=name,
            verb=asked.verb,
            path=asked.path,
            args=args,
            idempotency_key=asked.idempotency or None,
            status=None,
            replayed=False,
            fault=fault.kind if fault else None,
        )
        answered = await self._serve(request, asked, match, fault)
        if isinstance(answered, Response):
            return answered
        entry["status"], entry["replayed"] = answered.status, bool(answered.replayed)
        return _response(asked, answered)

    async def _read(self, request: Request) -> Asked:
        body = (await request.body()).decode(errors="replace")
        query = request.url.query
        headers = request.headers
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return Asked(
            verb=request.method,
            path=request.url.path,
            text=body if request.method == "POST" else query,
            key=key.strip() if scheme.lower() == "bearer" else "",
            version=headers.get("stripe-version", API_VERSION),
            idempotency=headers.get("idempotency-key", "") if request.method == "POST" else "",
            request_id="req_" + "".join(self.box.world.random.choices(string.ascii_letters, k=14)),
        )

    async def _serve(
        self, request: Request, asked: Asked, match: tuple[Endpoint, str] | None, fault: Fault | None
    ) -> Answered | Response:
        kept = None
        try:
            self._enter(asked)
            if asked.idempotency:
                text = idempotency.fingerprint(asked.verb, asked.path, asked.text)
                kept = self.box.keys.begin(asked.idempotency, text, asked.request_id)
        except Refusal as refusal:
            return Answered(refusal.status, {"error": refusal.error})
        if kept:
            assert kept.answer is not None
            return Answered(kept.status, kept.answer, kept.request_id)
        try:
            return await self._struck(request, asked, match, fault)
        except BaseException:
            self._release(asked)  # whoever hung up, or a mistake in here: the key is not held for ever
            raise

    async def _struck(
        self, request: Request, asked: Asked, match: tuple[Endpoint, str] | None, fault: Fault | None
    ) -> Answered | Response:
        """Works the request, spoiled before or after by the fault."""
        kind = fault.kind if fault else ""
        if fault and kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault and kind == "drop_before_commit":
            self._release(asked)
            return cut(request)
        if fault and (kind in ("error", "ratelimit") or (kind == "status" and not fault.commit)):
            answered = _spoiled(fault)
            self._keep(asked, answered, started=answered.status == 500)
            return answered
        answered, started = self._work(asked, match)
        if fault and kind == "hang_after_commit":
            await asyncio.sleep(fault.seconds)
        if fault and kind == "status":
            answered = _spoiled(fault)
        self._keep(asked, answered, started)
        if kind == "drop_after_commit":
            return cut(request)
        if kind == "garbage":
            return Response('{"id": "cus_', media_type="application/json")
        return answered

    def _enter(self, asked: Asked) -> None:
        if not asked.key:
            message = "You did not provide an API key. Send it as 'Authorization: Bearer YOUR_SECRET_KEY'."
            raise Refusal(message, status=401, started=False)
        if asked.key != self.box.options.secret_key:
            shown = f"{asked.key[:8]}{'*' * 8}{asked.key[-4:]}"
            raise Refusal(f"Invalid API Key provided: {shown}", status=401, started=False)
        if asked.version != API_VERSION:
            message = f"Invalid Stripe API version: {asked.version}. This sandbox speaks {API_VERSION}."
            raise Refusal(message, started=False)

    def _work(self, asked: Asked, match: tuple[Endpoint, str] | None) -> tuple[Answered, bool]:
        """The answer, and whether the endpoint had begun. Everything happens in one go: nobody sees a half of it."""
        renewing.catch_up(self.box)
        self.box.asking = asked.named
        try:
            if match is None:
                message = f"Unrecognized request URL ({asked.verb}: {asked.path})."
                raise Refusal(message, status=404, started=False)
            one, identifier = match
            args = Checker(self._exists).check(one.shape, parse(asked.text))
            wanted = args.pop("expand", [])
            answer = expanded(self.box, one.handler(Call(self.box, args, identifier)), wanted)
        except Refusal as refusal:
            return Answered(refusal.status, {"error": refusal.error}), refusal.started
        finally:
            self.box.asking = None
        if asked.verb != "GET":
            self.box.keeper.touch()
        return Answered(200, answer), True

    def _exists(self, kind: str, identifier: str) -> bool:
        row = self.box.world.table(kind).get(identifier)
        return row is not None and not row.get("deleted")

    def _keep(self, asked: Asked, answered: Answered, started: bool) -> None:
        if asked.idempotency and started:
            self.box.keys.end(asked.idempotency, answered.status, answered.body)
        else:
            self._release(asked)

    def _release(self, asked: Asked) -> None:
        if asked.idempotency:
            self.box.keys.drop(asked.idempotency)


def _flat(text: str) -> Json:
    """The form for the log, and for what a fault matches."""
    try:
        return parse(text)
    except (Refusal, ValueError):
        return {}


def _spoiled(fault: Fault) -> Answered:
    if fault.kind == "ratelimit":
        message = "Request rate limit exceeded." if fault.code == "rate_limit" else "This object is locked."
        return Answered(
            429, {"error": {"code": fault.code, "message": message, "type": "invalid_request_error"}}
        )
    if fault.kind == "error":
        body: Json = {"message": "An error was asked for.", "type": "api_error", **fault.error}
        return Answered(fault.status, {"error": body})
    message = "An unknown error occurred."
    return Answered(fault.status, {"error": {"message": message, "type": "api_error"}})


def _response(asked: Asked, answered: Answered) -> Response:
    headers = {
        "Request-Id": asked.request_id,
        "Stripe-Version": API_VERSION,
        "Cache-Control": "no-cache, no-store",
    }
    if asked.idempotency:
        headers["Idempotency-Key"] = asked.idempotency
    if answered.replayed:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answered.replayed}
    error = answered.body.get("error", {}) if answered.status >= 400 else {}
    again = _should_retry(answered.status, error)
    if again:
        headers["Stripe-Should-Retry"] = again
    content = json.dumps(answered.body, indent=2)
    return Response(content, answered.status, headers, media_type="application/json")


def _should_retry(status: int, error: Json) -> str:
    if error.get("code") == "idempotency_key_in_use" or status >= 500:
        return "true"
    if error.get("type") == "idempotency_error" or error.get("code") == "rate_limit":
        return "false"
    return ""


def cut(request: Request) -> Response:
    """The connection ends without an answer."""
    transport = request.scope["extensions"]["sandbox.transport"]
    transport.close()
    return JSONResponse({})
