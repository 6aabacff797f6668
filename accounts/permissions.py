"""Who may do what in a workspace: one table, and what it does not name nobody may do."""

from accounts.models import Member, Role

EVERYBODY = frozenset(Role)
ANSWERING = frozenset({Role.OWNER, Role.ADMIN, Role.AGENT})
MANAGING = frozenset({Role.OWNER, Role.ADMIN})
OWNER = frozenset({Role.OWNER})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "chats.read": EVERYBODY,
    "chats.reply": ANSWERING,
    "chats.close": ANSWERING,
    "deliveries.replay": ANSWERING,
    "sites.read": EVERYBODY,
    "sites.edit": MANAGING,
    "slack.read": EVERYBODY,
    "slack.edit": MANAGING,
    "members.read": EVERYBODY,
    "members.edit": MANAGING,
    "workspace.edit": OWNER,
}
WHO_MAY = {
    "chats": "Viewers read chats; owners, admins and agents answer them.",
    "deliveries": "Viewers read chats; owners, admins and agents send again.",
    "sites": "Only owners and admins change sites.",
    "slack": "Only owners and admins change the Slack connection.",
    "members": "Only owners and admins change who works here.",
    "workspace": "Only the owner changes the workspace.",
}


def may(member: Member, permission: str) -> bool:
    """A permission that the table lacks is a programming error and raises KeyError."""
    return member.role in PERMISSIONS[permission]


def refusal(permission: str) -> str:
    """The sentence for somebody who may not."""
    return f"{WHO_MAY[permission.partition('.')[0]]} Ask an owner of your workspace."
