"""openid.connect.token and openid.connect.userInfo: who signed in."""

from slack_sandbox import views
from slack_sandbox.api.oauth import check_client
from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.id_tokens import LIVES
from slack_sandbox.model import Json, Person
from slack_sandbox.sandbox import OpenIdGrant, Sandbox

CLAIM = "https://slack.com/"
ARGS: dict[str, type] = {
    "client_id": str,
    "client_secret": str,
    "code": str,
    "redirect_uri": str,
    "grant_type": str,
    "refresh_token": str,
}


@method("openid.connect.token", tier="special", args=ARGS, with_token=False)
def token(call: Call) -> Json:
    check_client(call)
    if call.text("grant_type") not in ("", "authorization_code"):
        raise Refusal("unsupported_grant_type")
    grant = _redeem(call)
    access_token = f"xoxp-{call.box.world.random.randrange(10**11, 10**12)}-{call.box.world.secret()}"
    call.box.openid_tokens[access_token] = grant
    answer = {"access_token": access_token, "token_type": "Bearer"}
    return {**answer, "id_token": _id_token(call.box, grant)}


def _redeem(call: Call) -> OpenIdGrant:
    """A code is good once, whatever comes of it."""
    grant = call.box.openid_codes.pop(call.text("code"), None)
    if grant is None or grant.expires < call.box.now():
        raise Refusal("invalid_code")
    if call.text("redirect_uri") != grant.redirect_uri:
        raise Refusal("bad_redirect_uri")
    return grant


def _id_token(box: Sandbox, grant: OpenIdGrant) -> str:
    claims = _claims(box, grant)
    fault = box.faults.draw("id_token", claims)
    if fault is None:
        return box.signing_keys.token(claims)
    changed = {**claims, **fault.claims}
    return box.signing_keys.token({k: v for k, v in changed.items() if v is not None}, fault.kind)


def _claims(box: Sandbox, grant: OpenIdGrant) -> Json:
    now = int(box.now())
    claims: Json = {
        "iss": box.options.origin,
        "sub": grant.user,
        "aud": box.options.client_id,
        "exp": now + LIVES,
        "iat": now,
        "auth_time": now,
        "at_hash": box.world.secret(22),
        f"{CLAIM}team_id": grant.team,
        f"{CLAIM}user_id": grant.user,
        **_told(box, grant),
    }
    return claims | ({"nonce": grant.nonce} if grant.nonce else {})


def _told(box: Sandbox, grant: OpenIdGrant) -> Json:
    """What the granted scopes tell of the person."""
    person = box.world.teams[grant.team].people[grant.user]
    told: Json = {}
    if "email" in grant.scopes:
        verified = {"email_verified": True, "date_email_verified": 1622128723}
        told |= {"email": person.email, **verified}
    if "profile" in grant.scopes:
        told |= {"name": person.real_name, "locale": "en-US", **_names(person)}
        told["picture"] = views.avatar(box, person, 192)
        told |= {f"{CLAIM}team_name": box.world.teams[grant.team].name}
    return told


def _names(person: Person) -> Json:
    given, _, family = person.real_name.partition(" ")
    return {"given_name": given, "family_name": family}


@method("openid.connect.userInfo", tier="t3", with_token=False)
def user_info(call: Call) -> Json:
    if not call.token:
        raise Refusal("not_authed")
    grant = call.box.openid_tokens.get(call.token)
    if grant is None:
        raise Refusal("invalid_auth")
    team = call.box.world.teams[grant.team]
    who = {"sub": grant.user, f"{CLAIM}user_id": grant.user, f"{CLAIM}team_id": grant.team}
    return {**who, **_told(call.box, grant), f"{CLAIM}team_domain": team.domain}
