"""The channels of connections: in trouble, mended, renamed, moved. A trouble is told once, not per event."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from slackapp.actions.waking import tell_owners, wake_chores, wake_lanes
from slackapp.models import (
    ChannelBudget,
    ChatLink,
    Connection,
    ErasedCopy,
    FormerThread,
    Installation,
    MessageLink,
    PastPlace,
)

Trouble = Connection.Trouble
# by the code of a refusal, or the kind of an event; whatever else stops a connection only a person mends
TROUBLE_OF = {
    "not_in_channel": Trouble.LEFT,
    "channel_left": Trouble.LEFT,
    "group_left": Trouble.LEFT,
    "member_left_channel": Trouble.LEFT,
    "is_archived": Trouble.ARCHIVED,
    "channel_archive": Trouble.ARCHIVED,
    "group_archive": Trouble.ARCHIVED,
    "channel_not_found": Trouble.DELETED,
    "channel_deleted": Trouble.DELETED,
    "group_deleted": Trouble.DELETED,
    "team_access_not_granted": Trouble.TEAM,
    "team_access_revoked": Trouble.TEAM,
    "team_not_found": Trouble.TEAM,
    "team_not_on_enterprise": Trouble.TEAM,
}
HEALS = (Trouble.LEFT, Trouble.ARCHIVED, Trouble.DELETED, Trouble.TEAM)
WAITS = (1, 5, 15, 60)
MOST_TRIES = 24
# what breaks again so soon is the same trouble: its owner knows of it, and we ask ever less often
SAME_TROUBLE = timedelta(hours=1)


def note_channel_problem(connection: Connection, channel_id: str, problem: str, why: str = "") -> bool:
    """True if the connection stops for it; False if it has long moved to another channel and only old chats care.

    `why`: the code of a refusal or the kind of an event.
    """
    if connection.channel_id != channel_id:
        return False
    with transaction.atomic():
        ready = Connection.unscoped.select_for_update().filter(
            pk=connection.pk, channel_id=channel_id, state=Connection.State.READY
        )
        if (row := ready.first()) is not None:
            _break(row, problem, TROUBLE_OF.get(why, Trouble.REFUSED))
    return True


def _break(row: Connection, problem: str, trouble: str) -> None:
    now = timezone.now()
    is_new = row.healed_at is None or now - row.healed_at > SAME_TROUBLE
    row.state, row.problem, row.trouble = Connection.State.BROKEN, problem[:300], trouble
    row.heal_tries = 0 if is_new else row.heal_tries
    row.heal_at = _next_try(row.heal_tries, now) if trouble in HEALS else None
    row.save(update_fields=["state", "problem", "trouble", "heal_tries", "heal_at"])
    if is_new:
        tell_owners(row.pk, problem)
    if row.heal_at is not None and row.installation_id is not None:
        wake_chores(row.installation_id)


def _next_try(tries: int, now: datetime) -> datetime | None:
    if tries >= MOST_TRIES:
        return None
    return now + timedelta(minutes=WAITS[min(tries, len(WAITS) - 1)])


def heal_soon(installation: Installation, channels: Q) -> None:
    """Slack said something that may have mended these connections: looked at at once. Inside a transaction."""
    broken = Connection.unscoped.filter(channels, installation=installation, state=Connection.State.BROKEN)
    if broken.exclude(trouble=Trouble.REFUSED).update(heal_at=timezone.now()):
        wake_chores(installation.pk)


def note_not_healed(connection: Connection, problem: str = "") -> None:
    broken = Connection.unscoped.filter(pk=connection.pk, state=Connection.State.BROKEN)
    changes = {"problem": problem[:300]} if problem else {}
    tries = connection.heal_tries + 1
    broken.update(heal_tries=tries, heal_at=_next_try(tries, timezone.now()), **changes)


def note_healed(connection: Connection, channel_name: str) -> None:
    """What waited goes out. Only the channel that was looked at: the owner may have chosen another meanwhile."""
    with transaction.atomic():
        wake_lanes(Q(deliveries__link__connection=connection))
        broken = Connection.unscoped.filter(
            pk=connection.pk, channel_id=connection.channel_id, state=Connection.State.BROKEN
        )
        broken.update(
            channel_name=channel_name[:100] or connection.channel_name,
            healed_at=timezone.now(),
            heal_tries=connection.heal_tries + 1,
            **MENDED,
        )


MENDED = {"state": Connection.State.READY, "problem": "", "trouble": Trouble.NONE, "heal_at": None}


def rename_channel(installation: Installation, channel_id: str, name: str) -> None:
    Connection.unscoped.filter(installation=installation, channel_id=channel_id).update(
        channel_name=name[:100]
    )
    _rename_rooms(installation, channel_id, name)


def _rename_rooms(installation: Installation, channel_id: str, name: str) -> None:
    rooms = ChatLink.objects.filter(installation=installation, channel_id=channel_id)
    rooms.filter(mode=Connection.Mode.NOISY).update(room_name=name[:100])


def move_channel(installation: Installation, old: str, new: str) -> None:
    """Slack gave the channel another id. Answers on their way that speak of the old one still find their chat."""
    with transaction.atomic():
        wake_lanes(Q(deliveries__link__installation=installation, deliveries__link__channel_id=old))
        links = ChatLink.objects.filter(installation=installation)
        threads = list(links.filter(channel_id=old).exclude(root_ts=None).order_by("pk"))
        links.filter(channel_id=old).update(channel_id=new)
        links.filter(lobby_channel_id=old).update(lobby_channel_id=new)
        for model in (MessageLink, FormerThread, PastPlace, ErasedCopy):
            model.objects.filter(installation=installation, channel_id=old).update(channel_id=new)
        FormerThread.objects.bulk_create(
            [
                FormerThread(link=link, installation=installation, channel_id=old, root_ts=link.root_ts)
                for link in threads
                if link.root_ts is not None
            ],
            ignore_conflicts=True,
        )
        ChannelBudget.objects.filter(installation=installation, channel_id=old).delete()
        Connection.unscoped.filter(installation=installation, channel_id=old).update(channel_id=new)
        heal_soon(installation, Q(channel_id=new))
