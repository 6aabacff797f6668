"""Home tabs that somebody looks at are compared with what moved meanwhile, so that no visitor's line waits for them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Min
from django.utils import timezone

from livechat.events import ChatChanged, VisitorErased
from slackapp.actions import homes
from slackapp.actions.homes import HOMES, LIVELY
from slackapp.models import ChatLink, HomeTab, Installation, Lane

# what nobody tells of, such as another role, is seen at the latest so much later
AGAIN = timedelta(minutes=5)
OVERDUE = timedelta(minutes=1)


def find_moved() -> None:
    """Part of the sweep: one statement while nobody looks at a Home tab."""
    now = timezone.now()
    looked_at = HomeTab.objects.filter(opened_at__gt=now - LIVELY, due_at=None, built_at__isnull=False)
    oldest = dict(looked_at.values_list("installation_id").annotate(at=Min("built_at")))
    newest = _last_words(oldest) if oldest else {}
    for installation_id, built_at in oldest.items():
        said = newest.get(installation_id)
        if built_at < now - AGAIN or (said is not None and said > built_at):
            homes.refresh(installation_id)
    _wake_overdue(now)


def _last_words(oldest: dict[UUID, datetime]) -> dict[UUID, datetime]:
    """When somebody last wrote in a chat of each installation, if after what is shown."""
    since = min(oldest.values())
    said = ChatLink.objects.filter(installation__in=oldest, chat__last_message_at__gt=since)
    return dict(said.values_list("installation_id").annotate(at=Max("chat__last_message_at")))


def _wake_overdue(now: datetime) -> None:
    """Those that waited for a key that is good again, or whose ring was lost with its lane."""
    late = HomeTab.objects.filter(
        due_at__lt=now - OVERDUE, installation__state=Installation.State.ACTIVE
    ).exclude(installation__paused_until__gt=now)
    for installation_id in late.values_list("installation_id", flat=True).distinct():
        if not Lane.objects.filter(key=f"{HOMES}{installation_id}", due_at__isnull=False).exists():
            homes.wake(installation_id)


def on_chat_changed(fact: ChatChanged) -> None:
    """After the commit: another state or agent; marks that moved are not shown."""
    from slackapp import tasks

    if fact.frame is not None and fact.frame.get("type") == "chat":
        tasks.look_at_homes(fact.chat.pk)


def on_erased(fact: VisitorErased) -> None:
    """Inside the erasure's transaction: whoever was shown a chat of theirs, however long ago, is shown it no more."""
    links = ChatLink.objects.filter(chat__in=fact.chats).order_by("installation_id")
    for installation_id in links.values_list("installation_id", flat=True).distinct():
        homes.refresh(installation_id, everybody=True)
