"""oauth.v2.access, and what an installation makes."""

from slack_sandbox.api.registry import Call, Refusal, bad_arguments, method
from slack_sandbox.model import Installation, Json, Person, Team
from slack_sandbox.sandbox import OAuthCode, Sandbox

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
    _check_client(call)
    if call.text("grant_type") not in ("", "authorization_code"):
        raise Refusal("invalid_grant_type")
    grant = _redeem(call)
    team = call.box.world.teams[grant.team]
    installation = install(call.box, team, grant)
    return {
        "app_id": installation.app_id,
        "authed_user": {"id": grant.user},
        "scope": ",".join(installation.scopes),
        "token_type": "bot",
        "access_token": installation.token,
        "bot_user_id": installation.bot_user,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _check_client(call: Call) -> None:
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


def install(box: Sandbox, team: Team, grant: OAuthCode) -> Installation:
    """Scopes add up; the token stays until it is revoked."""
    known = team.installation
    if known and known.active:
        known.scopes = list(dict.fromkeys([*known.scopes, *grant.scopes]))
        known.installed_by = grant.user
        box.keeper.touch()
        return known
    bot = _bot_user(box, team)
    random = box.world.random
    token = f"xoxb-{random.randrange(10**11, 10**12)}-{random.randrange(10**12, 10**13)}-{box.world.secret()}"
    team.installation = Installation(
        team.id, box.options.app_id, bot.id, bot.bot_id, token, list(dict.fromkeys(grant.scopes)), grant.user
    )
    box.tell_pages(team.id, {"type": "channels"})
    return team.installation


def _bot_user(box: Sandbox, team: Team) -> Person:
    known = next((p for p in team.people.values() if p.is_bot and p.app_id == box.options.app_id), None)
    if known:
        known.deleted = False
        return known
    name = box.options.app_name
    bot = Person(
        id=box.world.new_id("U"),
        team=team.id,
        name=name.lower().replace(" ", ""),
        real_name=name,
        is_bot=True,
        bot_id=box.world.new_id("B"),
        app_id=box.options.app_id,
        color="4338ca",
    )
    team.people[bot.id] = bot
    return bot
