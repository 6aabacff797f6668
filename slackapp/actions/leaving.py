"""A site or a whole Slack team parts from us; what is held of the team goes thirty days later."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actions import audit
from accounts.models import Member, User, Workspace
from slackapp.actions.keys import locked_as_seen
from slackapp.actions.waking import tell_owners_of, wake_chores, wake_lanes
from slackapp.models import Connection, Delivery, Installation

FAREWELL_FOR = timedelta(hours=24)
_NO_KEY = {"bot_token": "", "refresh_token": "", "expires_at": None, "renew_at": None}
_ENDED = ("state", "problem", "tries", "renew_at", "revoked_at", "delete_at", "doubted_until")
_NO_FAREWELL = {"farewell_at": None, "farewell_until": None}


def kept_for() -> timedelta:
    """How long what is held of a Slack team outlives its leaving; the public pages promise the same."""
    return timedelta(days=settings.SLACK_KEEP_DAYS)


def disconnect(member: Member, connection: Connection) -> None:
    """No new chat goes there. What was queued is settled by its lanes: it says that Slack was disconnected.

    The installation stays while another site uses it, also one of another workspace.
    """
    part(member.workspace, member.user, connection)


def part(workspace: Workspace, user: User | None, connection: Connection) -> None:
    with transaction.atomic():
        wake_lanes(Q(deliveries__link__connection=connection))
        Connection.objects.in_workspace(workspace).filter(pk=connection.pk).update(
            state=Connection.State.DISCONNECTED, problem="", heal_at=None, ended_at=timezone.now()
        )
        audit(workspace, user, "slack.disconnected", str(connection.pk))
        if connection.installation_id is not None:
            _part_if_unused(connection.installation_id)


def release(workspace: Workspace) -> None:
    """Of a workspace that goes, or stays after all: keys that were kept for its end alone. Harmless to repeat."""
    installations = Installation.objects.filter(connections__workspace=workspace)
    open_ones = installations.exclude(state=Installation.State.REVOKED).order_by("pk").distinct()
    for installation_id in list(open_ones.values_list("pk", flat=True)):
        with transaction.atomic():
            _part_if_unused(installation_id, but_for=workspace)


def _part_if_unused(installation_id: uuid.UUID, but_for: Workspace | None = None) -> None:
    """Nothing is posted any more; the key is kept until Slack has been told to forget it (departure.py).

    A workspace that ends keeps it until then, to delete what the app has posted.
    """
    row = Installation.objects.select_for_update().get(pk=installation_id)
    connections = Connection.unscoped.filter(installation=row)
    ending = connections.filter(workspace__ending_since__isnull=False)
    if but_for is not None:
        ending = ending.exclude(workspace=but_for)
    if connections.exclude(state=Connection.State.DISCONNECTED).exists() or ending.exists():
        return
    row.problem = "Slack was disconnected in the console."
    has_key = bool(row.bot_token)
    row.farewell_at = timezone.now() if has_key else None
    row.farewell_until = timezone.now() + FAREWELL_FOR if has_key else None
    _end(row, ["farewell_at", "farewell_until"])


def _end(row: Installation, also: list[str]) -> None:
    """The row is locked. Its end is counted from the first word about it."""
    now = timezone.now()
    row.state, row.tries, row.renew_at, row.doubted_until = Installation.State.REVOKED, 0, None, None
    row.revoked_at = row.revoked_at or now
    row.delete_at = row.delete_at or now + kept_for()
    row.save(update_fields=[*_ENDED, *also])
    wake_chores(row.pk)


def revoke(installation: Installation, problem: str) -> None:
    """Slack has ended it: the key is wiped at once and the queue stops; promises stay until somebody connects again.

    Only the one that `installation` was read with: what Slack says of an earlier one does not touch it.
    """
    with transaction.atomic():
        # who waits for a file that can be fetched no more is told
        wake_lanes(Q(deliveries__link__installation=installation, deliveries__kind=Delivery.Kind.FETCH))
        row = Installation.objects.select_for_update().get(pk=installation.pk)
        if row.installed_at != installation.installed_at:
            return
        was_ours = row.farewell_at is not None
        # who has heard that Slack refuses the key has the same to do, and Slack tells of an end in two events
        is_news = row.state == Installation.State.ACTIVE
        for name, value in {**_NO_KEY, **_NO_FAREWELL}.items():
            setattr(row, name, value)
        row.problem = row.problem if was_ours else problem
        _end(row, [*_NO_KEY, *_NO_FAREWELL])
        if is_news:
            tell_owners_of(row.pk, problem)


def note_farewell(seen: Installation, again_at: datetime | None) -> bool:
    """`again_at` None: Slack knows, or has had its day; the key goes. False if somebody connected meanwhile."""
    with transaction.atomic():
        row = locked_as_seen(seen)
        if row is None or row.farewell_at is None:
            return False
        if again_at is None or (row.farewell_until is not None and again_at > row.farewell_until):
            changes: dict[str, Any] = {**_NO_KEY, **_NO_FAREWELL, "tries": 0}
        else:
            changes = {"farewell_at": again_at, "tries": row.tries + 1}
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=list(changes))
        return True
