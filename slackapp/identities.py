"""Which accounts in Slack a user of ours has."""

from django.urls import reverse

from accounts.models import User
from accounts.proof import Way
from slackapp.models import SlackIdentity


def way_to_prove(user: User) -> Way | None:
    if not SlackIdentity.objects.filter(user=user).exists():
        return None
    return Way("slack", "Confirm with Slack", reverse("slack_prove"))


def team_of(user: User) -> str:
    """Where Slack is to ask, if there is but one place; empty lets the person choose."""
    teams = set(SlackIdentity.objects.filter(user=user).values_list("slack_team_id", flat=True))
    return teams.pop() if len(teams) == 1 else ""


def is_of(user: User, team_id: str, user_id: str) -> bool:
    mine = SlackIdentity.objects.filter(user=user, slack_team_id=team_id, slack_user_id=user_id)
    return mine.exists()
