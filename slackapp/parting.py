"""What becomes of a chat whose site was disconnected: nothing waits for ever, and a later line finds another way.

Everything runs inside a transaction with the chat's row locked.
"""

import uuid

from django.db.models import Q

from livechat.actions import fetched
from livechat.actions.messages import note_mirrored
from livechat.models import ChatSession, Message
from slackapp import doubts, linking, past
from slackapp.models import ChatLink, Connection, Delivery, Installation, Lane

PARTED = "Slack was disconnected before this was posted."
IN_DOUBT = "It may be in Slack, which was disconnected before that could be checked."
NOT_FETCHED = "Slack was disconnected before it was fetched."
OPEN = (Delivery.State.PENDING, Delivery.State.SENDING)


def has_ended(link: ChatLink) -> bool:
    return link.connection.state == Connection.State.DISCONNECTED


def settle_parted(chat: ChatSession, lane_id: int) -> None:
    """Whatever the lane still promised is told for what it is. The caller holds the lane."""
    if (link := ChatLink.objects.filter(pk=chat.pk).first()) is not None:
        past.note(link)
    open_ones = Delivery.objects.filter(lane_id=lane_id, state__in=OPEN)
    # what Slack has taken of a file counts nowhere else
    open_ones.filter(kind__in=(Delivery.Kind.FILES, Delivery.Kind.FILE_LINK)).update(
        kind=Delivery.Kind.UPLOAD, args={}
    )
    for delivery in open_ones.filter(kind=Delivery.Kind.FETCH):
        give_up_fetch(chat, delivery)
    open_ones.exclude(kind__in=(Delivery.Kind.LINE, Delivery.Kind.UPLOAD)).delete()
    for delivery in open_ones.select_related("message"):
        problem = IN_DOUBT if delivery.state == Delivery.State.SENDING else PARTED
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.DEAD, joined_into=None, problem=problem
        )
        if problem == IN_DOUBT:
            doubts.remember([delivery])
        if delivery.message is not None:
            note_mirrored(chat, [delivery.message], Message.Mirror.FAILED, problem)


def has_no_key(delivery: Delivery) -> bool:
    """A file that was to be fetched with a key that has ended: nobody is left waiting for it."""
    is_over = delivery.link.installation.state == Installation.State.REVOKED
    return is_over and delivery.kind == Delivery.Kind.FETCH


def give_up_fetch(chat: ChatSession, delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SENT, problem=NOT_FETCHED)
    fetched.give_up(chat, uuid.UUID(delivery.args["attachment"]), NOT_FETCHED)


def follow(chat: ChatSession, link: ChatLink) -> ChatLink | None:
    """The chat goes on where its site is connected now: in its old thread if that is there, else in a new one.

    None if the site is connected nowhere. Answers in its old thread still find the chat, unless another team was left.
    """
    connection = linking.connection_for(chat)
    if connection is None or connection.installation_id is None:
        return None
    lane = Lane.objects.select_for_update().get(pk=link.lane_id)
    settle_parted(chat, lane.pk)
    stays = (link.installation_id, link.channel_id) == (connection.installation_id, connection.channel_id)
    # aside from the lines, the old place is promised nothing more: it would happen to the new one
    aside = Delivery.objects.filter(link=link, state__in=OPEN).exclude(lane_id=lane.pk)
    aside.exclude(kind=Delivery.Kind.FETCH).delete()
    link.connection = connection
    if stays and link.root_ts is not None and not (link.is_noisy or connection.mode == Connection.Mode.NOISY):
        link.save(update_fields=["connection"])
        return link
    if link.installation_id == connection.installation_id and link.root_ts and not link.is_noisy:
        linking.note_former(link, link.root_ts)
    linking.settle_in(link, connection)
    link.save()
    # what the old place was still promised stays put aside; the new one begins behind it
    linking.promise_place(link)
    return link


def earlier_lines(link: ChatLink) -> int:
    """How many of a chat's messages its present thread does not show, counted when its card is posted."""
    waiting = Delivery.objects.filter(link=link, kind=Delivery.Kind.LINE, state__in=OPEN).order_by("pk")
    first = waiting.values_list("message__seq", flat=True).first()
    return max((first or 1) - 1, 0)


def behind_the_card(delivery: Delivery) -> Delivery:
    """A line put aside in an older place is promised anew, after the card of the present one."""
    cards = Delivery.objects.filter(Q(kind=Delivery.Kind.CARD), link_id=delivery.link_id)
    newest = cards.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None or delivery.pk >= newest or delivery.state != Delivery.State.DEAD:
        return delivery
    Delivery.objects.filter(pk=delivery.pk).delete()
    same = {"lane_id": delivery.lane_id, "link_id": delivery.link_id, "message": delivery.message}
    return Delivery.objects.create(kind=delivery.kind, state=delivery.state, **same)
