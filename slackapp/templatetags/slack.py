"""What templates of other apps ask about Slack."""

from django import template
from django.conf import settings

from accounts.models import User, Workspace
from slackapp import queries
from slackapp.actions import forgetting, leaving
from slackapp.models import Notice

register = template.Library()


@register.simple_tag
def slack_app() -> bool:
    """Whether this server has a Slack app, so that its buttons lead somewhere."""
    return bool(settings.SLACK_CLIENT_ID)


@register.simple_tag
def slack_kept() -> dict[str, int]:
    """For how many days what comes from Slack is kept: the very numbers that deleting goes by."""
    return {
        "team": leaving.kept_for().days,
        "events": forgetting.EVENTS_KEPT_FOR.days,
        "failed_events": forgetting.FAILED_EVENTS_KEPT_FOR.days,
    }


@register.simple_tag
def slack_accounts(user: User) -> list[queries.LinkedAccount]:
    """The accounts in Slack by which somebody logs in, with the names of their teams."""
    return queries.identities_of(user)


@register.simple_tag
def slack_news(workspace: Workspace) -> list[Notice]:
    """What owners should know of Slack and have not put away."""
    return queries.news_of(workspace)
