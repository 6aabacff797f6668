"""What the rail of every console page shows."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import proof
from accounts.banners import Banner, banners_of
from accounts.models import Member
from livechat import chat_lists, queries, undoing


class Rail:
    """Asked lazily and once: a fragment that shows no rail costs nothing."""

    def __init__(self, member: Member) -> None:
        self.member, self.workspace = member, member.workspace

    @cached_property
    def unread(self) -> int:
        return chat_lists.unread_count(self.member)

    @cached_property
    def shows_visitors(self) -> bool:
        return queries.shows_visitors(self.workspace)

    @cached_property
    def banners(self) -> list[Banner]:
        return banners_of(self.member)

    @cached_property
    def slack_problem(self) -> str:
        return queries.slack_problem(self.workspace)

    @cached_property
    def slack_delayed(self) -> bool:
        return queries.slack_delayed(self.workspace)


def console(request: HttpRequest) -> dict[str, Any]:
    member = getattr(request, "member", None)
    if member is None:
        return {"typed_before": lambda: proof.typed_before(request)}
    section = request.path.split("/")[2]
    return {
        "member": member,
        "workspace": member.workspace,
        "rail": Rail(member),
        "ws_url": f"{settings.WS_URL}/ws/console?workspace={member.workspace_id}",
        "typed_before": lambda: proof.typed_before(request),
        "undo": lambda: undoing.offered(request),
        "demo": settings.DEMO,
        "section": section,
    }
