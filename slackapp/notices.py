"""Tells owners and admins by mail what they should know of Slack: once per change of state, or per newcomer."""

import logging
import uuid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet

from accounts.mails import problem_of
from accounts.models import Member, Role
from slackapp.models import Connection

log = logging.getLogger(__name__)

WHO = (Role.OWNER, Role.ADMIN)


def connections_of(installation_id: uuid.UUID) -> QuerySet[Connection]:
    used = Connection.unscoped.filter(installation_id=installation_id)
    return used.exclude(state=Connection.State.DISCONNECTED).select_related("site", "workspace")


def tell_owners(connection_id: str, problem: str) -> None:
    connection = Connection.unscoped.select_related("site").get(pk=connection_id)
    body = (
        f"{problem}\n\nWhat visitors write on {connection.site.name} is safe. It waits, and goes to Slack in order "
        f"as soon as this is mended. Until then you can answer in the console.\n\nMend it here: {_page(connection)}\n"
    )
    _mail(connection, f"Chats of {connection.site.name} no longer reach Slack", body)


def tell_of_newcomer(connection_id: str, name: str) -> None:
    """Somebody of the same Slack team added the app: no trouble, and nothing an owner should learn by accident."""
    connection = Connection.unscoped.select_related("installation").get(pk=connection_id)
    team = connection.installation
    body = (
        f"{name or 'Somebody'} of {team} added the app as well and has a workspace of their own now. They see nothing "
        "of yours, and your chats go on as before. If they should work with you, invite them to your workspace.\n\n"
        f"Your connection: {_page(connection)}\n"
    )
    _mail(connection, f"Somebody else of {team} added the app to Slack", body)


def _page(connection: Connection) -> str:
    return f"{settings.CONSOLE_URL}/console/slack/{connection.pk}"


def _mail(connection: Connection, subject: str, body: str) -> None:
    """A mail server that is away costs the mail, never a message: the console says the same."""
    members = Member.unscoped.filter(
        workspace_id=connection.workspace_id, role__in=WHO, user__email__isnull=False
    )
    for address in list(members.values_list("user__email", flat=True)):
        try:
            send_mail(subject, body, None, [str(address)])
        except (SMTPException, OSError) as error:
            log.warning("an owner could not be told by mail: %s", problem_of(error))
