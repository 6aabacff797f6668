"""Asking people to join by mail, and their coming in."""

import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import hash_of, invitation_by_link
from accounts.actions.auditing import audit
from accounts.actions.entitlements import SEATED, require_seat, tell_of_seats
from accounts.actions.members import add_member
from accounts.actions.workspaces import note_email_verified
from accounts.changed import Changes
from accounts.errors import NotFound, Refused
from accounts.limits import hit
from accounts.models import Invitation, Member, Role, User
from accounts.names import clean_name
from accounts.permissions import roles_to_give

GOOD_FOR = timedelta(days=7)
ABOVE = "You can give roles up to your own. Ask an owner for more."
SENT_ABOVE = "This address is invited as more than you may give already. Ask an owner to change that."
IN_ALREADY = "{} works here already."
KNOWN = "There is an account with this address. Log in with it to join."
TOO_MANY = "That is enough mail for one day. Please try again tomorrow."


def invite(member: Member, email: str, role: Role) -> tuple[Invitation, str]:
    """The invitation and the secret of its link, for the mail that the caller sends after the commit.

    Whoever is invited already gets the new role and a new link; the old one is dead. Refused where the old one is for
    a role above one's own: it is not this member's to take back.
    """
    email = email.lower()
    if role not in roles_to_give(member):
        raise Refused("above", ABOVE)
    if Member.objects.in_workspace(member.workspace).filter(user__email=email).exists():
        raise Refused("in_already", IN_ALREADY.format(email))
    _count_mail(member, email)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        if role in SEATED:
            require_seat(member.workspace_id, besides=email)
        _keep_those_above(member, email)
        invitation, is_new = Invitation.unscoped.update_or_create(
            workspace=member.workspace, email=email, defaults=_said(member, role, secret)
        )
        verb = "invitation.sent" if is_new else "invitation.sent_again"
        changes: Changes = {"email": [None, email], "role": [None, role]}
        audit(member.workspace, member.user, verb, f"invitation:{invitation.pk}", changes)
        tell_of_seats(member.workspace_id)
    return invitation, secret


def _keep_those_above(member: Member, email: str) -> None:
    sent = Invitation.unscoped.select_for_update().filter(workspace=member.workspace, email=email).first()
    if sent is not None and Role(sent.role) not in roles_to_give(member):
        raise Refused("above", SENT_ABOVE)


def _said(member: Member, role: Role, secret: str) -> dict[str, object]:
    return {
        "role": role,
        "invited_by": member.user,
        "link_hash": hash_of(secret),
        "expires_at": timezone.now() + GOOD_FOR,
    }


def _count_mail(member: Member, email: str) -> None:
    if hit("invitations_per_workspace", str(member.workspace_id)) or hit("invitations_per_email", email):
        raise Refused("too_many", TOO_MANY)


def withdraw(member: Member, invitation: Invitation) -> None:
    """Twice is harmless."""
    if Role(invitation.role) not in roles_to_give(member):
        raise Refused("above", ABOVE)
    with transaction.atomic():
        if Invitation.unscoped.filter(pk=invitation.pk).delete()[0]:
            changes = {"email": [invitation.email, None]}
            audit(
                member.workspace, member.user, "invitation.withdrawn", f"invitation:{invitation.pk}", changes
            )
            tell_of_seats(member.workspace_id)


def accept_as(user: User, secret: str) -> Member:
    """Whoever is logged in joins, and their account stays as it is.

    Their address least of all: a link can be passed on, and whoever reads the mail could then set their password.
    """
    with transaction.atomic():
        invitation = _taken(secret)
        if not may_accept(user, invitation):
            raise Refused("other_address", f"This invitation is for {invitation.email}.")
        return _join(user, invitation)


def may_accept(user: User | AnonymousUser, invitation: Invitation) -> bool:
    """Whose address it is; and who has none, where nobody else has this one."""
    if not isinstance(user, User):
        return False
    if user.email is None and not knows(invitation.email):
        return True
    return user.email == invitation.email or _proved(invitation.email).filter(user=user).exists()


def accept_anew(secret: str, name: str, password: str) -> Member:
    """Somebody without an account: it is made with the address that the link has proved."""
    with transaction.atomic():
        invitation = _taken(secret)
        if knows(invitation.email):
            raise Refused("known", KNOWN)
        user = User.objects.create_user(None, password, name=clean_name(name))
        _prove_address(user, invitation.email)
        return _join(user, invitation)


def knows(email: str) -> bool:
    """Whether an account has proved this address."""
    return User.objects.filter(email=email).exists() or _proved(email).exists()


def _proved(email: str) -> QuerySet[EmailAddress]:
    found: QuerySet[EmailAddress] = EmailAddress.objects.filter(email=email, verified=True)
    return found


def _taken(secret: str) -> Invitation:
    """The invitation, gone with this transaction: of two that use a link at once one finds it."""
    invitation = invitation_by_link(secret)
    if not Invitation.unscoped.filter(pk=invitation.pk, link_hash=invitation.link_hash).delete()[0]:
        raise NotFound
    return invitation


def _prove_address(user: User, email: str) -> None:
    if knows(email):
        raise Refused("known", KNOWN)
    try:
        with transaction.atomic():
            address = EmailAddress.objects.add_email(None, user, email)
            address.set_verified()
            address.set_as_primary()
            note_email_verified(user, email)
    except IntegrityError:  # proved by a link of another workspace, a moment ago
        raise Refused("known", KNOWN) from None


def _join(user: User, invitation: Invitation) -> Member:
    member = add_member(invitation.workspace, user, Role(invitation.role), actor=user)
    audit(invitation.workspace, user, "invitation.accepted", f"member:{member.pk}")
    return member
