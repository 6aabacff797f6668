"""What the rail of every console page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from livechat import queries


def console(request: HttpRequest) -> dict[str, Any]:
    """Lazily: a fragment that shows no rail asks nothing."""
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {
        "member": member,
        "workspace": member.workspace,
        "ws_url": f"{settings.WS_URL}/ws/console",
        "demo": settings.DEMO,
        "section": request.path.split("/")[2],
        "waiting_count": lambda: queries.waiting_count(member.workspace),
        "slack_delayed": lambda: queries.slack_delayed(member.workspace),
    }
