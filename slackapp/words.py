"""The words of a line in flight: an edit of the message does not change what Slack is being told, or was told.

While a line is posted, or nobody knows whether it was, its delivery names the version of the message that it carries.
Once the outcome is known that is forgotten: what is still to be posted is posted as the message reads now.
"""

from collections.abc import Iterable

from livechat.actions.messages import note_mirrored
from livechat.models import ChatSession, Message, MessageVersion
from slackapp.models import Delivery

VERSION = "version"


def freeze(line: Delivery, said: MessageVersion) -> None:
    """The caller holds the chat's row lock, and `line` is in flight."""
    if VERSION not in line.args:
        Delivery.objects.filter(pk=line.pk).update(args={**line.args, VERSION: said.pk})


def as_posted(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Deliveries read while they are in flight, with the words that went out. Their messages must not be saved."""
    found = list(deliveries)
    for delivery in found:
        if VERSION in delivery.args and delivery.message is not None:
            delivery.message.body = delivery.message.versions.get(pk=delivery.args[VERSION]).body
    return found


def forget(line: Delivery) -> None:
    """It is posted, or posted on, as the message reads now."""
    if VERSION in line.args:
        line.args = {name: value for name, value in line.args.items() if name != VERSION}
        Delivery.objects.filter(pk=line.pk).update(args=line.args)


def thaw(chat: ChatSession, pks: Iterable[int]) -> None:
    """These are in flight no more. What was withdrawn meanwhile is not posted, or not posted on."""
    lines = Delivery.objects.filter(pk__in=list(pks), kind=Delivery.Kind.LINE).select_related("message")
    for line in lines:
        forget(line)
        if line.message is not None and line.message.deleted_at is not None:
            give_up(chat, line)


def give_up(chat: ChatSession, line: Delivery) -> None:
    """The message was withdrawn before it was posted as a whole."""
    Delivery.objects.filter(pk=line.pk).update(state=Delivery.State.SENT, joined_into=None, problem="")
    if line.message is not None:
        there = Message.Mirror.SENT if line.parts_sent else Message.Mirror.NONE
        note_mirrored(chat, [line.message], there)
