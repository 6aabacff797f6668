"""The audit log in plain words: one sentence for each verb, and the names of what it speaks of."""

import string
import uuid
from collections.abc import Callable, Iterable, Mapping

from accounts.models import Agent, AuditEntry, Member, User, Workspace

# read after the name of whoever acted; {kind} becomes the name of the subject of that kind
SENTENCES: Mapping[str, str] = {
    "workspace.created": "created this workspace",
    "workspace.plan_changed": "changed what the plan of this workspace allows",
    "billing.checkout_opened": "went to Stripe to pay for a plan",
    "billing.portal_opened": "opened Stripe’s pages about cards, addresses and invoices",
    "billing.plan_chosen": "chose another plan for this workspace",
    "billing.plan_cancelled": "cancelled the plan of this workspace",
    "billing.plan_resumed": "kept the plan of this workspace after all",
    "workspace.second_factor_required": "asked everybody for a second factor",
    "workspace.second_factor_optional": "left a second factor to each person",
    "workspace.audit_exported": "took the audit log as a table",
    "member.added": "added {member} to the team",
    "workspace.renamed": "gave the workspace another name",
    "workspace.end_begun": "had the workspace deleted; it could be undone for 30 days",
    "workspace.end_undone": "kept the workspace after all",
    "retention.changed": "changed how long closed chats are kept",
    "user.logged_in": "logged in",
    "user.login_failed": "tried to log in as {user} and failed",
    "user.shut_out": "switched the account of {user} off, as the operator of this server",
    "user.let_in": "switched the account of {user} on again, as the operator of this server",
    "support.seeing_begun": "began to see what {user} sees, read-only, as the operator of this server",
    "support.seeing_ended": "stopped seeing what {user} sees",
    "member.joined": "joined the team",
    "member.role_changed": "changed the role of {member}",
    "member.removed": "took somebody out of the team",
    "member.left": "left the team",
    "invitation.sent": "invited somebody",
    "invitation.sent_again": "sent an invitation again",
    "invitation.withdrawn": "took an invitation back",
    "invitation.accepted": "accepted an invitation",
    "agent.changed": "changed what visitors see of {agent}",
    "chat.assigned": "gave {chat} to {agent}",
    "chat.transcript_taken": "took the transcript of {chat} along",
    "chat.list_exported": "took a list of chats as a table",
    "chat.transcript_mailed": "sent the transcript of {chat} by mail",
    "saved_reply.created": "wrote the saved reply {saved_reply}",
    "saved_reply.changed": "changed the saved reply {saved_reply}",
    "saved_reply.deleted": "deleted the saved reply {saved_reply}",
    "saved_reply.restored": "took the saved reply {saved_reply} back from the deleted ones",
    "tag.created": "made the tag {tag}",
    "tag.changed": "changed the tag {tag}",
    "tag.deleted": "deleted the tag {tag}",
    "tag.merged": "merged the tag {tag} into another",
    "tag.restored": "took the tag {tag} back",
    "site.created": "added the site {site}",
    "site.renamed": "renamed the site {site}",
    "site.origins_changed": "chose which websites may show the chat of {site}",
    "site.look_changed": "changed how the chat of {site} looks",
    "site.texts_changed": "chose other texts for the chat of {site}",
    "site.form_changed": "changed what {site} asks of its visitors",
    "site.onlookers_shown": "had the team see who is on {site}",
    "site.onlookers_hidden": "no longer had the team see who is on {site}",
    "site.identity_mode_chosen": "chose whether {site} asks who its visitors are",
    "site.identity_key_made": "made an identity key for {site}",
    "site.identity_key_retired": "retired an identity key of {site}",
    "site.paused": "paused the chat of {site}",
    "site.resumed": "switched the chat of {site} on again",
    "site.removed": "removed the site {site}",
    "site.restored": "took the site {site} back",
    "site.hours_changed": "changed the working hours of {site}",
    "site.reminders_changed": "changed the reminders of {site}",
    "site.said_online": "said that somebody is there for {site}",
    "site.said_away": "said that nobody is there for {site}",
    "site.said_automatic": "let hours and people decide again who is there for {site}",
    "sign_in.password_changed": "changed their password",
    "sign_in.email_changed": "changed their e-mail address",
    "sign_in.app_added": "set up an authenticator app",
    "sign_in.app_removed": "removed their authenticator app",
    "sign_in.passkey_added": "added a passkey",
    "sign_in.passkey_removed": "removed a passkey",
    "sign_in.codes_made": "made recovery codes",
    "slack.connection_started": "began to connect a site with Slack",
    "slack.connected": "connected a site with Slack",
    "slack.disconnected": "disconnected a site from Slack",
    "slack.team_chosen": "chose the Slack team of a site",
    "slack.channel_chosen": "chose the Slack channel of a site",
    "slack.mode_chosen": "chose between threads and channels in Slack",
    "slack.policy_chosen": "chose which lines in Slack reach visitors",
    "slack.people_chosen": "chose who may answer from Slack",
    "slack.responders_chosen": "chose who is invited into a chat’s Slack channel",
    "slack.receipts_on": "switched receipts in Slack on",
    "slack.receipts_off": "switched receipts in Slack off",
    "slack.route_added": "added a route to Slack",
    "slack.route_changed": "changed a route to Slack",
    "slack.route_moved": "moved a route to Slack",
    "slack.default_route_changed": "changed where chats go that match no route",
    "slack.delivery_replayed": "sent something to Slack again",
    "slack.copy_done": "ticked off a copy in Slack that was left to people",
    "slack.identity_linked": "linked a Slack account",
    "slack.identity_unlinked": "unlinked a Slack account",
    "visitor.blocked": "blocked a visitor",
    "visitor.unblocked": "unblocked a visitor",
    "visitor.erased": "erased a visitor",
    "visitor.export_asked": "asked for one visitor’s data",
    "data.export_asked": "asked for everything in one file",
    "data.export_fetched": "fetched a file with exported data",
    "visitor.erased_again": "erased a visitor again who came back with a backup",
}
AREAS: Mapping[str, str] = {
    "workspace": "Workspace",
    "retention": "How long chats are kept",
    "data": "Data that is taken out",
    "member": "Team",
    "user": "Logging in",
    "support": "Help from the operator",
    "invitation": "Invitations",
    "agent": "Faces",
    "chat": "Chats",
    "visitor": "Visitors",
    "site": "Sites",
    "saved_reply": "Saved replies",
    "tag": "Tags",
    "billing": "Plan and payment",
    "sign_in": "Signing in",
    "slack": "Slack",
}
# what is said where nothing of that kind is there any more
GONE: Mapping[str, str] = {
    "member": "somebody who left", "agent": "somebody who left", "user": "somebody who left",
    "site": "a site that is gone", "chat": "a chat", "saved_reply": "that is gone", "tag": "that is gone",
}  # fmt: skip
# nobody has shown who they are by then
BY_STRANGERS = frozenset({"user.login_failed"})
Naming = Callable[[Workspace, set[uuid.UUID]], dict[str, str]]


