"""What the tests of snoozing and blocking press in Slack: our buttons, in the place of a chat."""

from typing import Any

from livechat.models import ChatSession
from slackapp import client
from tests.slackapp.peer import Json, Slack, link_of, settle


def button(chat: ChatSession, action_id: str, channel: str = "", value: str = "") -> Json:
    """A message of ours in the chat's thread or channel that carries it; where it stands."""
    link = link_of(chat)
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Press"}}
    said: dict[str, Any] = {"text": "x", "channel": channel or link.channel_id}
    said["blocks"] = [{"type": "actions", "elements": [{**element, "value": value or str(chat.pk)}]}]
    answer = client.call("chat.postMessage", link.installation.bot_token.reveal(), **said)
    return {"channel": said["channel"], "ts": str(answer["ts"]), "action_id": action_id}


def press(slack: Slack, where: Json, user: str = "bob", **more: Any) -> Json:
    answer = slack.act("click", user=user, team="Acme", **where, **more)
    settle(slack)
    return answer


def whispers(slack: Slack, channel: str) -> list[tuple[str, str]]:
    """Who alone sees what."""
    found = slack.look("messages", channel=channel, team="Acme")["messages"]
    return [(m["seen_only_by"], m["text"]) for m in found if m["seen_only_by"]]


def modal(slack: Slack, user: str = "bob") -> Json:
    return dict(slack.act("modal", user=user)["view"] or {})


def words(view: Json) -> str:
    """What a view without fields says."""
    return str(view["blocks"][0]["text"]["text"])


def now_of(chat: ChatSession) -> ChatSession:
    loaded = ChatSession.unscoped.select_related("site", "visitor__blocked_by", "snoozed_by")
    return loaded.get(pk=chat.pk)
