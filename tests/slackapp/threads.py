"""What people do in a chat's thread, and Slack's events of it in an order that the sandbox would not choose."""

from typing import Any

from livechat.access import changes_since
from livechat.models import ChatSession
from livechat.transcripts import message_state
from slackapp import actions, inbound, lanes
from slackapp.models import Installation
from tests.payloads.slack import envelope, next_ts
from tests.slackapp.peer import Slack, link_of, settle

Json = dict[str, Any]


def answer(slack: Slack, chat: ChatSession, text: str, user: str = "bob", **more: Any) -> Json:
    """Bob's line in the thread, as `user`, `channel` and `ts`."""
    link = link_of(chat)
    where = {"user": user, "channel": link.channel_id}
    said = slack.act("say", **where, thread_ts=link.root_ts, text=text, team="Acme", **more)
    settle(slack)
    return {**where, "ts": said["ts"]}


def does(slack: Slack, act: str, line: Json, **more: Any) -> None:
    slack.act(act, **line, **more)
    settle(slack)


def hear(installation: Installation | None, *events: Json) -> None:
    """Events in the order in which they arrive, which the sandbox would not choose."""
    assert installation is not None
    for event in events:
        actions.record_event(envelope(installation, event))
        for _, key in lanes.due():
            if key.startswith("in:"):
                inbound.work_inbound(key)


def shown(chat: ChatSession) -> list[tuple[int, str, bool, bool]]:
    """What a fresh widget reads: seq, words, edited, gone."""
    chat.refresh_from_db()
    states = [message_state(line, chat.site) for line in changes_since(chat, 0).messages]
    return [(s["seq"], s["body"], s["edited_at"] is not None, s["deleted"]) for s in states]


def edited(line: Json, text: str, second: int = 1, moment: str | None = None, **without: Any) -> Json:
    """`line` edited to `text` some seconds later, as Slack tells it."""
    at = f"{int(line['ts'].split('.')[0]) + second}.000000"
    inner = {key: value for key, value in line.items() if key not in ("channel", "event_ts", "channel_type")}
    event = {
        "type": "message",
        "subtype": "message_changed",
        "message": {**inner, "text": text, "edited": {"user": line["user"], "ts": at}},
        "previous_message": inner,
        "channel": line["channel"],
        "hidden": True,
        "ts": moment or at,
        "event_ts": moment or at,
    }
    return {key: value for key, value in event.items() if key not in without}


def deleted(line: Json, *, bare: bool = False) -> Json:
    ts = next_ts()
    event = {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": line,
        "channel": line["channel"],
        "hidden": True,
        "deleted_ts": line["ts"],
        "ts": ts,
        "event_ts": ts,
    }
    return {key: value for key, value in event.items() if not bare or key != "previous_message"}
