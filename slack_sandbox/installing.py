"""What an installation makes: a bot user, a token, in one team or in an organisation and the teams that it grants."""

from slack_sandbox import rotation
from slack_sandbox.api.registry import Refusal
from slack_sandbox.model import Installation, Json, Org, Person, Team
from slack_sandbox.sandbox import OAuthCode, Sandbox


def install(box: Sandbox, grant: OAuthCode) -> Installation:
    """Scopes add up; the token stays until it is revoked, or is a new pair where tokens rotate."""
    team = box.world.teams[grant.team]
    org = box.world.org_of(team)
    if not grant.whole_org:
        if team.installed and team.installed.enterprise:
            raise Refusal("cannot_install_an_org_installed_app")
        return _again(box, team, grant) or _in_team(box, team, grant)
    if org is None:
        raise Refusal("invalid_code")
    return _again(box, org, grant) or _in_org(box, org, team, grant)


def _again(box: Sandbox, owner: Team | Org, grant: OAuthCode) -> Installation | None:
    known = owner.installation
    if known is None or not known.active:
        return None
    known.scopes = list(dict.fromkeys([*known.scopes, *grant.scopes]))
    known.installed_by = grant.user
    if box.rotation.on:
        rotation.issue(box, known)
    box.keeper.touch()
    return known


def _in_team(box: Sandbox, team: Team, grant: OAuthCode) -> Installation:
    bot = bot_user(box, team)
    team.installation = _made(box, team.id, "", bot, grant)
    box.tell_pages(team.id, {"type": "channels"})
    return team.installation


def _in_org(box: Sandbox, org: Org, team: Team, grant: OAuthCode) -> Installation:
    """One bot and one token; at first for the team of whoever allowed it."""
    org.installation = _made(box, "", org.id, bot_user(box, team), grant)
    allow(box, org.installation, team)
    return org.installation


def _made(box: Sandbox, team: str, enterprise: str, bot: Person, grant: OAuthCode) -> Installation:
    scopes = list(dict.fromkeys(grant.scopes))
    made = Installation(
        team, box.options.app_id, bot.id, bot.bot_id, rotation.long_lived_token(box.world), scopes, grant.user
    )
    made.enterprise = enterprise
    if box.rotation.on:
        made.token = ""
        rotation.issue(box, made)
    return made


def allow(box: Sandbox, installation: Installation, team: Team) -> None:
    """The organisation lets its app into one of its teams."""
    here = next(t for t in box.world.teams.values() if installation.bot_user in t.people)
    team.people.setdefault(installation.bot_user, here.people[installation.bot_user])
    team.installation = installation
    if team.id not in installation.granted:
        installation.granted.append(team.id)
    box.tell_pages(team.id, {"type": "channels"})


def withdraw(box: Sandbox, installation: Installation, team: Team) -> None:
    """The team is closed to the app: it leaves the channels and its token answers `team_access_not_granted` there."""
    for channel in team.channels.values():
        if installation.bot_user in channel.members:
            channel.members.remove(installation.bot_user)
    installation.granted.remove(team.id)
    team.installation = None
    box.tell_pages(team.id, {"type": "channels"})


def bot_user(box: Sandbox, team: Team) -> Person:
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


def shown(box: Sandbox, installation: Installation) -> Json:
    """As oauth.v2.access and oauth.v2.exchange answer."""
    team = box.world.teams.get(installation.team)
    org = box.world.orgs.get(installation.enterprise or (team.enterprise if team else ""))
    answer: Json = {
        "app_id": installation.app_id,
        "authed_user": {"id": installation.installed_by},
        "scope": ",".join(installation.scopes),
        "token_type": "bot",
        "access_token": installation.token,
        "bot_user_id": installation.bot_user,
        "team": {"id": team.id, "name": team.name} if team else None,
        "enterprise": {"id": org.id, "name": org.name} if org else None,
        "is_enterprise_install": bool(installation.enterprise),
    }
    if installation.refresh_token:
        answer |= {"expires_in": round(box.rotation.seconds), "refresh_token": installation.refresh_token}
    return answer
