"""The copies of a message in Slack follow when it is edited or withdrawn (S11)."""

from typing import Any

from django.utils import timezone

from livechat.events import MessageChanged
from livechat.models import Message
from slackapp import words
from slackapp.models import ChatLink, Connection, Delivery, LeftCopy, MessageLink
from slackapp.promises import wake

Kind, State = Delivery.Kind, Delivery.State
OF_A_PERSON = "Slack lets only its writer change it."


def promise_change(fact: MessageChanged) -> None:
    """Inside the change's transaction, under the chat's row lock.

    A line that still waits is posted as the message reads then; one that is being posted is changed afterwards.
    """
    link = ChatLink.objects.select_related("connection").filter(pk=fact.chat.pk).first()
    if not fact.mirror or link is None or link.connection.state == Connection.State.DISCONNECTED:
        return
    line = Delivery.objects.select_related("message").filter(message=fact.message, kind=Kind.LINE).first()
    if line is None:
        _leave_persons_line(link, fact.message)
        return
    if line.state == State.SENDING:
        words.freeze(line, fact.before)
    elif line.state != State.SENT and fact.message.deleted_at is not None:
        words.give_up(fact.chat, line)
    if line.state in (State.SENDING, State.SENT) or line.parts_sent:
        _promise_edit(link, fact.message)


def _promise_edit(link: ChatLink, message: Message) -> None:
    """One that waits already begins again with the first copy: it shows the message as it is when it is made."""
    waiting = Delivery.objects.filter(message=message, kind=Kind.EDIT, state=State.PENDING)
    if not waiting.update(parts_sent=0):
        Delivery.objects.create(lane_id=link.lane_id, link=link, kind=Kind.EDIT, message=message)
    wake(link.lane_id)


def _leave_persons_line(link: ChatLink, message: Message) -> None:
    """Somebody changed in the console what they had written in Slack."""
    for copy in MessageLink.objects.filter(message=message, from_slack=True):
        leave(link, copy, OF_A_PERSON)
        remark(link, message)


def copies_of(message: Message) -> list[MessageLink]:
    """Our posts that carry the message, the oldest first: one, or one for each of its parts."""
    found = MessageLink.objects.filter(message=message, from_slack=False)
    return sorted(found, key=lambda copy: [int(number) for number in copy.ts.split(".")])


def leave(link: ChatLink, copy: MessageLink, reason: str) -> None:
    """The copy is listed for a person, until somebody says that it is done."""
    known: dict[str, Any] = {"message_id": copy.message_id, "channel_id": copy.channel_id, "ts": copy.ts}
    said = {
        "link": link,
        "reason": reason[:300],
        "created_at": timezone.now(),
        "done_at": None,
        "done_by": None,
    }
    LeftCopy.objects.update_or_create(**known, defaults=said)


def remark(link: ChatLink, message: Message, **why: str) -> None:
    """A line of our own in the chat, that says what no copy of the message says; one is enough while it waits.

    `why`: nothing for a copy that cannot be changed; `saved` names the saved reply that the copy is the shortcut of;
    `note` for a note that has no copy.
    """
    args = {"message": str(message.pk), **why}
    waiting = Delivery.objects.filter(link=link, kind=Kind.REMARK, state=State.PENDING, args=args)
    if not waiting.exists():
        Delivery.objects.create(lane_id=link.lane_id, link=link, kind=Kind.REMARK, args=args)
    wake(link.lane_id)
