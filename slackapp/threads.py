"""A chat's thread whose card is gone in Slack: the chat gets a new card, and its lines go on below that one."""

from django.db import transaction
from django.utils import timezone

from slackapp import lanes, linking, promises
from slackapp.models import ChatLink, Delivery, Lane

MOST_THREADS = 5


def new_thread(job: promises.Job) -> None:
    """The thread is gone in Slack: the chat gets a new card, before the line that found out."""
    promises.settle_not_sent(job, "the thread is gone in Slack")
    _leave_thread(job.link)


def leave_thread(link: ChatLink, root_ts: str) -> bool:
    """The card that began the thread is gone: the chat gets a new one, a bounded number of times.

    False if that is not its thread any more. The caller holds the chat's row lock.
    """
    current = ChatLink.objects.filter(pk=link.pk, root_ts=root_ts).first()
    if current is None or current.former_threads.count() >= MOST_THREADS:
        return False
    Lane.objects.select_for_update().get(pk=link.lane_id)
    _leave_thread(current)
    lanes.mark_due(link.lane_id)
    transaction.on_commit(lambda: promises.ring(link.lane_id), robust=True)
    return True


def _leave_thread(link: ChatLink) -> None:
    if link.root_ts is not None:
        linking.note_former(link, link.root_ts)
    ChatLink.objects.filter(pk=link.pk).update(root_ts=None)
    post_card_again(link)


def post_card_again(link: ChatLink) -> None:
    """It has its old place in the chat's order, before every line."""
    cards = Delivery.objects.filter(link=link, kind=Delivery.Kind.CARD)
    newest = cards.order_by("-pk").values_list("pk", flat=True)[:1]
    Delivery.objects.filter(pk__in=list(newest)).update(
        state=Delivery.State.PENDING, attempts=0, first_tried_at=None, created_at=timezone.now()
    )
