"""Writes of what a member keeps for themselves: how far they have read, and how their desk is arranged."""

from typing import Any

from django.db import transaction

from accounts.models import Member
from livechat.events import ReadMoved, publish
from livechat.models import ChatRead, ChatSession, Desk, Message


def note_read(member: Member, chat: ChatSession, seq: int) -> None:
    """Forward only, and never beyond the chat's last message; a repeat writes nothing and tells nobody.

    Two pages of one member may note it at the same moment: the constraint lets one row through.
    """
    seq = min(seq, chat.last_seq)
    mark = ChatRead.unscoped.filter(member=member, chat=chat)
    with transaction.atomic():
        moved = mark.filter(seq__lt=seq).update(seq=seq)
        if not moved and not mark.exists():
            ChatRead.unscoped.bulk_create(
                [ChatRead(member=member, chat=chat, seq=seq)], ignore_conflicts=True
            )
            moved = 1
        if moved:
            publish(ReadMoved(member.pk, chat.pk))


def mark_unread(member: Member, chat: ChatSession) -> bool:
    """What the visitor said last counts as new once more, for this member. False if they have said nothing."""
    said = Message.unscoped.filter(chat=chat, author_kind=Message.Author.VISITOR, deleted_at=None)
    last = said.order_by("-seq").values_list("seq", flat=True).first()
    if last is None:
        return False
    with transaction.atomic():
        ChatRead.unscoped.update_or_create(member=member, chat=chat, defaults={"seq": last - 1})
        publish(ReadMoved(member.pk, chat.pk))
    return True


def remember_choice(member: Member, query: str) -> None:
    """The list that they look at; the next visit begins there."""
    _arrange(member, chosen=query[:500])


def arrange(member: Member, *, tells: str, has_sound: bool) -> None:
    """`tells` is one of Desk.Tells."""
    _arrange(member, tells=Desk.Tells(tells), has_sound=has_sound)


def _arrange(member: Member, **how: Any) -> None:
    if not Desk.unscoped.filter(member=member, **how).exists():
        Desk.unscoped.update_or_create(member=member, defaults=how)
