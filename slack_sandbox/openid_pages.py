"""*Sign in with Slack* as a person sees it, and what Slack publishes for whoever checks the tokens."""

import time
from html import escape
from string import Template
from urllib.parse import urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from slack_sandbox.model import Json
from slack_sandbox.oauth_pages import (
    CODE_LIVES,
    STATIC,
    back,
    choices,
    error_page,
    grantor,
    redirect_allowed,
    split_scopes,
)
from slack_sandbox.sandbox import OpenIdGrant, Sandbox

CARRIED = ("response_type", "client_id", "scope", "state", "nonce", "redirect_uri", "team")
SCOPES = {
    "openid": "Know who you are",
    "profile": "See your name and picture",
    "email": "See your e-mail address",
}


class SignIn:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/openid/connect/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/openid/connect/keys", self.keys),
            Route("/.well-known/openid-configuration", self.configuration),
        ]

    async def authorize(self, request: Request) -> Response:
        asked: QueryParams | FormData = (
            request.query_params if request.method == "GET" else await request.form()
        )
        values = {name: str(asked.get(name, "")) for name in CARRIED}
        problem = self._problem(values)
        if problem:
            return error_page(*problem)
        if request.method == "GET":
            return HTMLResponse(self._page(values))
        return self._decide(values, str(asked.get("user", "")), str(asked.get("decision", "")))

    def _problem(self, values: dict[str, str]) -> tuple[str, str] | None:
        if values["client_id"] != self.box.options.client_id:
            return "invalid_client_id", "No app has this client id."
        if not values["redirect_uri"] or not redirect_allowed(self.box.options, values["redirect_uri"]):
            passed = values["redirect_uri"]
            return "bad_redirect_uri", f"redirect_uri did not match any configured URIs. Passed URI: {passed}"
        if values["response_type"] != "code":
            return "unsupported_response_type", "Only the response type code is supported."
        scopes = split_scopes(values["scope"])
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or "openid" not in scopes:
            return "invalid_scope", f"Signing in takes openid, profile and email, not: {', '.join(unknown)}"
        if values["team"] and values["team"] not in self.box.world.teams:
            return "invalid_team", "No such workspace."
        return None

    def _decide(self, values: dict[str, str], user_id: str, decision: str) -> Response:
        if decision != "allow":
            return back(values, error="access_denied")
        found = grantor(self.box, user_id, values["team"])
        if found is None:
            return error_page("user_not_found", "Choose who you are.")
        team, person = found
        code = f"{self.box.world.random.randrange(10**12)}.{self.box.world.secret(40)}"
        self.box.openid_codes[code] = OpenIdGrant(
            team=team.id,
            user=person.id,
            scopes=split_scopes(values["scope"]),
            redirect_uri=values["redirect_uri"],
            nonce=values["nonce"],
            expires=time.time() + CODE_LIVES,
        )
        return back(values, code=code)

    def _page(self, values: dict[str, str]) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items()
        )
        scopes = "".join(
            f"<li>{escape(SCOPES[scope])} <code>{escape(scope)}</code></li>"
            for scope in split_scopes(values["scope"])
        )
        return Template((STATIC / "sign_in.html").read_text()).substitute(
            app=escape(self.box.options.app_name),
            hidden=hidden,
            scopes=scopes,
            people=choices(self.box, values["team"]),
            host=escape(urlsplit(values["redirect_uri"]).netloc),
        )

    async def keys(self, request: Request) -> Response:
        fault = self.box.faults.draw("openid.keys", {})
        self.box.requests.add(
            method="openid.keys", args={}, answered=None, fault=fault.kind if fault else None, unknown=[]
        )
        if fault and fault.kind == "garbage":
            return Response(b'{"keys":[', media_type="application/json")
        if fault and fault.kind == "status":
            return Response(b"", fault.status)
        return JSONResponse({"keys": self.box.signing_keys.published()})

    async def configuration(self, request: Request) -> Response:
        origin = self.box.options.origin
        return JSONResponse(_configuration(origin))


def _configuration(origin: str) -> Json:
    return {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/openid/connect/authorize",
        "token_endpoint": f"{origin}/api/openid.connect.token",
        "userinfo_endpoint": f"{origin}/api/openid.connect.userInfo",
        "jwks_uri": f"{origin}/openid/connect/keys",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "auth_time", "iss"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }
