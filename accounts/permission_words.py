"""The table of permissions in plain words, for the page that shows it."""

from collections.abc import Iterator, Mapping

from accounts.models import Role
from accounts.permissions import PERMISSIONS, RANKS

DEEDS: Mapping[str, str] = {
    "chats.read": "Read chats",
    "chats.reply": "Answer visitors and write notes",
    "chats.close": "Close chats",
    "chats.snooze": "Snooze chats",
    "chats.assign": "Take chats and give them to others",
    "chats.block": "Block visitors",
    "chats.tag": "Put tags on chats",
    "chats.mail": "Mail transcripts to the visitors themselves",
    "chats.export": "Take transcripts and lists of chats along",
    "chats.audit": "Read what messages said before they were changed",
    "tags.read": "See the tags",
    "tags.edit": "Rename, merge and delete tags",
    "reports.read": "Read reports",
    "replies.read": "Read saved replies",
    "replies.edit": "Write and delete saved replies",
    "availability.say": "Say whether somebody is there",
    "deliveries.replay": "Send to Slack again what did not arrive",
    "visitors.erase": "Erase visitors",
    "visitors.export": "Take a visitor’s data out",
    "data.read": "See what is kept, and how long",
    "data.keep": "Choose how long chats are kept",
    "data.export": "Take the whole workspace’s data out",
    "sites.read": "See sites and their settings",
    "sites.edit": "Add and change sites",
    "slack.read": "See the connection with Slack",
    "slack.edit": "Connect and change Slack",
    "members.read": "See who works here",
    "members.edit": "Invite people, change roles, take people out",
    "members.transfer": "Hand the workspace over",
    "faces.edit": "Choose how others appear to visitors",
    "workspace.read": "See what the workspace is called",
    "workspace.edit": "Change the workspace’s name and rules",
    "workspace.delete": "Delete the workspace",
    "workspace.undo": "Undo deleting the workspace",
    "audit.read": "Read the audit log",
    "billing.manage": "Choose the plan, pay for it, and read invoices",
}


def rows() -> Iterator[tuple[str, list[tuple[str, bool]]]]:
    """For each permission what it is called, and for each role, the highest first, whether it has it."""
    for permission, roles in PERMISSIONS.items():
        yield DEEDS[permission], [(Role(role).label, role in roles) for role in RANKS]
