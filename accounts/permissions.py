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
    "chats.snooze": ANSWERING,
    "chats.assign": ANSWERING,
    "chats.block": ANSWERING,
    "chats.tag": ANSWERING,
    "chats.mail": ANSWERING,
    "chats.export": MANAGING,
    "chats.audit": MANAGING,
    "tags.read": EVERYBODY,
    "tags.edit": MANAGING,
    "reports.read": EVERYBODY,
    "replies.read": EVERYBODY,
    "replies.edit": ANSWERING,
    "availability.say": ANSWERING,
    "deliveries.replay": ANSWERING,
    "visitors.erase": MANAGING,
    "visitors.export": MANAGING,
    "data.read": MANAGING,
    "data.keep": OWNER,
    "data.export": OWNER,
    "sites.read": EVERYBODY,
    "sites.edit": MANAGING,
    "slack.read": EVERYBODY,
    "slack.edit": MANAGING,
    "members.read": EVERYBODY,
    "members.edit": MANAGING,
    "members.transfer": OWNER,
    "faces.edit": MANAGING,
    "workspace.read": EVERYBODY,
    "workspace.edit": OWNER,
    "workspace.delete": OWNER,
    "workspace.undo": OWNER,
    "audit.read": MANAGING,
    "billing.manage": OWNER,
}
WHO_MAY = {
    "chats": "Viewers read chats; owners, admins and agents answer them. Only owners and admins take them along.",
    "tags": "Whoever answers puts tags on chats; only owners and admins rename, merge and delete them.",
    "reports": "Everybody in the workspace reads its reports.",
    "replies": "Viewers read saved replies; owners, admins and agents change them.",
    "availability": "Viewers read chats; owners, admins and agents say whether somebody is there.",
    "deliveries": "Viewers read chats; owners, admins and agents send again.",
    "visitors": "Only owners and admins export and erase visitors.",
    "data": "Owners and admins read what is kept; only owners change it or take it out.",
    "sites": "Only owners and admins change sites.",
    "slack": "Only owners and admins change the Slack connection.",
    "members": "Only owners and admins change who works here; only owners hand it over.",
    "faces": "Only owners and admins choose how others appear; everybody may change their own face.",
    "audit": "Only owners and admins read the audit log.",
    "billing": "Only owners choose the plan and pay for it.",
    "workspace": "Everybody reads what the workspace is called; only owners change it.",
}

# what is still open in a workspace that is about to go
WHILE_ENDING = frozenset({"workspace.undo"})


def may(member: Member, permission: str) -> bool:
    """A permission that the table lacks is a programming error and raises KeyError."""
    return member.role in PERMISSIONS[permission]


def refusal(permission: str) -> str:
    """The sentence for somebody who may not."""
    return f"{WHO_MAY[permission.partition('.')[0]]} Ask an owner of your workspace."


ROLE_WORDS = {
    Role.OWNER: "Everything: also who the owners are, what is kept, and the end of the workspace.",
    Role.ADMIN: "Sites, Slack, people and their roles, the audit log, and all that agents do.",
    Role.AGENT: "Answers visitors: takes, closes, assigns and blocks, and writes saved replies.",
    Role.VIEWER: "Reads chats and settings, and changes nothing.",
}
# the highest first: nobody gives a role above their own, or changes somebody who has one
RANKS = (Role.OWNER, Role.ADMIN, Role.AGENT, Role.VIEWER)


def roles_to_give(member: Member) -> list[Role]:
    """The highest first; none for those who may not change who works here."""
    if not may(member, "members.edit"):
        return []
    return list(RANKS[RANKS.index(Role(member.role)) :])


def may_manage(member: Member, other: Member) -> bool:
    """Whether they may change the other's role or take them out."""
    return Role(other.role) in roles_to_give(member)
