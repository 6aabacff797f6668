"""Whoever runs this server: how the public pages name them, and how they are written to without an account."""

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

TO_THE_LOG = "django.core.mail.backends.console.EmailBackend"


@dataclass(frozen=True, slots=True)
class Operator:
    """`name` falls back to the server's host, which is at least true. `address` may have several lines."""

    name: str
    is_named: bool
    address: str
    mail: str
    takes_mail: bool


def operator() -> Operator:
    given = settings.OPERATOR_NAME
    return Operator(
        name=given or urlsplit(settings.PUBLIC_URL).hostname or "",
        is_named=bool(given),
        address=settings.OPERATOR_ADDRESS,
        mail=settings.SUPPORT_EMAIL,
        takes_mail=_takes_mail(),
    )


def _takes_mail() -> bool:
    """Where mail goes to the log nobody may read it; a demo's owner does, it is the terminal in front of them."""
    return settings.EMAIL_BACKEND != TO_THE_LOG or settings.DEMO or settings.DEBUG


def write(subject: str, body: str, sender: str) -> None:
    """One mail to the operator, answered to `sender`. Raises OSError, as all of smtplib's are, if it was not taken."""
    to = settings.SUPPORT_EMAIL or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    EmailMessage(subject, body, None, [to], reply_to=[sender]).send()
