"""People who signed up and have not proved their address."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AuditChain, AuditEntry, Member, User

PROVED_WITHIN = timedelta(days=7)
AT_ONCE = 200


def forget_unproved() -> int:
    """Who has proved nothing within seven days goes, with the workspace that waited for them. How many went."""
    gone = 0
    while some := list(_unproved()[:AT_ONCE]):
        gone += sum(_forget(user) for user in some)
    return gone


def _unproved() -> QuerySet[User]:
    """Nobody who ever came in: people of Slack have no address either, and were logged in when they came."""
    old = timezone.now() - PROVED_WITHIN
    never_in = User.objects.filter(email=None, last_login=None, is_staff=False, date_joined__lt=old)
    return never_in.exclude(emailaddress=None).exclude(emailaddress__verified=True).order_by("pk")


def _forget(user: User) -> bool:
    """False for somebody who came in a moment ago."""
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=user.pk).first()
        if not _unproved().filter(pk=user.pk).exists():
            return False
        for member in Member.unscoped.filter(user=user).select_related("workspace"):
            if not Member.unscoped.filter(workspace=member.workspace).exclude(user=user).exists():
                # without its chain the log may go (the triggers of the table ask for it)
                AuditChain.unscoped.filter(workspace=member.workspace).delete()
                AuditEntry.unscoped.filter(workspace=member.workspace).delete()
                member.workspace.delete()
        user.delete()
    return True


def distrust_first_password(user: User) -> bool:
    """Once an address is proved in another browser than the one that signed up: nobody knows who chose the password.

    False for somebody who has been in before, whose password is their own.
    """
    if user.last_login is not None or not user.has_usable_password():
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return True
