"""oauth.v2.access, and what an installation makes."""

from slack_sandbox import installing, rotation
from slack_sandbox.api.registry import Call, Refusal, bad_arguments, method
from slack_sandbox.model import Json
from slack_sandbox.sandbox import OAuthCode

ARGS: dict[str, type] = {
    "client_id": str,
    "client_secret": str,
    "code": str,
    "redirect_uri": str,
    "grant_type": str,
    "refresh_token": str,
    "code_verifier": str,
}


@method("oauth.v2.access", tier="special", args=ARGS, with_token=False)
def access(call: Call) -> Json:
    check_client(call)
    if call.text("grant_type") == "refresh_token":
        return _refreshed(call)
    if call.text("grant_type") not in ("", "authorization_code"):
        raise Refusal("invalid_grant_type")
    grant = _redeem(call)
    return {
        **installing.shown(call.box, installing.install(call.box, grant)),
        "authed_user": {"id": grant.user},
    }


def _refreshed(call: Call) -> Json:
    installation = rotation.refresh(call.box, call.text("refresh_token"))
    if installation is None:
        raise Refusal("invalid_refresh_token")
    return installing.shown(call.box, installation)


@method(
    "oauth.v2.exchange",
    tier="t3",
    args={"client_id": str, "client_secret": str, "token": str},
    with_token=False,
)
def exchange(call: Call) -> Json:
    """A long-lived token becomes a pair, once."""
    check_client(call)
    if not call.box.rotation.on:
        raise Refusal("token_rotation_not_enabled")
    token = call.token
    installation = call.box.world.installation_by_token(token)
    if installation is None:
        raise Refusal("invalid_token")
    if token in installation.exchanged or installation.expires:
        raise Refusal("token_already_exchanged")
    if not installation.active:
        raise Refusal("authorization_not_found")
    rotation.exchange(call.box, installation)
    return installing.shown(call.box, installation)


def check_client(call: Call) -> None:
    client_id = call.secret.get("client_id") or call.text("client_id")
    secret = call.secret.get("client_secret") or call.text("client_secret")
    if not client_id:
        bad_arguments("missing required field: client_id")
    if client_id != call.box.options.client_id:
        raise Refusal("invalid_client_id")
    if secret != call.box.options.client_secret:
        raise Refusal("bad_client_secret")


def _redeem(call: Call) -> OAuthCode:
    """A code is good once, whatever comes of it."""
    grant = call.box.codes.pop(call.text("code"), None)
    if grant is None or grant.expires < call.box.now():
        raise Refusal("invalid_code")
    if call.text("redirect_uri") != grant.redirect_uri:
        raise Refusal("bad_redirect_uri")
    return grant