def _members(workspace: Workspace, ids: set[uuid.UUID]) -> dict[str, str]:
    found = Member.objects.in_workspace(workspace).filter(pk__in=ids).select_related("user")
    return {str(member.pk): str(member.user) for member in found}


def _agents(workspace: Workspace, ids: set[uuid.UUID]) -> dict[str, str]:
    found = Agent.objects.in_workspace(workspace).filter(pk__in=ids)
    return {str(agent.pk): str(agent) for agent in found}


def _users(workspace: Workspace, ids: set[uuid.UUID]) -> dict[str, str]:
    found = User.objects.filter(pk__in=ids, memberships__workspace=workspace)
    return {str(user.pk): str(user) for user in found}


# how ids become names, kind by kind and never of another workspace; apps above add theirs in `ready()`
naming: dict[str, Naming] = {"member": _members, "agent": _agents, "user": _users}


def subjects_of(entry: AuditEntry) -> dict[str, str]:
    """`site:1 agent:2` → {"site": "1", "agent": "2"}."""
    words = (word.partition(":") for word in entry.subject.split())
    return {kind: rest for kind, colon, rest in words if colon}


def names_in(workspace: Workspace, entries: Iterable[AuditEntry]) -> dict[tuple[str, str], str]:
    """One statement for each kind that is spoken of."""
    wanted: dict[str, set[uuid.UUID]] = {}
    for entry in entries:
        for kind, key in subjects_of(entry).items():
            if _is_id(key):
                wanted.setdefault(kind, set()).add(uuid.UUID(key))
    return {
        (kind, key): name
        for kind, keys in wanted.items()
        if kind in naming
        for key, name in naming[kind](workspace, keys).items()
    }


def _is_id(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key
    except ValueError:
        return False


def sentence(entry: AuditEntry, names: Mapping[tuple[str, str], str]) -> str:
    """Without whoever acted. A verb of an earlier release that has no sentence any more is shown as it is."""
    said = SENTENCES.get(entry.verb)
    if said is None:
        return entry.verb
    about = subjects_of(entry)
    wanted = [kind for _, kind, _, _ in string.Formatter().parse(said) if kind]
    known = {kind: names.get((kind, about.get(kind, ""))) or GONE[kind] for kind in wanted}
    return said.format(**known)


def who_acted(entry: AuditEntry, names: Mapping[tuple[str, str], str]) -> str:
    """Somebody who acts from Slack and is linked to nobody here is known by their face."""
    if entry.actor_name:
        return entry.actor_name
    if entry.verb in BY_STRANGERS:
        return "Somebody"
    return names.get(("agent", subjects_of(entry).get("agent", "")), "Threadbell")
