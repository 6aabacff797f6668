"""Somebody takes their account away."""

from accounts.actions.ending import begin_ending
from accounts.actions.members import take_out
from accounts.errors import Refused
from accounts.models import Member, User
from accounts.own_data import in_the_way, owned_alone

SOMEBODY_ELSE = "Make somebody else an owner first, so that nobody is left without one: {names}."


def forget_user(user: User) -> None:
    """They leave each workspace as anybody leaves one; those of theirs alone end at once. Then the account goes.

    Several transactions: whoever dies in between has left some workspaces and asks again.
    """
    if workspaces := in_the_way(user):
        names = ", ".join(workspace.name for workspace in workspaces)
        raise Refused("last_owner", SOMEBODY_ELSE.format(names=names))
    alone = {workspace.pk for workspace in owned_alone(user)}
    members = list(Member.unscoped.filter(user=user).select_related("workspace", "user").order_by("pk"))
    for member in members:
        if member.workspace_id not in alone:
            take_out(member, member)
    for member in members:
        if member.workspace_id in alone and not member.workspace.is_ending:
            begin_ending(member, at_once=True)
    user.delete()
