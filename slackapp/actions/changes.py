"""What people change in Slack after the fact: edits, deletions, locks, and cards that are gone.

What events do here runs inside their transaction and locks the chat's row first.
"""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import external_agent
from accounts.actions import audit
from accounts.errors import Refused
from accounts.models import Agent, Member
from livechat.actions import changes, messages
from livechat.models import ChatSession, Message
from slackapp import threads
from slackapp.actions import Reply
from slackapp.actions.files import add_files
from slackapp.actions.people import external_id
from slackapp.actions.settings import changing
from slackapp.models import ChatLink, Connection, Installation, LeftCopy, MessageLink

NEVER_BY_EDIT = "This line stays a note: an edit never sends. Write it anew to send it."
TAKEN_BACK = "The visitor no longer sees this line. It is kept as a note for your team."
Early = MessageLink.Early


def lock_line(link: ChatLink, ts: str) -> tuple[ChatSession, MessageLink] | None:
    """The chat, locked, and what is known of a person's line; None if it is to be recorded like a new one."""
    chat = messages.lock_chat(link.chat_id)
    known = _lines(link.installation, link.channel_id, ts).first()
    return None if known is None or known.early == Early.INSIDE else (chat, known)


def change_reply(
    link: ChatLink, chat: ChatSession, known: MessageLink, reply: Reply, agent: Agent | None
) -> str | None:
    """A line as it reads now, with the files that were added. Gives what its author must be told, if anything."""
    told = _change_words(chat, known, reply, agent)
    if reply.files and (now := Message.unscoped.filter(slack_links=known.pk).first()) is not None:
        now.chat = chat
        add_files(link, chat, now, reply.files, reply.place)
    return told


def _change_words(chat: ChatSession, known: MessageLink, reply: Reply, agent: Agent | None) -> str | None:
    if known.message is None or known.edition == reply.edition:
        return None
    if known.edition > reply.edition:
        return keep_late_note(chat, known, reply, agent)
    MessageLink.objects.filter(pk=known.pk).update(edition=reply.edition)
    if known.message.deleted_at is not None:
        return None
    by = changes.by_agent(agent)
    if known.message.is_note:
        return _change_note(chat, known.message, reply, by)
    if reply.is_note:
        _keep_inside(chat, known, reply.body, reply.segments, by)
        return TAKEN_BACK
    if (known.message.body, known.message.segments) != (reply.body, reply.segments):
        changes.edit_in(chat, known.message, reply.body, reply.segments, by, mirror=False)
    return None


def note_late_line(link: ChatLink, reply: Reply, agent: Agent | None) -> str | None:
    """A line as it was written, heard after an edit of it. Gives what its author must be told, if anything."""
    found = lock_line(link, reply.ts)
    return None if found is None else keep_late_note(*found, reply, agent)


def keep_late_note(chat: ChatSession, known: MessageLink, reply: Reply, agent: Agent | None) -> str | None:
    """An older version of a line: if that was private, so is the line as it reads now."""
    now = known.message
    if now is None or now.is_note or now.deleted_at is not None or not reply.is_private:
        return None
    _keep_inside(chat, known, now.body, now.segments, changes.by_agent(agent))
    return TAKEN_BACK


def _lines(installation: Installation, channel_id: str, ts: str) -> QuerySet[MessageLink]:
    """The person's line of that name, with its message."""
    lines = MessageLink.objects.select_related("message__agent")
    return lines.filter(installation=installation, channel_id=channel_id, ts=ts, from_slack=True)


def _change_note(chat: ChatSession, note: Message, reply: Reply, by: changes.By) -> str | None:
    if note.body != reply.body or note.segments != reply.segments:
        changes.edit_in(chat, note, reply.body, reply.segments, by, mirror=False)
    return None if reply.is_note else NEVER_BY_EDIT


def _keep_inside(
    chat: ChatSession, known: MessageLink, body: str, segments: list[dict[str, Any]], by: changes.By
) -> None:
    """From now on the line in Slack is the note's: later edits change that, and never what the visitor saw."""
    assert known.message is not None
    note = changes.keep_inside(chat, known.message, by, body, segments, mirror=False)
    MessageLink.objects.filter(pk=known.pk).update(message=note)


# --- deleted, locked ----------------------------------------------------------------------------------------------


