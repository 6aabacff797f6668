"""The pages of one site: each a tab with an address of its own."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.views.shared import View
from livechat.models import Site

# what the tab says, and the name of its address
TABS = (
    ("Install", "site"),
    ("Look", "site_look"),
    ("Texts", "site_texts"),
    ("Questions", "site_form"),
    ("Hours", "site_hours"),
    ("Reminders", "site_reminders"),
    ("Visitors", "site_visitors"),
    ("Identity", "site_identity"),
    ("Routes", "slack_routes"),
)


def page(
    request: MemberRequest, tab: str, site: Site, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """`tab` is the address's name; its template is `console/sites/<tab>.html`."""
    common = {"site": site, "tabs": TABS, "tab": tab, "may_edit": may(request.member, "sites.edit")}
    common["may_choose_plan"] = may(request.member, "billing.manage")
    return render(request, f"console/sites/{tab}.html", common | context, status=status)


def by_method(read: View, write: View) -> View:
    """One address where a page is read and what it says is written, each with a permission of its own."""

    def either(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return (write if request.method == "POST" else read)(request, *args, **kwargs)

    either.permission = getattr(read, "permission")  # type: ignore[attr-defined]  # noqa: B009 - of the gate
    either.deeds_permission = getattr(write, "permission")  # type: ignore[attr-defined]  # noqa: B009 - of the gate
    return either
