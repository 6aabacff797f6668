"""An installation's keys: stored, renewed, wiped. Each write is of the key that the caller has seen, or is none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from slackapp.actions.waking import wake_chores, wake_lanes
from slackapp.models import Installation

# a key is renewed two hours before its end, or after half of its life where that is shorter
AHEAD = timedelta(hours=2)
# what Slack says of a key that never opens again. Slack was wrong about that before, for minutes: it is asked twice
DEAD = frozenset(
    {"token_revoked", "account_inactive", "invalid_auth", "token_expired", "invalid_refresh_token"}
)
DOUBTED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """What Slack gives where tokens rotate. `refresh_token` is empty and `seconds` 0 where they do not."""

    access_token: str
    refresh_token: str
    seconds: int

    def columns(self) -> dict[str, str | datetime | None]:
        if not (self.refresh_token and self.seconds > 0):
            ends: dict[str, str | datetime | None] = {
                "refresh_token": "",
                "expires_at": None,
                "renew_at": None,
            }
            return {"bot_token": self.access_token, **ends}
        life = timedelta(seconds=self.seconds)
        now = timezone.now()
        return {
            "bot_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at": now + life,
            "renew_at": now + max(life - AHEAD, life / 2),
        }


def locked_as_seen(seen: Installation) -> Installation | None:
    """The row, locked, if it still holds the key and the installation that `seen` was read with."""
    row = Installation.objects.select_for_update().filter(pk=seen.pk).first()
    if row is None or row.installed_at != seen.installed_at:
        return None
    return row if row.bot_token.reveal() == seen.bot_token.reveal() else None


def store_pair(seen: Installation, pair: Pair) -> bool:
    """False if the key was changed meanwhile: what Slack gave for the old one is no longer wanted."""
    with transaction.atomic():
        row = locked_as_seen(seen)
        if row is None:
            return False
        columns = pair.columns()
        for name, value in columns.items():
            setattr(row, name, value)
        row.tries = 0
        row.save(update_fields=[*columns, "tries"])
        return True


def put_off_renewal(seen: Installation, until: datetime | None) -> None:
    """None: it makes no sense to ask again. Nor is there anything to ask where the key was changed or wiped."""
    with transaction.atomic():
        row = locked_as_seen(seen)
        if row is not None:
            row.renew_at, row.tries = until, seen.tries + 1
            row.save(update_fields=["renew_at", "tries"])


def exchange_later(installation: Installation) -> None:
    """A long-lived key is to become a pair as soon as a worker comes by."""
    with transaction.atomic():
        Installation.objects.filter(pk=installation.pk).update(renew_at=timezone.now(), tries=0)
        wake_chores(installation.pk)


def doubted_until(code: str) -> datetime | None:
    """When a key that was refused by this code is asked again; None where the key is alive and may not."""
    return timezone.now() + DOUBTED_FOR if code in DEAD else None


def put_off_last_look(seen: Installation, until: datetime) -> None:
    with transaction.atomic():
        row = locked_as_seen(seen)
        if row is not None and row.doubted_until is not None:
            row.doubted_until = until
            row.save(update_fields=["doubted_until"])


def note_alive(seen: Installation) -> None:
    """The key opens after all: what waited goes out. Not if somebody connected again meanwhile."""
    with transaction.atomic():
        wake_lanes(Q(deliveries__link__installation=seen))
        row = locked_as_seen(seen)
        if row is not None and row.state == Installation.State.NEEDS_REAUTH:
            row.state, row.problem, row.doubted_until = Installation.State.ACTIVE, "", None
            row.save(update_fields=["state", "problem", "doubted_until"])
