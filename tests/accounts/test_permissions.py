"""The table of who may do what, read as people would say it (G6)."""

import pytest

from accounts.models import Member, Role
from accounts.permissions import PERMISSIONS, WHO_MAY, may, refusal

MAY_NOT = {
    Role.OWNER: set(),
    Role.ADMIN: {
        "billing.manage", "members.transfer", "workspace.edit", "workspace.delete", "workspace.undo",
        "data.keep", "data.export",
    },
    Role.AGENT: {
        "billing.manage", "members.transfer", "tags.edit", "chats.export",
        "workspace.delete", "workspace.undo", "data.read", "data.keep", "data.export", "visitors.export", "audit.read",
        "workspace.edit", "members.edit", "sites.edit", "slack.edit", "chats.audit", "faces.edit", "visitors.erase",
    },
    Role.VIEWER: {
        "billing.manage", "members.transfer", "tags.edit", "chats.export", "chats.tag",
        "workspace.delete", "workspace.undo", "data.read", "data.keep", "data.export", "visitors.export", "audit.read",
        "workspace.edit", "members.edit", "sites.edit", "slack.edit", "chats.audit", "faces.edit", "visitors.erase",
        "chats.reply", "chats.mail", "chats.close", "chats.assign", "chats.snooze", "chats.block", "deliveries.replay",
        "availability.say", "replies.edit",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_its_row_says(role: Role) -> None:
    refused = {permission for permission in PERMISSIONS if not may(Member(role=role), permission)}
    assert refused == MAY_NOT[role]


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may(Member(role="root"), permission) for permission in PERMISSIONS)


def test_an_unknown_permission_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        may(Member(role=Role.OWNER), "sites.destroy")


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_refusal_has_a_sentence(permission: str) -> None:
    assert refusal(permission).endswith("Ask an owner of your workspace.")
    assert permission.partition(".")[0] in WHO_MAY
