"""Forms in Slack about a chat: opened from the menu of its message, looked at, filled in and sent by Bob."""

from typing import Any

from livechat.models import ChatSession, SavedReply
from slackapp.modals import saved
from slackapp.models import Connection
from tests.slackapp.peer import Slack, link_of, settle, text_of

Json = dict[str, Any]


def line(slack: Slack, chat: ChatSession) -> str:
    """The visitor's line in the chat's thread."""
    link = link_of(chat)
    return next(
        str(m["ts"]) for m in slack.channel(link.connection) if m.get("thread_ts") == link.root_ts != m["ts"]
    )


def open_form(slack: Slack, chat: ChatSession, callback: str = "chat.manage", user: str = "bob") -> Json:
    channel = link_of(chat).channel_id
    slack.act("shortcut", user=user, callback_id=callback, channel=channel, ts=line(slack, chat))
    return form(slack, user)


def form(slack: Slack, user: str = "bob") -> Json:
    return dict(slack.act("modal", user=user)["view"] or {})


def press(slack: Slack, action_id: str, **more: Any) -> Json:
    slack.act("modal_action", user="bob", action_id=action_id, **more)
    return form(slack)


def submit(slack: Slack, **values: object) -> Json:
    told = slack.act("submit", user="bob", values=values)
    settle(slack)
    return told


def words(view: Json) -> str:
    """Everything that stands in a form."""
    texts = []
    for block in view.get("blocks") or []:
        texts += [
            one["text"]
            for one in [block.get("text"), *block.get("elements", [])]
            if isinstance((one or {}).get("text"), str)
        ]
        texts += [
            one["text"]["text"] for one in block.get("elements", []) if isinstance(one.get("text"), dict)
        ]
    return "\n".join(texts)


def typed(view: Json) -> str:
    """The block in which the words are that would be sent."""
    return next(str(one["block_id"]) for one in view["blocks"] if one["block_id"].startswith(saved.TEXT))


def remarks(slack: Slack, connection: Connection) -> list[str]:
    found = [
        m for m in slack.channel(connection) if (m.get("metadata") or {}).get("event_type") == "chat_remark"
    ]
    return [f"{m['blocks'][0]['elements'][0]['text']} {text_of(m)}" for m in found]


def choose(slack: Slack, reply: SavedReply, query: str = "hours") -> Json:
    slack.act("suggest", user="bob", action_id=saved.PICK, query=query)
    return press(slack, saved.PICK, value=str(reply.pk))
