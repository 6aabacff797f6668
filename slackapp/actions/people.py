"""Writes of people in Slack: who they are, how visitors see them, a company's own emoji, who may answer."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions import upsert_external_agent
from accounts.models import Agent, Member, Workspace
from slackapp.actions.settings import changing
from slackapp.models import Connection, EmojiList, Installation, Roster, SlackIdentity


def store_identity(team_id: str, user_id: str, known: dict[str, Any]) -> SlackIdentity:
    """What Slack tells of somebody. Every workspace that they answer for shows it."""
    with transaction.atomic():
        identity, _ = SlackIdentity.objects.update_or_create(
            slack_team_id=team_id, slack_user_id=user_id, defaults={**known, "fetched_at": timezone.now()}
        )
        agents = Agent.unscoped.filter(external_id=external_id(team_id, user_id)).select_related("workspace")
        for agent in agents:
            agent_for(agent.workspace, identity)
    return identity


def external_id(team_id: str, user_id: str) -> str:
    return f"slack:{team_id}:{user_id}"[:80]


def agent_for(workspace: Workspace, identity: SlackIdentity) -> Agent:
    return upsert_external_agent(
        workspace,
        external_id(identity.slack_team_id, identity.slack_user_id),
        identity.name,
        identity.title,
        identity.avatar_url,
        picture=identity.picture,
        is_gone=identity.is_gone,
    )


def unknown_agent(workspace: Workspace, team_id: str, user_id: str) -> Agent:
    """The face of somebody Slack tells nothing of (yet): under the company's name until it does."""
    return upsert_external_agent(workspace, external_id(team_id, user_id), "")


def store_emoji(installation: Installation, names: dict[str, str]) -> EmojiList:
    found, _ = EmojiList.objects.update_or_create(
        installation=installation, defaults={"names": names, "fetched_at": timezone.now()}
    )
    return found


def forget_emoji(installation: Installation) -> None:
    """Something changed there: the list is asked for anew when the next emoji of theirs is met."""
    EmojiList.objects.filter(installation=installation).update(fetched_at=None)


def store_roster(connection: Connection, user_ids: list[str]) -> Roster:
    found, _ = Roster.objects.update_or_create(
        connection=connection, defaults={"user_ids": user_ids, "fetched_at": timezone.now()}
    )
    return found


def note_looked(team_id: str, user_id: str) -> None:
    """Before Slack is asked, so that somebody it says nothing of does not keep us from the others."""
    SlackIdentity.objects.update_or_create(
        slack_team_id=team_id, slack_user_id=user_id, defaults={"looked_at": timezone.now()}
    )


def note_presence(team_id: str, user_id: str, presence: str) -> None:
    """`active`, `away`, or nothing for somebody who does not count (an app, somebody who left)."""
    known = SlackIdentity.objects.filter(slack_team_id=team_id, slack_user_id=user_id)
    known.update(presence=presence, presence_at=timezone.now())


def let_answer(member: Member, connection: Connection, *, guests: bool, partners: bool) -> None:
    """Whose lines reach visitors beside those of the team's own people."""
    with changing(member, connection, "slack.people_chosen"):
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(
            allow_guests=guests, allow_partners=partners
        )
