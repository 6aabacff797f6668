"""The people of a workspace as the Team page lists them: who visitors see, where they come from, who is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import Agent, Member, Workspace
from livechat.presence import CONSOLE_GRACE
from slackapp.actions.people import external_id
from slackapp.availability import STALE
from slackapp.models import Connection, Installation, SlackIdentity

MOST_FACES = 500


@dataclass(frozen=True, slots=True)
class Face:
    """`origin` in words; `there`: `active`, `away`, or empty if nobody looked lately; `since`: when that was told."""

    agent: Agent
    origin: str
    there: str
    place: str
    since: datetime | None


def faces_of(workspace: Workspace) -> list[Face]:
    """Four statements however many people there are; those who left stand last."""
    agents = Agent.objects.in_workspace(workspace).select_related("member__user", "member__console_visit")
    found = list(agents.order_by("is_gone", "name", "pk")[:MOST_FACES])
    known = _identities(found)
    teams = _team_names(workspace)
    return [_face(agent, known.get(agent.external_id or ""), teams) for agent in found]


def face_of(agent: Agent) -> Face:
    return next(face for face in faces_of(agent.workspace) if face.agent.pk == agent.pk)


def may_change(member: Member, agent: Agent) -> bool:
    """One's own face, be it of the console or of a linked Slack account."""
    if agent.member_id == member.pk:
        return True
    own = SlackIdentity.objects.filter(user=member.user).values_list("slack_team_id", "slack_user_id")
    return agent.external_id in {external_id(team_id, user_id) for team_id, user_id in own}


def _identities(agents: list[Agent]) -> dict[str, SlackIdentity]:
    wanted = Q(pk=None)
    for agent in agents:
        kind, _, rest = (agent.external_id or "").partition(":")
        team_id, _, user_id = rest.partition(":")
        if kind == "slack" and user_id:
            wanted |= Q(slack_team_id=team_id, slack_user_id=user_id)
    return {
        external_id(one.slack_team_id, one.slack_user_id): one for one in SlackIdentity.objects.filter(wanted)
    }


def _team_names(workspace: Workspace) -> dict[str, str]:
    used = Connection.objects.in_workspace(workspace).values("installation_id")
    teams = Installation.objects.filter(pk__in=used)
    return {team.slack_team_id: str(team) for team in teams}


def _face(agent: Agent, who: SlackIdentity | None, teams: dict[str, str]) -> Face:
    if agent.member is not None:
        return _of_console(agent, agent.member)
    team_id = (agent.external_id or "").split(":")[1:2]
    team = teams.get(team_id[0], "") if team_id else ""
    kind = ""
    if who is not None and (who.is_guest or who.is_outsider):
        kind = "guest in " if who.is_guest else "from outside, in "
    origin = f"{kind}Slack{f' · {team}' if team else ''}"
    there = who.presence if who is not None and _is_recent(who.presence_at, STALE) else ""
    return Face(
        agent, origin[0].upper() + origin[1:], there, "Slack", who.presence_at if who is not None else None
    )


def _of_console(agent: Agent, member: Member) -> Face:
    visit = getattr(member, "console_visit", None)
    seen = visit.seen_at if visit is not None else None
    there = "active" if _is_recent(seen, CONSOLE_GRACE) else ""
    return Face(agent, f"Console · {member.get_role_display()}", there, "the console", seen)


def _is_recent(moment: datetime | None, how_long: timedelta) -> bool:
    return moment is not None and timezone.now() - moment < how_long