def withdraw_reply(installation: Installation, channel_id: str, ts: str) -> None:
    """A person's line is deleted in Slack; one that we have not heard of yet will be dropped when it comes."""
    note_copy_gone(installation, channel_id, ts)
    found = _locked_line(installation, channel_id, ts, Early.GONE)
    if found is not None and found[1].deleted_at is None:
        changes.withdraw_in(found[0], found[1], changes.by_agent(found[1].agent), mirror=False)


def lock_reply(installation: Installation, channel_id: str, ts: str, team_id: str, user_id: str) -> None:
    """A lock on an answer, from Slack or our copy of one; a line that we have not heard of yet will be a note.

    `team_id` and `user_id` are of whoever locked it.
    """
    copies = MessageLink.objects.filter(
        installation=installation, channel_id=channel_id, ts=ts, from_slack=False
    )
    answers = list(copies.values_list("message_id", "message__chat_id"))
    if not answers:
        found = _locked_line(installation, channel_id, ts, Early.INSIDE)
        answers = [(found[1].pk, found[0].pk)] if found is not None else []
    for message_id, chat_id in answers:
        _lock_answer(messages.lock_chat(chat_id), message_id, external_id(team_id, user_id))


def _lock_answer(chat: ChatSession, message_id: uuid.UUID, by_whom: str) -> None:
    answer = Message.unscoped.select_related("agent").get(pk=message_id)
    if answer.author_kind != Message.Author.AGENT or answer.is_note or answer.deleted_at is not None:
        return
    by = changes.by_agent(external_agent(chat.site.workspace, by_whom))
    known = MessageLink.objects.select_related("message__agent").filter(message=answer, from_slack=True)
    if (line := known.first()) is not None:
        _keep_inside(chat, line, answer.body, answer.segments, by)
    else:
        changes.keep_inside(chat, answer, by, answer.body, answer.segments, mirror=True)


def _locked_line(
    installation: Installation, channel_id: str, ts: str, early: str
) -> tuple[ChatSession, Message] | None:
    """The line's chat, locked, and its message. If the line is new to us, `early` is remembered.

    Either the row that says so or the line's own row is written first: the other waits and then sees it.
    """
    where: dict[str, Any] = {"installation": installation, "channel_id": channel_id, "ts": ts}
    known, _ = MessageLink.objects.get_or_create(**where, from_slack=True, defaults={"early": early})
    if known.message_id is None:
        if early == Early.GONE:
            MessageLink.objects.filter(pk=known.pk, message=None).update(early=early)
        return None
    chat = messages.lock_chat(_chat_of(known.message_id))
    message = _lines(installation, channel_id, ts).get().message
    return None if message is None else (chat, message)


def _chat_of(message_id: uuid.UUID) -> uuid.UUID:
    return Message.unscoped.values_list("chat_id", flat=True).get(pk=message_id)


# --- the card is gone ---------------------------------------------------------------------------------------------


def renew_card(link: ChatLink, ts: str) -> None:
    """Somebody deleted the card that an open chat hangs on: it gets another, and its lines go on there."""
    chat = messages.lock_chat(link.chat_id)
    if not chat.is_open or not threads.leave_thread(link, ts):
        return
    words = "The chat's card was deleted in Slack. The chat goes on under a new one."
    note = Message(author_kind=Message.Author.SYSTEM, body=words, segments=[{"type": "text", "text": words}])
    messages.note_in(chat, note)


# --- what is left to people -----------------------------------------------------------------------------------------


def note_copy_done(member: Member, copy: LeftCopy) -> None:
    """Somebody has changed it by hand, or lives with it."""
    with transaction.atomic():
        open_ones = LeftCopy.objects.filter(pk=copy.pk, done_at=None)
        if open_ones.update(done_at=timezone.now(), done_by=member.user):
            audit(member.workspace, member.user, "slack.copy_done", f"{copy.channel_id} {copy.ts}")


def note_copy_gone(installation: Installation, channel_id: str, ts: str) -> None:
    """A person has deleted it in Slack: nobody needs to be asked any more."""
    left = LeftCopy.objects.filter(
        link__installation=installation, channel_id=channel_id, ts=ts, done_at=None
    )
    left.update(done_at=timezone.now())


# --- the owner's choice -------------------------------------------------------------------------------------------


def choose_policy(member: Member, connection: Connection, policy: str) -> None:
    """Holds for lines that are written or edited from now on, and for cards posted from now on."""
    if policy not in Connection.Policy.values:
        raise Refused("refused", "Choose what goes to the visitor: one of the three policies.")
    with changing(member, connection, "slack.policy_chosen", policy):
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(policy=policy)
