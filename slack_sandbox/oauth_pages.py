"""The page on which a person allows the app: `/oauth/v2/authorize`."""

import time
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from slack_sandbox.model import Person, Team
from slack_sandbox.options import Options
from slack_sandbox.sandbox import OAuthCode, Sandbox

CODE_LIVES = 600
STATIC = Path(__file__).parent / "static"
CARRIED = ("client_id", "scope", "user_scope", "state", "redirect_uri", "team")
SCOPES = {
    "app_mentions:read": "View messages that mention the app",
    "channels:history": "View messages in public channels it is in",
    "channels:join": "Join public channels",
    "channels:manage": "Manage public channels and create new ones",
    "channels:read": "View basic information about public channels",
    "chat:write": "Send messages as the app",
    "chat:write.customize": "Send messages with a customised name and picture",
    "chat:write.public": "Send messages to channels it is not in",
    "commands": "Add shortcuts and slash commands",
    "emoji:read": "View custom emoji",
    "files:read": "View files shared where it is",
    "files:write": "Upload files",
    "groups:history": "View messages in private channels it is in",
    "groups:read": "View basic information about private channels it is in",
    "groups:write": "Manage private channels it is in",
    "im:history": "View messages in direct messages with it",
    "im:read": "View basic information about direct messages",
    "im:write": "Start direct messages",
    "links:read": "View its links in messages",
    "links:write": "Show previews of its links",
    "metadata.message:read": "Read message metadata",
    "mpim:history": "View messages in group direct messages",
    "mpim:read": "View basic information about group direct messages",
    "mpim:write": "Start group direct messages",
    "pins:read": "View pinned content",
    "pins:write": "Add and remove pinned messages",
    "reactions:read": "View emoji reactions",
    "reactions:write": "Add and edit emoji reactions",
    "team:read": "View the workspace's name, address and icon",
    "users:read": "View people in the workspace",
    "users:read.email": "View their e-mail addresses",
    "users:write": "Set its own presence",
    "bookmarks:read": "List bookmarks",
    "bookmarks:write": "Create and edit bookmarks",
    "channels:write.invites": "Invite members to public channels",
    "groups:write.invites": "Invite members to private channels",
    "channels:write.topic": "Set the description of public channels",
    "groups:write.topic": "Set the description of private channels",
}


ORG = (
    '<label class="field"><input type="checkbox" name="whole_org" value="1" data-testid="oauth-org"> '
    "<span>For my whole organisation</span></label>"
)


class Authorize:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        asked: QueryParams | FormData = (
            request.query_params if request.method == "GET" else await request.form()
        )
        values = {name: str(asked.get(name, "")) for name in CARRIED}
        values["redirect_uri"] = values["redirect_uri"] or self.box.options.redirect_urls[0]
        problem = self._problem(values)
        if problem:
            return error_page(*problem)
        if request.method == "GET":
            return HTMLResponse(self._page(values))
        whole_org = asked.get("whole_org") == "1"
        return self._decide(values, str(asked.get("user", "")), str(asked.get("decision", "")), whole_org)

    def _problem(self, values: dict[str, str]) -> tuple[str, str] | None:
        if values["client_id"] != self.box.options.client_id:
            return "invalid_client_id", "No app has this client id."
        if not redirect_allowed(self.box.options, values["redirect_uri"]):
            passed = values["redirect_uri"]
            return "bad_redirect_uri", f"redirect_uri did not match any configured URIs. Passed URI: {passed}"
        scopes = split_scopes(values["scope"])
        if not scopes:
            return "no_scopes", "The app asks for no scopes."
        unknown = [scope for scope in scopes + split_scopes(values["user_scope"]) if scope not in SCOPES]
        if unknown:
            return "invalid_scope", f"Invalid permissions requested: {', '.join(unknown)}"
        if values["team"] and values["team"] not in self.box.world.teams:
            return "invalid_team", "No such workspace."
        return None

    def _decide(self, values: dict[str, str], user_id: str, decision: str, whole_org: bool) -> Response:
        if decision != "allow":
            return back(values, error="access_denied")
        found = grantor(self.box, user_id, values["team"])
        if found is None:
            return error_page("user_not_found", "Choose who you are.")
        team, person = found
        if whole_org and not (team.enterprise and person.is_admin):
            return error_page(
                "restricted_action", "Only admins of an organisation install apps for all of it."
            )
        code = f"{self.box.world.random.randrange(10**12)}.{self.box.world.secret(40)}"
        expires = time.time() + CODE_LIVES
        self.box.codes[code] = OAuthCode(
            team.id, person.id, split_scopes(values["scope"]), values["redirect_uri"], expires, whole_org
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
        people = choices(self.box, values["team"])
        page = Template((STATIC / "authorize.html").read_text())
        host = urlsplit(values["redirect_uri"]).netloc
        return page.substitute(
            app=escape(self.box.options.app_name),
            hidden=hidden,
            scopes=scopes,
            people=people,
            host=escape(host),
            org=ORG if self.box.world.orgs else "",
        )


def choices(box: Sandbox, team_id: str) -> str:
    """The options of *You are*: the people of one team, or of all."""
    return "".join(_group(team) for team in box.world.teams.values() if team_id in ("", team.id))


def _group(team: Team) -> str:
    people = [person for person in team.people.values() if not person.is_bot and not person.deleted]
    options = "".join(f'<option value="{p.id}">{escape(_called(p))}</option>' for p in people)
    return f'<optgroup label="{escape(team.name)}">{options}</optgroup>'


def grantor(box: Sandbox, user_id: str, team_id: str) -> tuple[Team, Person] | None:
    """Who presses the button; None for a bot, a stranger, or somebody of another team than the asked one."""
    for team in box.world.teams.values():
        person = team.people.get(user_id)
        if person and not person.is_bot and team_id in ("", team.id):
            return team, person
    return None


def redirect_allowed(options: Options, url: str) -> bool:
    asked = urlsplit(url)
    if asked.fragment or "#" in url or ".." in asked.path:
        return False
    return any(_is_under(asked.scheme, asked.netloc, asked.path, base) for base in options.redirect_urls)


def _called(person: Person) -> str:
    return person.real_name + (f" – {person.title}" if person.title else "")


def split_scopes(text: str) -> list[str]:
    return [scope for scope in text.replace(" ", ",").split(",") if scope]


def _is_under(scheme: str, netloc: str, path: str, base: str) -> bool:
    allowed = urlsplit(base)
    root = allowed.path.rstrip("/")
    return (scheme, netloc) == (allowed.scheme, allowed.netloc) and (
        path == allowed.path or path.startswith(f"{root}/")
    )


def back(values: dict[str, str], **answer: str) -> Response:
    joint = "&" if "?" in values["redirect_uri"] else "?"
    query = urlencode({**answer, "state": values["state"]})
    return RedirectResponse(f"{values['redirect_uri']}{joint}{query}", 302)


def error_page(error: str, sentence: str) -> Response:
    page = Template((STATIC / "error.html").read_text())
    return HTMLResponse(page.substitute(error=escape(error), sentence=escape(sentence)), 400)
