"""What people say in a chat's thread, and our own posts coming back."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.errors import Refused
from accounts.models import Agent
from slackapp import actions, addresses, echoes, policies, promises, saved_lines
from slackapp.access import chat_link_for, visitor_said
from slackapp.actions.changes import note_late_line
from slackapp.authors import is_our_own, is_spoken
from slackapp.handlers.heard import THREAD_MAY_APPEAR, Act, Heard, NotYet
from slackapp.models import ChatLink, Delivery, Installation
from slackapp.shared_files import shared_in
from slackapp.speakers import Speaker, segments_of, speaker_of
from slackapp.whispers import tell_once, tell_person


def on_message(heard: Heard) -> Act | None:
    event = heard.event
    if is_our_own(heard.installation, event):
        return _confirm(heard.installation, event)
    return _on_reply(heard) if is_spoken(event) else None


def _confirm(installation: Installation, event: dict[str, Any]) -> Act | None:
    if event.get("files"):
        return _confirm_files(installation, event)
    metadata = event.get("metadata")
    if not isinstance(metadata, dict) or event.get("subtype") not in (
        None,
        "bot_message",
        "thread_broadcast",
    ):
        return None
    payload, channel, ts = metadata.get("event_payload"), event.get("channel"), event.get("ts")
    if not (isinstance(payload, dict) and isinstance(ts, str) and isinstance(channel, str)):
        return None
    return echoes.confirm(installation, channel, ts, str(metadata.get("event_type")), payload)


def _confirm_files(installation: Installation, event: dict[str, Any]) -> Act | None:
    channel, ids = event.get("channel"), {file.id for file in shared_in(event).files}
    return echoes.confirm_files(installation, channel, ids) if isinstance(channel, str) else None


def _on_reply(heard: Heard) -> Act | None:
    event = heard.event
    channel, thread, ts = event.get("channel"), event.get("thread_ts"), event.get("ts")
    if not (isinstance(channel, str) and isinstance(ts, str)):
        return None
    if heard.link is not None and heard.link.is_noisy:
        return _reply(heard, heard.link)
    if not isinstance(thread, str) or thread == ts:
        return None
    link = heard.link or link_of_thread(heard, channel, thread)
    return _reply(heard, link) if link is not None else None


def link_of_thread(heard: Heard, channel: str, thread: str) -> ChatLink | None:
    """The thread's chat. Raises NotYet while a card that people may see already is not known to be posted."""
    if (link := chat_link_for(heard.row.payload, channel, thread)) is not None:
        return link
    _wait_for_cards(heard.installation, channel)
    # a card that was settled between the two looks is known by now
    return chat_link_for(heard.row.payload, channel, thread)


def _wait_for_cards(installation: Installation, channel: str) -> None:
    """A card that people see and we are still in doubt about may be the thread that they answer in."""
    threadless = ChatLink.objects.filter(installation=installation, channel_id=channel, root_ts=None)
    in_doubt = Delivery.objects.filter(
        link__in=threadless, kind=Delivery.Kind.CARD, state=Delivery.State.SENDING
    )
    if in_doubt.exists():
        raise NotYet(promises.GIVE_UP_AFTER)
    if threadless.exists():
        raise NotYet(THREAD_MAY_APPEAR)


@dataclass(frozen=True, slots=True)
class Said:
    """A person's line in a chat's thread; `line` as Slack tells it, with its channel.

    `saved`: the shortcut that it was. `problem`: why it is kept inside, of which its author knows nothing yet.
    """

    link: ChatLink
    line: dict[str, Any]
    reply: actions.Reply
    speaker: Speaker
    refusal: str
    saved: str = ""
    problem: str = ""

    def agent(self) -> Agent:
        """Inside a transaction: the face is written if it is new."""
        return self.speaker.agent()


def said_of(heard: Heard, link: ChatLink, line: dict[str, Any], edition: str = "") -> Said:
    """May raise AskSlack, or NotYet while Slack does not tell who it was."""
    speaker, shared = speaker_of(heard, link, line), shared_in(line)
    found = policies.line(
        link.connection.policy,
        segments_of(heard, link, line),
        with_files=bool(shared.files or shared.links),
        is_visitors=lambda words: visitor_said(link.chat_id, words),
    )
    meant = saved_lines.Meant(found) if is_aside(link, line) else saved_lines.meant(link, speaker, found)
    found = meant.line
    goes_out = found.goes_out and not is_aside(link, line)
    is_note = bool(speaker.refusal) or not goes_out
    body, words = shared.named_in(found.segments) if shared.links else (found.body, found.segments)
    user, ts, place = str(line["user"]), str(line["ts"]), _place(line)
    reply = actions.Reply(ts, body, words, is_note, edition, user, shared.files, place, found.is_private)
    # who wrote a note on purpose needs no telling
    refusal = speaker.refusal if goes_out else ""
    return Said(link, line, reply, speaker, refusal, meant.saved, meant.problem)


def _place(line: dict[str, Any]) -> dict[str, str]:
    """Where its author is told something that only they see."""
    return {name: str(line[name]) for name in ("channel", "thread_ts", "user") if line.get(name)}


def is_aside(link: ChatLink, line: dict[str, Any]) -> bool:
    """In a chat's own channel every thread is among colleagues, also where a line of it is shown in the channel."""
    return link.is_noisy and line.get("thread_ts") not in (None, line.get("ts"))


def _reply(heard: Heard, link: ChatLink) -> Act:
    said = said_of(heard, link, heard.event)

    def act() -> None:
        if not said.reply.says_anything:
            return
        if problem := record(said):
            tell = tell_once if problem == said.refusal else tell_person
            transaction.on_commit(lambda: tell(heard.installation, said.line, problem), robust=True)
        actions.note_connection_event(link.connection)

    return act


def record(said: Said) -> str | None:
    """Inside the event's transaction. Gives what its author must be told, if anything."""
    try:
        new = actions.record_agent_reply(said.link, said.reply, said.agent())
        late = note_late_line(said.link, said.reply, said.agent()) if new is None else None
        if new is not None:
            saved_lines.tell_thread(said.link, said.reply.ts, said.saved)
    except Refused as refusal:
        return (addresses.newer(said.link.chat) if refusal.code == "newer_chat" else "") or refusal.sentence
    never = next((file for file in said.reply.files if file.problem), None)
    unfit = f"The visitor cannot be shown {never.name}. {never.problem}" if never is not None else None
    return late or said.refusal or said.problem or unfit
