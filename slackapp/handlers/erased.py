"""Late events of chats whose visitor was erased: they bring nothing back (S28)."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q

from slackapp import past
from slackapp.actions import erasure
from slackapp.authors import is_our_own, is_spoken
from slackapp.interactivity import BLOCK_ACTIONS
from slackapp.models import ErasedCopy, InboundEvent, Installation
from slackapp.whispers import tell_person

NO_CHAT = "This visitor was erased, and the chat with them."
NOBODY = "This visitor was erased. What you write here reaches nobody."


def speaks_of_erased(installation: Installation, event: dict[str, Any]) -> bool:
    """An event of a post or thread of an erased chat: edits, echoes, answers, repeats. It must bring nothing back."""
    channel, named = _channel(event), _named(event)
    if not channel:
        return False
    here = Q(channel_id=channel) & (Q(ts__in=named - {""}) | Q(kind=ErasedCopy.Kind.CHANNEL))
    if looked_for := _looked_for(event):
        here |= Q(sought__in=looked_for)
    found = ErasedCopy.objects.filter(here, installation=installation)
    # below a preview stands a person's message of some other place, which goes on
    return found.exclude(kind=ErasedCopy.Kind.PREVIEW).exists()


def _looked_for(event: dict[str, Any]) -> set[str]:
    """A card that was on its way, or a channel that was being made, of which nothing but this was kept."""
    channel = event.get("channel")
    found = {past.sought("room", channel.get("name"))} if isinstance(channel, dict) else set()
    return found.union(
        *(past.sought_of(part) for part in (event, event.get("message")) if isinstance(part, dict))
    )


def forget(installation: Installation, event: dict[str, Any], row: InboundEvent) -> Callable[[], None]:
    """That it came stays, what it said does not; whoever still writes there hears that nobody reads it."""
    is_line = row.kind == "message" and is_spoken(event) and not is_our_own(installation, event)
    is_press = row.kind == BLOCK_ACTIONS and isinstance(event.get("user"), str)

    def act() -> None:
        erasure.blank_event(row)
        if is_line or is_press:
            words = NOBODY if is_line else NO_CHAT
            transaction.on_commit(lambda: tell_person(installation, event, words), robust=True)

    return act


def _channel(event: dict[str, Any]) -> str:
    """Slack tells a channel by its id, or, of its name, as an object."""
    item = event.get("item")
    channel = event.get("channel") or (item.get("channel") if isinstance(item, dict) else "")
    channel = channel.get("id") if isinstance(channel, dict) else channel
    return channel if isinstance(channel, str) else ""


def _named(event: dict[str, Any]) -> set[str]:
    parts = [event, *(event.get(name) for name in ("message", "previous_message", "item"))]
    whole = [part for part in parts if isinstance(part, dict)]
    values = [part.get(name) for part in whole for name in ("ts", "thread_ts", "deleted_ts")]
    return {value for value in values if isinstance(value, str)}
