"""What tests of erasing look for: words that stand nowhere else, here and in whatever the app left in Slack."""

from django.apps import apps
from django.utils import timezone

from livechat.actions.searching import index_due
from slackapp.models import ErasedCopy, Lane
from tests.slackapp.peer import Slack, at_rest

WORDS = ("zebrafish", "quokkaway", "narwhalst")


def rows_with(words: tuple[str, ...]) -> list[str]:
    """Every row of every table that carries one of the words, in whatever column."""
    return [
        f"{model._meta.label} {row.get('id')}"
        for model in apps.get_models()
        for row in model._base_manager.values()
        if any(word in str(row).lower() for word in words)
    ]


def everything_is_done(slack: Slack) -> None:
    """Also what waits for posts that were on their way."""
    for _ in range(4):
        ErasedCopy.objects.filter(state="pending").update(due_at=timezone.now())
        Lane.objects.filter(key__startswith="own:").update(due_at=timezone.now())
        at_rest(slack)
    index_due()


def left_by_the_app(slack: Slack, *teams: str) -> list[str]:
    """Channels whose name or topic, and posts of the app in any of them, that carry one of the words."""
    found = []
    for team in teams or ("Acme",):
        for channel in slack.team(team)["channels"]:
            posts = slack.look("messages", channel=channel["id"], team=team)["messages"]
            ours = [post for post in posts if post.get("bot_id") and not post.get("seen_only_by")]
            spoken = [post for post in ours if post.get("subtype") in (None, "bot_message", "file_share")]
            found += [str(one) for one in (channel["name"], channel["topic"], *spoken) if has_word(str(one))]
    return found


def has_word(text: str) -> bool:
    return any(word in text.lower() for word in WORDS)
