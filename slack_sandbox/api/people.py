"""auth.*, apps.*, users.*, team.info, bots.info."""

from slack_sandbox import company, leaving, views
from slack_sandbox.api.paging import page
from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.model import Json, Person


@method("auth.test", tier="special", takes_json=True)
def auth_test(call: Call) -> Json:
    team, app = call.team, call.app
    if org := call.box.world.orgs.get(app.enterprise):
        return {
            "url": f"https://{org.domain}.enterprise.slack.com/",
            "team": org.name,
            "user": call.bot.name,
            "team_id": org.id,
            "user_id": app.bot_user,
            "bot_id": app.bot_id,
            "enterprise_id": org.id,
            "is_enterprise_install": True,
        }
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": call.bot.name,
        "team_id": team.id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke", tier="t3", args={"test": bool})
def auth_revoke(call: Call) -> Json:
    if call.flag("test"):
        return {"revoked": False}
    leaving.revoke(call.box, call.app, call.token)
    return {"revoked": True}


@method(
    "apps.uninstall",
    tier="t1",
    args={"client_id": str, "client_secret": str},
    required=("client_id", "client_secret"),
)
def apps_uninstall(call: Call) -> Json:
    if call.text("client_id") != call.box.options.client_id:
        raise Refusal("invalid_client_id")
    if call.text("client_secret") != call.box.options.client_secret:
        raise Refusal("bad_client_secret")
    leaving.end(call.box, call.app, uninstalled=True)
    return {}


def _person(call: Call) -> Person:
    """One of the team's own, or somebody of another company who shares a channel with it."""
    wanted = call.text("user")
    shared = {person.id: person for person in company.outsiders(call.box, call.team)}
    person = call.team.people.get(wanted) or shared.get(wanted)
    if person is None:
        raise Refusal("user_not_found")
    return person


@method(
    "users.info",
    tier="t4",
    scopes=("users:read",),
    args={"user": str, "include_locale": bool},
    required=("user",),
)
def users_info(call: Call) -> Json:
    with_email = "users:read.email" in call.app.scopes
    shown = views.user(call.box, _person(call), with_email, seen_by=call.team.id)
    return {"user": shown | ({"locale": "en-US"} if call.flag("include_locale") else {})}


@method(
    "users.list",
    tier="t2",
    scopes=("users:read",),
    args={"cursor": str, "limit": int, "include_locale": bool, "team_id": str},
)
def users_list(call: Call) -> Json:
    with_email = "users:read.email" in call.app.scopes
    members = [views.user(call.box, person, with_email) for person in call.team.people.values()]
    return {"cache_ts": int(call.box.now()), **page(call, "members", members, default=1000)}


@method(
    "users.lookupByEmail", tier="t3", scopes=("users:read.email",), args={"email": str}, required=("email",)
)
def users_lookup_by_email(call: Call) -> Json:
    wanted = call.text("email").lower()
    person = next((p for p in call.team.people.values() if wanted and p.email.lower() == wanted), None)
    if person is None:
        raise Refusal("users_not_found")
    return {"user": views.user(call.box, person, with_email=True)}


@method("users.getPresence", tier="t3", scopes=("users:read",), args={"user": str})
def users_get_presence(call: Call) -> Json:
    person = _person(call) if call.text("user") else call.bot
    return {"presence": person.presence}


@method("auth.teams.list", tier="t2", args={"cursor": str, "limit": int, "include_icon": bool})
def auth_teams_list(call: Call) -> Json:
    """Which teams an organisation lets the app into."""
    teams = [{"id": team.id, "name": team.name} for team in call.box.world.teams_of(call.app)]
    return page(call, "teams", teams)


@method("team.info", tier="t3", scopes=("team:read",), takes_json=True, args={"team": str, "domain": str})
def team_info(call: Call) -> Json:
    team = call.team
    if call.text("team") not in ("", team.id):
        raise Refusal("team_not_found")
    icon: Json = {
        f"image_{size}": f"{call.box.options.origin}/avatars/app-46365f-72.png"
        for size in (34, 44, 68, 88, 102, 132)
    }
    icon["image_default"] = True
    url = f"https://{team.domain}.slack.com/"
    shown = {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "email_domain": "",
        "icon": icon,
        "url": url,
    }
    return {"team": shown | {"avatar_base_url": f"{call.box.options.origin}/avatars/", "is_verified": False}}


@method("bots.info", tier="t3", scopes=("users:read",), args={"bot": str, "team_id": str})
def bots_info(call: Call) -> Json:
    if not call.text("bot"):
        raise Refusal("missing_argument")
    if call.text("bot") != call.app.bot_id:
        raise Refusal("bot_not_found")
    shown = views.bot_profile(call.box, call.app)
    return {
        "bot": {key: shown[key] for key in ("id", "deleted", "name", "updated", "app_id", "user_id", "icons")}
    }
