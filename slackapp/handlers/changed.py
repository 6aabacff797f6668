"""A line that somebody edits or deletes in Slack (S11), and the card that somebody deletes.

Slack tells in any order and more than once: an edit carries the whole line, so one that comes before its line is
recorded in its place; a deletion that comes first is remembered; of several edits the newest stays.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from livechat.models import ChatSession
from slackapp import editions, policies, saved_lines
from slackapp.access import carries_chats, chat_link_for, link_of_line, visitor_said
from slackapp.actions import changes
from slackapp.actions.catching_up import CAUGHT
from slackapp.authors import is_our_own, is_spoken
from slackapp.handlers.files import copies_that_are_gone, drop
from slackapp.handlers.heard import Act, Heard
from slackapp.handlers.messages import (
    Said,
    link_of_thread,
    record,
    said_of,
)
from slackapp.models import ChatLink, MessageLink
from slackapp.speakers import segments_of
from slackapp.whispers import tell_person

TELLING = ("text", "blocks", "files")
Json = dict[str, Any]


def on_changed(heard: Heard) -> Act | None:
    """Act only on a real change: links that unfurl and threads that grow are told as changes, too."""
    inner, before = _dict(heard.event.get("message")), _dict(heard.event.get("previous_message"))
    ts, channel = inner.get("ts") or before.get("ts"), heard.event.get("channel")
    if not isinstance(ts, str) or not isinstance(channel, str):
        return None
    if inner.get("subtype") == "tombstone":
        return _gone(heard, channel, ts, before)
    if is_our_own(heard.installation, inner) or not is_spoken(inner):
        return None
    if before and all(_telling(inner, name) == _telling(before, name) for name in TELLING):
        return None
    thread = inner.get("thread_ts") or before.get("thread_ts")
    if (link := _link(heard, channel, thread, ts)) is None:
        return None
    line = {**inner, "ts": ts, "channel": channel, "thread_ts": thread}
    said = said_of(heard, link, line, editions.of(heard.event))
    return _edit(heard, said, _before(heard, link, before))


@dataclass(frozen=True, slots=True)
class Before:
    """What an edit tells of the version before it. Taking a prefix away sends nothing, in whatever order (S14)."""

    version: Json
    was_inside: bool
    began_inside: bool

    def keeps_inside(self, known: MessageLink | None) -> bool:
        """`known`: what was heard of the line before. A version that went out under an earlier policy counts not."""
        if known is None:
            return self.began_inside
        if known.message is None or known.message.is_note:
            return False
        return self.was_inside and not editions.is_version(known.edition, self.version)


def _before(heard: Heard, link: ChatLink, before: Json) -> Before:
    """A line that was edited before, or of which nothing is told, may have begun as a note: in doubt it did.

    What was read after an outage is taken as it stands: Slack keeps no earlier version.
    """
    is_told = any(before.get(name) for name in TELLING)
    was_inside = is_told and not _goes_out(heard, link, before)
    in_doubt = (not is_told or "edited" in before) and not heard.row.event_id.startswith(CAUGHT)
    return Before(before, was_inside, was_inside or in_doubt)


def _goes_out(heard: Heard, link: ChatLink, version: Json) -> bool:
    found = policies.line(
        link.connection.policy,
        segments_of(heard, link, version),
        with_files=bool(version.get("files")),
        is_visitors=lambda words: visitor_said(link.chat_id, words),
    )
    return found.goes_out


def _telling(message: Json, name: str) -> object:
    """What the line says. Slack numbers blocks anew, and tells how a file is being prepared."""
    value = message.get(name) or None
    if name == "files" and isinstance(value, list):
        return [(_dict(file).get("id"), _dict(file).get("mode") == "tombstone") for file in value]
    if name == "blocks" and isinstance(value, list):
        return [{key: part for key, part in _dict(block).items() if key != "block_id"} for block in value]
    return value


def _edit(heard: Heard, told: Said, before: Before) -> Act:
    never = "" if told.reply.is_note else changes.NEVER_BY_EDIT
    inside = replace(told, reply=replace(told.reply, is_note=True), refusal=told.refusal or never)
    gone = copies_that_are_gone(told.link.installation, told.line)

    def act() -> None:
        drop(gone)
        if not told.reply.says_anything:
            return
        known = changes.lock_line(told.link, told.reply.ts)
        said = inside if before.keeps_inside(known[1] if known else None) else told
        if problem := _change(said, *known) if known else record(said):
            transaction.on_commit(lambda: tell_person(heard.installation, said.line, problem), robust=True)

    return act


def _change(said: Said, chat: ChatSession, known: MessageLink) -> str | None:
    problem = changes.change_reply(said.link, chat, known, said.reply, said.agent())
    saved_lines.tell_thread(said.link, said.reply.ts, said.saved)
    return problem or said.problem or None


def on_deleted(heard: Heard) -> Act | None:
    before = _dict(heard.event.get("previous_message"))
    ts, channel = heard.event.get("deleted_ts") or before.get("ts"), heard.event.get("channel")
    if not isinstance(ts, str) or not isinstance(channel, str):
        return None
    return _gone(heard, channel, ts, before)


def _gone(heard: Heard, channel: str, ts: str, before: Json) -> Act | None:
    """`before` may be empty: Slack need not tell what it was that is gone."""
    if (carried := chat_link_for(heard.row.payload, channel, ts)) is not None:
        return lambda: changes.renew_card(carried, ts)
    thread = before.get("thread_ts")
    known = (
        _link(heard, channel, thread, ts) is not None
        if before
        else carries_chats(heard.installation, channel)
    )
    if is_our_own(heard.installation, before):
        return lambda: changes.note_copy_gone(heard.installation, channel, ts)
    if not known:
        return None  # talk that is no chat's
    return lambda: changes.withdraw_reply(heard.installation, channel, ts)


def _link(heard: Heard, channel: str, thread: object, ts: str) -> ChatLink | None:
    """By the chat's own channel, or the thread; by the line itself where Slack leaves the thread out."""
    if heard.link is not None and heard.link.is_noisy:
        return heard.link
    if isinstance(thread, str):
        return link_of_thread(heard, channel, thread) if thread != ts else None
    return link_of_line(heard.installation, channel, ts)


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
