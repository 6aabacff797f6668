"""How much of its plan a workspace uses (B10): a month's chats, sites and seats.

A chat counts once its visitor has written a line, in the month in which they wrote the first one (`billing.periods`).
What the plan holds keeps no visitor's message out: owners are told at 80 and at 100 per cent, and chats go on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.actions.entitlements import seats_taken
from accounts.banners import Banner
from accounts.models import Member, Workspace
from accounts.permissions import may
from billing.actions.counting import chats_in, reached
from billing.models import Customer, UsagePeriod
from billing.periods import period_of
from livechat.models import Site

# a count is good for so long; a sweep comes by every five minutes
FRESH = timedelta(minutes=10)
GOES_ON = "Nothing stops: every visitor’s message still reaches you."


@dataclass(frozen=True, slots=True)
class Usage:
    """A limit of None is none. `resets_at` is when the next month of the plan begins to be counted."""

    chats: int
    most_chats: int | None
    sites: int
    most_sites: int | None
    seats: int
    most_seats: int | None
    resets_at: datetime


def usage(workspace: Workspace) -> Usage:
    """Only reads. The chats are those of the last sweep, or counted anew where that was long ago."""
    now = timezone.now()
    period = period_of(Customer.objects.in_workspace(workspace).first(), now)
    row = UsagePeriod.objects.in_workspace(workspace).filter(starts_at=period.starts_at).first()
    known = row.chats if row is not None else 0
    is_fresh = row is not None and row.counted_to > now - FRESH
    return Usage(
        chats=known if is_fresh else max(known, chats_in(workspace, period)),
        most_chats=workspace.most_chats,
        sites=Site.objects.in_workspace(workspace).filter(removed_at=None).count(),
        most_sites=workspace.most_sites,
        seats=seats_taken(workspace.pk),
        most_seats=workspace.most_seats,
        resets_at=period.ends_at,
    )


def banners(member: Member) -> list[Banner]:
    """For whoever may choose another plan, from the last count; one statement, or none where nothing is limited."""
    most = member.workspace.most_chats
    if most is None or not may(member, "billing.manage"):
        return []
    now = timezone.now()
    rows = UsagePeriod.objects.in_workspace(member.workspace).filter(starts_at__lte=now, ends_at__gt=now)
    row = rows.order_by("-starts_at").first()
    if row is None or not reached(row.chats, most):
        return []
    return [
        Banner(
            f"{_said(row.chats, most, member.workspace.plan_name)} {GOES_ON}", "See plans", reverse("billing")
        )
    ]


def _said(chats: int, most: int, plan: str) -> str:
    if chats < most:
        return f"{chats:,} of the {most:,} chats that {plan} holds a month are used."
    return f"You have had {chats:,} chats this month, and {plan} holds {most:,}."
