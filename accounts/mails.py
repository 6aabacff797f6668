"""Mails to the owners of a workspace about the workspace itself."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail

from accounts.models import Member, Role, Workspace

log = logging.getLogger(__name__)


def owners_of(workspace: Workspace) -> list[str]:
    owners = Member.objects.in_workspace(workspace).filter(role=Role.OWNER, user__email__isnull=False)
    return [str(address) for address in owners.order_by("pk").values_list("user__email", flat=True)]


def tell_owners(workspace: Workspace, subject: str, body: str) -> bool:
    """Outside of transactions. False if there are addresses and none of them could be told."""
    told = [tell(address, subject, body) for address in owners_of(workspace)]
    return any(told) or not told


def tell(address: str, subject: str, body: str) -> bool:
    """Whether the mail server took it. A subject is one line, whatever a name in it holds."""
    try:
        send_mail(" ".join(subject.split()), body, None, [address])
    except (SMTPException, OSError):
        log.exception("somebody could not be told by mail")
        return False
    return True
