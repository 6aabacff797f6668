"""Writes of Home tabs: opened, to be written, written, given up. The lane's row is locked before a person's."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from slackapp import lanes
from slackapp.actions.waking import HOMES as HOMES
from slackapp.actions.waking import wake_homes
from slackapp.models import ChatLink, HomeTab, Installation

# a Home tab that nobody looked at for so long is written again when they do
LIVELY = timedelta(hours=1)
# what happens within so long is shown at once
SOON = timedelta(seconds=2)
TRIES = 7


def note_opened(installation: Installation, team_id: str, user_id: str, seen: str) -> None:
    """`seen` is Slack's name for what stands there; if that is not what we wrote, it is written whatever it says."""
    wake_homes(installation.pk)
    now = timezone.now()
    changes: dict[str, Any] = {"slack_team_id": team_id, "opened_at": now, "due_at": now, "tries": 0}
    home, is_new = HomeTab.objects.get_or_create(
        installation=installation, slack_user_id=user_id, defaults=changes
    )
    if is_new:
        return
    if seen != home.hash:
        changes |= {"shown": "", "hash": seen}
    HomeTab.objects.filter(pk=home.pk).update(**changes, notice="")


def say(installation: Installation, user_id: str, text: str) -> None:
    """A sentence on top of their Home tab, written at once."""
    with transaction.atomic():
        wake_homes(installation.pk)
        homes = HomeTab.objects.filter(installation=installation, slack_user_id=user_id)
        homes.update(notice=text[:300], due_at=timezone.now(), tries=0)


def note_moved(chat_id: uuid.UUID) -> None:
    """A chat has another state or agent than those who look just now are shown."""
    installation_id = ChatLink.objects.filter(pk=chat_id).values_list("installation_id", flat=True).first()
    if installation_id is not None:
        refresh(installation_id)


def refresh(installation_id: uuid.UUID, *, everybody: bool = False) -> None:
    """Home tabs that were opened lately are written anew; with `everybody` all that ever were."""
    homes = HomeTab.objects.filter(installation=installation_id, due_at=None)
    if not everybody:
        homes = homes.filter(opened_at__gt=timezone.now() - LIVELY)
    if not homes.exists():
        return
    with transaction.atomic():
        wake_homes(installation_id)
        homes.update(due_at=timezone.now() + SOON, tries=0)


def note_known_as_another(team_id: str, user_id: str) -> None:
    """An account was linked, or is no longer: what they may see is another matter now."""
    theirs = HomeTab.objects.filter(slack_team_id=team_id, slack_user_id=user_id)
    for installation_id in theirs.order_by("installation_id").values_list("installation_id", flat=True):
        with transaction.atomic():
            wake_homes(installation_id)
            theirs.filter(installation=installation_id).update(due_at=timezone.now(), tries=0)


def wake(installation_id: uuid.UUID) -> None:
    with transaction.atomic():
        wake_homes(installation_id)


def note_written(home: HomeTab, read_at: datetime, shown: str, hash_: str) -> None:
    """What became due while it was being written stays due."""
    homes = HomeTab.objects.filter(pk=home.pk)
    homes.update(built_at=read_at, shown=shown, hash=hash_[:100], tries=0)
    homes.filter(due_at=home.due_at).update(due_at=None)


def note_conflict(home: HomeTab) -> None:
    """Something else stands there than we knew: it is written over, with what holds then."""
    HomeTab.objects.filter(pk=home.pk).update(shown="", hash="")


def note_failed(home: HomeTab) -> None:
    """Tried again ever later, and in the end only when they look."""
    homes = HomeTab.objects.filter(pk=home.pk)
    homes.update(tries=F("tries") + 1, due_at=timezone.now() + lanes.backoff(home.tries + 1))
    homes.filter(tries__gte=TRIES).update(due_at=None)


def give_up(home: HomeTab) -> None:
    HomeTab.objects.filter(pk=home.pk).update(due_at=None)


def give_up_all(installation: Installation) -> None:
    """Slack shows no Home tab of ours there."""
    HomeTab.objects.filter(installation=installation).update(due_at=None)
