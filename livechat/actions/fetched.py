"""Files that an adapter brings after their message: expected, brought, not to be had, gone. All move the chat's `rev`.

The caller holds the chat's row lock inside a transaction.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from livechat.access import with_files
from livechat.actions.files import drop_content, take_over
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, FilesChanged, publish
from livechat.files.incoming import Stored
from livechat.files.names import clean_name
from livechat.models import Attachment, ChatSession, Message

State = Attachment.State
NOT_WAITED_FOR_LONGER = timedelta(hours=6)
AT_ONCE = 100
# what a file is called of which nobody has told the name
NAMELESS = "file"
TOO_LATE = "It could not be fetched in time."


@dataclass(frozen=True, slots=True)
class Expected:
    """A file as the other side announces it; nothing of it is believed but its id. `problem`: it will never come.

    `is_gone`: it was deleted where it came from; then it may be without a name.
    """

    external_id: str
    name: str
    size: int
    problem: str = ""
    is_gone: bool = False

    @property
    def state(self) -> Attachment.State:
        if self.is_gone:
            return State.GONE
        return State.FAILED if self.problem else State.FETCHING


def expect(message: Message, files: list[Expected]) -> list[Attachment]:
    """Their rows, before a byte has come: those that are new to `message`, and known ones that are changed by it.

    For a message that is being written: whoever reads it after the commit finds them. Else call `note_changed` after.
    """
    known = {file.external_id: file for file in message.attachments.all()}
    place, expected = len(known), []
    for file in files:
        if file.external_id not in known:
            expected.append(_awaited_row(message, place, file))
            place += 1
        elif _heard_again(known[file.external_id], file):
            expected.append(known[file.external_id])
    if expected and not message.has_files:
        message.has_files = True
        Message.unscoped.filter(pk=message.pk).update(has_files=True)
    return expected


def _awaited_row(message: Message, place: int, file: Expected) -> Attachment:
    return Attachment.unscoped.create(
        site_id=message.chat.site_id,
        message=message,
        place=place,
        external_id=file.external_id,
        name=clean_name(file.name),
        size=max(0, file.size),
        state=file.state,
        problem=file.problem[:300],
        changed_at=timezone.now(),
    )


def _heard_again(row: Attachment, file: Expected) -> bool:
    """What was deleted goes; one that was heard of only when it was gone gets its name. True if that changed it."""
    if file.is_gone and row.state != State.GONE:
        drop_content(row)
        row.state = State.GONE
        return True
    if file.is_gone or row.state != State.GONE or row.name != NAMELESS or file.name == NAMELESS:
        return False
    row.name, row.size = clean_name(file.name), max(0, file.size)
    row.save(update_fields=["name", "size"])
    return True


def bring(chat: ChatSession, file_id: uuid.UUID, stored: Stored) -> None:
    """What was fetched lies in the storage. If nobody waits for it any more, it stays an orphan there."""
    file = _awaited(chat, file_id)
    if file is None or file.message is None:
        return
    take_over(file, stored)
    file.changed_at = timezone.now()
    file.save()
    note_changed(chat, file.message)


def give_up(chat: ChatSession, file_id: uuid.UUID, problem: str) -> None:
    file = _awaited(chat, file_id)
    if file is None or file.message is None:
        return
    file.state, file.problem, file.changed_at = State.FAILED, problem[:300], timezone.now()
    file.save(update_fields=["state", "problem", "changed_at"])
    note_changed(chat, file.message)


def drop(chat: ChatSession, file_id: uuid.UUID) -> None:
    """It is gone where it came from, so it goes here."""
    files = Attachment.unscoped.select_related("message").filter(pk=file_id, message__chat=chat)
    file = files.exclude(state=State.GONE).first()
    if file is None or file.message is None:
        return
    drop_content(file)
    note_changed(chat, file.message)


def _awaited(chat: ChatSession, file_id: uuid.UUID) -> Attachment | None:
    files = Attachment.unscoped.select_related("message__agent")
    return files.filter(
        pk=file_id, state=State.FETCHING, message__chat=chat, message__deleted_at=None
    ).first()


def note_changed(chat: ChatSession, message: Message) -> None:
    """Whoever shows the message reads it again. A note has no `rev`: nobody outside hears of it."""
    with_files([message])
    if message.is_note or message.deleted_at is not None:
        publish(ChatChanged(chat))
        return
    chat.last_rev += 1
    message.rev = chat.last_rev
    ChatSession.unscoped.filter(pk=chat.pk).update(last_rev=chat.last_rev)
    Message.unscoped.filter(pk=message.pk).update(rev=message.rev)
    publish(FilesChanged(chat, message))


def give_up_old_ones() -> None:
    """Nobody should see *on its way* for ever, such as after Slack was disconnected. Takes its own locks."""
    since = timezone.now() - NOT_WAITED_FOR_LONGER
    old = Attachment.unscoped.filter(state=State.FETCHING, created_at__lt=since, message__isnull=False)
    # asked of each file: of a join SQLite would begin with all messages where there are few files
    its_chat = Subquery(Message.unscoped.filter(pk=OuterRef("message")).values("chat_id"))
    for file_id, chat_id in list(old.order_by("pk").values_list("pk", its_chat)[:AT_ONCE]):
        with transaction.atomic():
            give_up(lock_chat(chat_id), file_id, TOO_LATE)
