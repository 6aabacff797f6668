"""People in Slack who post links to the console, and who are linked to an account here or not."""

from collections.abc import Iterable

from django.conf import settings

from accounts.models import Member
from livechat.models import ChatSession, Message
from slackapp import actions
from slackapp.models import SlackIdentity
from tests.slackapp.peer import Json, Slack, settle


def linked(slack: Slack, member: Member, name: str, team: str = "Acme") -> SlackIdentity:
    """This person has linked their Slack account."""
    identity = actions.store_identity(
        slack.team(team)["id"],
        slack.person(name, team),
        {"name": name.title(), "seen_from": slack.team(team)["id"]},
    )
    SlackIdentity.objects.filter(pk=identity.pk).update(user=member.user)
    return identity


def to_chat(chat: ChatSession, message: Message | None = None) -> str:
    return f"{settings.CONSOLE_URL}/console/chats/{chat.pk}" + (f"#m-{message.pk}" if message else "")


def posted(slack: Slack, channel: str, text: str, user: str = "bob", **more: str) -> str:
    """A message with links; gives its ts once everything has come to rest."""
    ts = slack.act("say", user=user, channel=channel, text=text, team="Acme", **more)["ts"]
    settle(slack)
    return str(ts)


def message_at(slack: Slack, channel: str, ts: str) -> Json:
    found = slack.look("messages", channel=channel, team="Acme")["messages"]
    return dict(next(message for message in found if message["ts"] == ts))


def previews_of(slack: Slack, channel: str, ts: str) -> dict[str, str]:
    """All words of each preview below a message, by its address."""
    shown = message_at(slack, channel, ts).get("attachments") or []
    return {one["from_url"]: "\n".join(_words(one["blocks"])) for one in shown}


def _words(blocks: Iterable[Json]) -> list[str]:
    found = []
    for block in blocks:
        parts = [block.get("text"), *(block.get("fields") or []), *(block.get("elements") or [])]
        found += [part["text"] for part in parts if isinstance(part, dict)]
    return found


def asked_in(slack: Slack, channel: str, ts: str) -> list[Json]:
    """Who is asked below a message to link their account."""
    return list(message_at(slack, channel, ts)["prompts"])


def calls(slack: Slack) -> list[Json]:
    return slack.calls("chat.unfurl")


def elsewhere(slack: Slack) -> str:
    """A channel that the app is not in and that carries no chats."""
    return str(slack.act("channels", team="Acme", name="sales")["channel"])
