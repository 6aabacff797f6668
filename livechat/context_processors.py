"""What the rail of every console page shows."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import Workspace
from livechat import queries


class Rail:
    """Asked lazily and once: a fragment that shows no rail costs nothing."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def waiting(self) -> int:
        return queries.waiting_count(self.workspace)

    @cached_property
    def slack_problem(self) -> str:
        return queries.slack_problem(self.workspace)

    @cached_property
    def slack_delayed(self) -> bool:
        return queries.slack_delayed(self.workspace)


def console(request: HttpRequest) -> dict[str, Any]:
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {
        "member": member,
        "workspace": member.workspace,
        "rail": Rail(member.workspace),
        "ws_url": f"{settings.WS_URL}/ws/console",
        "demo": settings.DEMO,
        "section": request.path.split("/")[2],
    }
