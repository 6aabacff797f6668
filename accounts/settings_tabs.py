"""The pages behind *Settings*, in their order: one line makes a tab, and only those who may open it see it."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Member
from accounts.permissions import may


@dataclass(frozen=True, slots=True)
class Tab:
    """`permission` is the one that the page itself asks for. Pages below its address belong to it."""

    title: str
    url_name: str
    permission: str

    @property
    def path(self) -> str:
        return reverse(self.url_name)


TABS = (
    Tab("Workspace", "settings", "workspace.read"),
    Tab("Billing", "billing", "billing.manage"),
    Tab("Data", "settings_data", "data.read"),
    Tab("Roles", "settings_roles", "workspace.read"),
    Tab("Audit", "audit_log", "audit.read"),
    Tab("Tags", "tags", "tags.read"),
    Tab("Security", "settings_security", "workspace.read"),
)


def tabs_of(member: Member) -> list[Tab]:
    return [tab for tab in TABS if may(member, tab.permission)]


def current(tabs: list[Tab], path: str) -> Tab | None:
    """The tab to which the page at `path` belongs: the longest address that leads to it."""
    found = [tab for tab in tabs if path == tab.path or path.startswith(f"{tab.path}/")]
    return max(found, key=lambda tab: len(tab.path), default=None)
