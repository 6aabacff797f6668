"""What the Team page shows of the people who may log in, and of those who are asked to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import second_factors
from accounts.access import invitations_in, lapsed_invitations
from accounts.models import Member
from accounts.permissions import may, may_manage


@dataclass(frozen=True, slots=True)
class Person:
    """`seen_at`: when they last logged in or had the console open, if ever."""

    member: Member
    seen_at: datetime | None
    has_second_factor: bool
    may_be_changed: bool


def team_of(member: Member) -> dict[str, Any]:
    """For the template: three or four statements however many people there are."""
    may_edit = may(member, "members.edit")
    return {
        "people": people_of(member),
        "invitations": invitations_in(member.workspace) if may_edit else [],
        "lapsed": lapsed_invitations(member.workspace) if may_edit else set(),
        "may_edit_people": may_edit,
    }


def people_of(member: Member) -> list[Person]:
    having = second_factors.members_with(member.workspace)
    rows = Member.objects.in_workspace(member.workspace).select_related("user", "console_visit")
    return [
        _person(member, row, row.user_id in having)
        for row in rows.order_by("user__name", "user__email", "pk")
    ]


def _person(asking: Member, row: Member, has_second_factor: bool) -> Person:
    visit = getattr(row, "console_visit", None)
    moments = [moment for moment in (row.user.last_login, visit and visit.seen_at) if moment]
    return Person(row, max(moments, default=None), has_second_factor, may_manage(asking, row))
