"""Tells the people who can mend it that Slack no longer takes their chats. Once per change of state, by mail."""

import logging
import uuid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet

from accounts.models import Member, Role
from slackapp.models import Connection

log = logging.getLogger(__name__)

WHO = (Role.OWNER, Role.ADMIN)


def connections_of(installation_id: uuid.UUID) -> QuerySet[Connection]:
    used = Connection.unscoped.filter(installation_id=installation_id)
    return used.exclude(state=Connection.State.DISCONNECTED).select_related("site", "workspace")


def tell_owners(connection_id: str, problem: str) -> None:
    """A mail server that is away costs the mail, never a message: the console's banner says the same."""
    connection = Connection.unscoped.select_related("site").get(pk=connection_id)
    members = Member.unscoped.filter(
        workspace_id=connection.workspace_id, role__in=WHO, user__email__isnull=False
    )
    addresses = list(members.values_list("user__email", flat=True))
    page = f"{settings.CONSOLE_URL}/console/slack/{connection.pk}"
    body = (
        f"{problem}\n\nWhat visitors write on {connection.site.name} is safe. It waits, and goes to Slack in order "
        f"as soon as this is mended. Until then you can answer in the console.\n\nMend it here: {page}\n"
    )
    for address in addresses:
        try:
            send_mail(f"Chats of {connection.site.name} no longer reach Slack", body, None, [str(address)])
        except (SMTPException, OSError):
            log.exception("an owner could not be told by mail")
