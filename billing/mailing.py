"""The mails of billing on their way: taken, worded by how things stand in that moment, and sent to each who pays.

At least once: a worker that dies between the mail server and our own note sends to one person again. The repeat has the
same Message-ID, by which mail servers and programs drop it. No address is ever logged.
"""

import hashlib
import logging
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.mails import code_of, problem_of
from accounts.models import Member
from accounts.permissions import PERMISSIONS
from billing import mail_words
from billing.actions import promising
from billing.mail_words import Letter
from billing.models import BillingMail
from billing.owed import Case

log = logging.getLogger(__name__)

AT_ONCE = 20
GONE_FOR_GOOD = range(500, 600)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wrong, empty if nothing; whether it stays so, or is the whole mail server."""

    problem: str = ""
    is_final: bool = False
    is_away: bool = False


def send_due() -> int:
    """How many were taken. Harmless to run anywhere at any time."""
    due = BillingMail.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    many = 0
    for mail_id in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        taken = promising.take(mail_id)
        if taken is None:
            continue
        many += 1
        if not _send(*taken):
            # each of the others would hold this worker up until it gives up waiting
            break
    return many


def _send(mail: BillingMail, case: Case) -> bool:
    """False: the mail server is away."""
    outcomes = _tell_all(mail, case)
    later = next((one.problem for one in outcomes if one.problem and not one.is_final), "")
    never = [one.problem for one in outcomes if one.is_final]
    if not later:
        promising.close(mail, ", ".join(never) or ("" if mail.told else "nobody has a proved address"))
    elif not promising.again_later(mail, later):
        log.error("a mail about billing was given up: %s", later)
    return not any(one.is_away for one in outcomes)


def _tell_all(mail: BillingMail, case: Case) -> list[Outcome]:
    """What became of it for each who is not told yet, up to the first at whom the mail server was away."""
    letter, outcomes = mail_words.letter(mail, case), list[Outcome]()
    for member in _payers(case):
        if str(member.pk) in mail.told:
            continue
        outcomes.append(_tell(mail, letter, member))
        if not outcomes[-1].problem:
            promising.note_told(mail, member.pk)
        if outcomes[-1].is_away:
            break
    return outcomes


def _payers(case: Case) -> list[Member]:
    """Whoever may manage billing and has proved an address."""
    rows = Member.objects.in_workspace(case.customer.workspace).filter(role__in=PERMISSIONS["billing.manage"])
    return list(
        rows.filter(user__email__isnull=False, user__is_active=True).select_related("user").order_by("pk")
    )


def _tell(mail: BillingMail, letter: Letter, member: Member) -> Outcome:
    message = EmailMultiAlternatives(
        " ".join(letter.subject.split()),
        render_to_string("emails/billing.txt", {"letter": letter}),
        None,
        [str(member.user.email)],
        headers={"Message-ID": _message_id(mail, member), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("emails/billing.html", {"letter": letter}), "text/html")
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # what the server said may hold the address: its kind and code are all that is kept
        outcome = _sorted(error)
        log.warning("a mail about billing was not taken: %s", outcome.problem)
        return outcome
    return Outcome()


def _sorted(error: SMTPException | OSError) -> Outcome:
    """An address or a mail that is refused stays refused; a login or a sender is ours to mend, and may be by then."""
    about_it = isinstance(error, (SMTPRecipientsRefused, SMTPDataError))
    is_final = about_it and code_of(error) in GONE_FOR_GOOD
    return Outcome(problem_of(error), is_final=is_final, is_away=not about_it)


def _message_id(mail: BillingMail, member: Member) -> str:
    name = hashlib.sha256(f"{mail.customer_id}{mail.kind}{mail.key}{member.pk}".encode()).hexdigest()[:32]
    return f"<billing.{name}@{urlsplit(settings.PUBLIC_URL).hostname}>"
