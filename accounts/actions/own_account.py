"""What people change of themselves, and what their workspaces ask of them."""

import uuid

from django.db import transaction

from accounts import second_factors
from accounts.access import members_of
from accounts.actions.auditing import audit
from accounts.actions.members import tell_of_rights
from accounts.errors import Refused
from accounts.models import Member, User, Workspace
from accounts.names import clean_name

PASSWORD_CHANGED, EMAIL_CHANGED = "sign_in.password_changed", "sign_in.email_changed"
FACTOR_ADDED = {
    "totp": "sign_in.app_added",
    "webauthn": "sign_in.passkey_added",
    "recovery_codes": "sign_in.codes_made",
}
# recovery codes go with the last of the others
FACTOR_REMOVED = {"totp": "sign_in.app_removed", "webauthn": "sign_in.passkey_removed"}


def rename(user: User, name: str) -> None:
    """How colleagues read of them; what visitors see is the face's."""
    name = clean_name(name)
    if not name:
        raise Refused("refused", "Your colleagues need a name to see. Please type one.")
    user.name = name
    user.save(update_fields=["name"])


def note(user: User, verb: str) -> None:
    """A change of how they log in stands in the trail of every workspace that lets them in."""
    with transaction.atomic():
        for member in members_of(user):
            audit(member.workspace, user, verb, f"user:{user.pk}")


def require_second_factor(member: Member, required: bool) -> None:
    """Who asks it of others has one, so that nobody locks their whole workspace out by a click."""
    if required and not second_factors.has_one(member.user):
        raise Refused("refused", "Set up a second factor for yourself first. Then ask it of everybody.")
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=member.workspace_id)
        if workspace.requires_second_factor == required:
            return
        workspace.requires_second_factor = required
        workspace.save(update_fields=["requires_second_factor"])
        verb = "workspace.second_factor_required" if required else "workspace.second_factor_optional"
        changes = {"second_factor_for_everybody": [not required, required]}
        audit(workspace, member.user, verb, f"workspace:{workspace.pk}", changes)
        for user in second_factors.members_without(workspace) if required else ():
            tell_windows(user.pk)
    member.workspace.requires_second_factor = required


def tell_windows(user_id: uuid.UUID) -> None:
    """Their open windows are looked at again: whoever may not come in any more is turned away."""
    for member_id in Member.unscoped.filter(user_id=user_id).values_list("pk", flat=True):
        tell_of_rights(member_id)
