"""What Slack tells is recorded: one row, written by one statement."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from config import directly, hints
from config.database import db, write
from slackapp import lanes
from slackapp.models import InboundEvent, SlackIdentity

ABOUT_PEOPLE = ("user_change", "user_profile_changed")


def record_event(payload: dict[str, Any]) -> None:
    """A repeat of the same `event_id` changes nothing. Workers are woken when the caller's transaction commits."""
    lane_key = write_down(payload)
    transaction.on_commit(lambda: _ring(lane_key), robust=True)


def write_down(payload: dict[str, Any], said: str | None = None) -> str:
    """Key of the lane in which the event waits; nobody is woken. `said` is the payload as text, if that came."""
    row = _row(payload)
    lanes.put_event(**row, payload=said or json.dumps(payload))
    return row["lane_key"]


def note_sent(view_id: str, version: str) -> bool:
    """A form that a person sent is taken, inside the transaction of what it does. False if it was taken before.

    A form that was answered with another keeps its id and has a new version, Slack's `hash`.
    """
    event_id = "sha256:" + hashlib.sha256(f"{view_id}:{version}".encode()).hexdigest()
    known = {"kind": "view_submission", "lane_key": "", "payload": {}, "state": InboundEvent.State.DONE}
    return InboundEvent.objects.get_or_create(
        event_id=event_id, defaults={**known, "done_at": timezone.now()}
    )[1]


async def take_event(payload: dict[str, Any], said: str | None = None) -> None:
    """`record_event` for a webhook that waits on the event loop; there workers are woken after its answer."""
    if _is_about_a_person(payload) and not await db(_is_known, payload["event"]["user"]):
        return
    if directly.is_possible():
        row = _row(payload)
        await lanes.put_event_directly(**row, payload=said or json.dumps(payload))
        lane_key = row["lane_key"]
    else:
        lane_key = await write(write_down, payload, said)
    hints.give_after_answer([lambda: _ring(lane_key)])


def _is_about_a_person(payload: dict[str, Any]) -> bool:
    """A large company sends thousands a day, nearly all of people who never answered a visitor."""
    event = payload.get("event")
    event = event if isinstance(event, dict) else {}
    return event.get("type") in ABOUT_PEOPLE and isinstance(event.get("user"), dict)


def _is_known(user: dict[str, Any]) -> bool:
    who = {"slack_team_id": str(user.get("team_id") or ""), "slack_user_id": str(user.get("id") or "")}
    return SlackIdentity.objects.filter(**who).exists()


def _ring(lane_key: str) -> None:
    from slackapp import tasks

    tasks.ring_inbound(lane_key)


def _row(payload: dict[str, Any]) -> dict[str, str]:
    event = payload.get("event") if isinstance(payload.get("event"), dict) else {}
    assert isinstance(event, dict)
    kind = str(event.get("type") or payload.get("type") or "unknown")[:60]
    return {"event_id": _event_id(payload), "kind": kind, "lane_key": _lane_key(payload, event)}


def _event_id(payload: dict[str, Any]) -> str:
    """Slack's id; for the few payloads without one (app_rate_limited) the hash of what they say."""
    given = payload.get("event_id")
    if isinstance(given, str) and 0 < len(given) <= 100:
        return given
    return "sha256:" + hashlib.sha256(repr(sorted(payload.items())).encode()).hexdigest()


def _lane_key(payload: dict[str, Any], event: dict[str, Any]) -> str:
    """Events of one thread are worked in the order of their arrival; different threads never wait for each other.

    What stands outside of threads is one line of work per channel: in Noisy mode that is a chat.
    """
    inner = event.get("message") or event.get("previous_message") or event
    thread = (inner.get("thread_ts") if isinstance(inner, dict) else "") or ""
    channel = event.get("channel") if isinstance(event.get("channel"), str) else ""
    # of a shared channel the envelope names now this, now that company
    team = "" if payload.get("is_ext_shared_channel") is True else payload.get("team_id") or ""
    key = f"in:{team}:{channel}:{thread if event.get('type') == 'message' else ''}"
    return key if len(key) <= 100 else "in:" + hashlib.sha256(key.encode()).hexdigest()
