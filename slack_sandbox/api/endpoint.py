"""/api/<method>: reads a call, strikes it with faults, checks it in Slack's order and answers."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slack_sandbox import rotation
from slack_sandbox.api.registry import METHODS, Call, Method, RateLimited, Refusal, bad_arguments
from slack_sandbox.api.strikes import after, before, too_many
from slack_sandbox.faults import Fault
from slack_sandbox.given import read_json
from slack_sandbox.model import Installation, Json
from slack_sandbox.sandbox import Sandbox


@dataclass
class Asked:
    """A request taken apart, before anything is checked."""

    args: Json = field(default_factory=dict)
    token: str = ""
    basic: Json = field(default_factory=dict)
    as_json: bool = False
    problem: str = ""
    warnings: list[str] = field(default_factory=list)


async def read(request: Request, takes_json: bool) -> Asked:
    asked = Asked()
    _credentials(asked, request.headers.get("authorization", ""))
    if request.method == "GET":
        asked.args = dict(request.query_params)  # a token in the address is ignored, as for every new app
        asked.args.pop("token", None)
        return asked
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("application/json"):
        await _read_json(asked, request, kind, takes_json)
    elif kind.startswith("multipart/form-data"):
        form = await request.form()
        asked.args = {key: value for key, value in form.items() if not isinstance(value, UploadFile)}
    elif kind.startswith("application/x-www-form-urlencoded"):
        await _read_form(asked, request)
    elif await request.body():
        asked.problem = "invalid_post_type" if kind else "missing_post_type"
    asked.token = asked.token or ("" if asked.as_json else str(asked.args.pop("token", "")))
    asked.args.pop("token", None)
    return asked


def _credentials(asked: Asked, header: str) -> None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        asked.token = value.strip()
    elif scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            asked.problem = "invalid_auth"
            return
        asked.basic = {"client_id": name, "client_secret": secret}


async def _read_json(asked: Asked, request: Request, kind: str, takes_json: bool) -> None:
    asked.as_json = True
    if "charset" not in kind:
        asked.warnings.append("missing_charset")
    try:
        given = read_json(await request.body() or b"{}")
    except UnicodeDecodeError:
        asked.problem = "invalid_charset"
    except ValueError:
        asked.problem = "invalid_json"
    else:
        asked.args = given if takes_json and isinstance(given, dict) else {}
        asked.problem = "" if isinstance(given, dict) else "json_not_object"


async def _read_form(asked: Asked, request: Request) -> None:
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        asked.problem = "invalid_form_data"
    else:
        asked.args = dict(pairs)


class WebApi:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        name = request.path_params["method"]
        method = METHODS.get(name)
        asked = await read(request, bool(method and method.takes_json))
        fault = self.box.faults.draw(name, asked.args)
        entry = self.box.requests.add(
            method=name,
            args=asked.args,
            answered=None,
            fault=fault.kind if fault else None,
            unknown=sorted(set(asked.args) - set(method.args)) if method else [],
        )
        return await self._serve(request, method, asked, fault, entry)

    async def _serve(
        self, request: Request, method: Method | None, asked: Asked, fault: Fault | None, entry: Json
    ) -> Response:
        if fault and (spoiled := await before(request, fault)):
            return spoiled
        installation = self.box.world.installation_by_token(asked.token) if asked.token else None
        response, answer = self._answer(method, asked, installation)
        entry["answered"] = answer
        if fault:
            return await after(request, fault, response)
        return response

    def _answer(
        self, method: Method | None, asked: Asked, installation: Installation | None
    ) -> tuple[Response, Json]:
        try:
            answer = {"ok": True, **self._run(method, asked, installation)}
        except Refusal as refusal:
            answer = refusal.answer
        except RateLimited as limited:
            return too_many(limited.retry_after, limited.error), {"ok": False, "error": limited.error}
        if asked.warnings:
            answer = _warned(answer, asked.warnings)
        return JSONResponse(answer, headers=_headers(method, installation)), answer

    def _run(self, method: Method | None, asked: Asked, installation: Installation | None) -> Json:
        if method is None:
            raise Refusal("unknown_method")
        if asked.problem:
            raise Refusal(asked.problem)
        if method.with_token:
            _check_token(asked, installation)
        assert installation is not None or not method.with_token
        known = installation if method.with_token else None
        call = Call(self.box, method, asked.args, asked.basic, known, asked.token)
        wait = self.box.limits.wait_for_method(
            (installation.team or installation.enterprise) if installation else "", method.name, method.tier
        )
        if wait:
            raise RateLimited(wait)
        if method.scopes:
            call.need(*method.scopes)
        check_arguments(call, asked.as_json)
        return method.handler(call)


def _check_token(asked: Asked, installation: Installation | None) -> None:
    if not asked.token:
        raise Refusal("not_authed")
    if installation is None:
        raise Refusal("invalid_auth")
    if problem := rotation.problem_of(installation, asked.token):
        raise Refusal(problem)


def check_arguments(call: Call, as_json: bool) -> None:
    missing = [name for name in call.method.required if call.args.get(name) in (None, "")]
    if missing:
        bad_arguments(*(f"missing required field: {name}" for name in missing))
    if as_json:
        wrong = [name for name, kind in call.method.args.items() if not _fits(call.args.get(name), kind)]
        if wrong:
            bad_arguments(
                *(f"must be a {call.method.args[name].__name__} [json-pointer:/{name}]" for name in wrong)
            )


def _fits(value: object, kind: type) -> bool:
    if value is None or isinstance(value, str) or kind in (list, dict):
        return True  # everything may be given as text; structures have errors of their own
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _warned(answer: Json, warnings: list[str]) -> Json:
    metadata = {**answer.get("response_metadata", {}), "warnings": warnings}
    return {**answer, "warning": ",".join(warnings), "response_metadata": metadata}


def _headers(method: Method | None, installation: Installation | None) -> dict[str, str]:
    headers = {"x-slack-req-id": secrets.token_hex(16), "cache-control": "no-store"}
    if installation and installation.active:
        headers["x-oauth-scopes"] = ",".join(installation.scopes)
        headers["x-accepted-oauth-scopes"] = ",".join(method.scopes) if method else ""
    return headers
