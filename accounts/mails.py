"""Mails to the owners of a workspace about the workspace itself."""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

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
    except (SMTPException, OSError) as error:
        log.warning("somebody could not be told by mail: %s", problem_of(error))
        return False
    return True


def problem_of(error: SMTPException | OSError) -> str:
    """For the log: the kind and the code. What the server said may hold the address."""
    return f"{type(error).__name__} {code_of(error) or ''}".strip()


def code_of(error: SMTPException | OSError) -> int:
    """The server's answer, 0 if there was none; of several recipients the mildest."""
    if isinstance(error, SMTPRecipientsRefused):
        return min((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, SMTPResponseException) else 0
