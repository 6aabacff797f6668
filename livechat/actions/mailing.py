"""Transcripts by mail: asked for, tried, kept. The address is held no longer than it is needed."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.actions import audit
from accounts.errors import Refused
from accounts.limits import hit
from accounts.models import Member
from accounts.permissions import may, refusal
from livechat.actions import visitor_mails
from livechat.models import ChatSession, TranscriptMail

NO_ADDRESS = "That is not an e-mail address. Write one like ana@example.com."
TOO_MANY = "Many transcripts were asked for in this hour. Please try again later; the chat is in the console."
UNWANTED = "This visitor wants no mails from you."
ELSEWHERE = "This goes to the visitor’s own address: {known}. Owners and admins with an account here send it anywhere."
UNKNOWN = "which is not known yet"
AGAIN = timedelta(minutes=2)
MOST_TRIES = 5


def ask(chat: ChatSession, address: str, by: Member | None) -> None:
    """Inside a transaction, whose commit is the promise. `by` is None for a colleague in Slack without an account here.

    Whoever answers may send a chat to its visitor; sending it elsewhere is taking it along.
    """
    try:
        validate_email(address)
    except ValidationError:
        raise Refused("bad_address", NO_ADDRESS) from None
    _check(chat, address, by)
    if hit("transcripts_per_workspace", str(chat.site.workspace_id)):
        raise Refused("rate_limited", TOO_MANY)
    TranscriptMail.objects.create(chat=chat, address=address, try_at=timezone.now())
    user = by.user if by is not None else None
    audit(chat.site.workspace, user, "chat.transcript_mailed", f"chat:{chat.pk}")


def _check(chat: ChatSession, address: str, by: Member | None) -> None:
    if by is not None and not may(by, "chats.mail"):
        raise Refused("not_allowed", refusal("chats.mail"))
    if not is_visitors_own(chat, address):
        if by is None or not may(by, "chats.export"):
            raise Refused("elsewhere", ELSEWHERE.format(known=chat.visitor.email or UNKNOWN))
        return
    stopped = visitor_mails.is_stopped(visitor_mails.stop_of(chat.visitor))
    if stopped or not visitor_mails.may_mail(chat.visitor):
        raise Refused("stopped", UNWANTED)


def is_visitors_own(chat: ChatSession, address: str) -> bool:
    return bool(chat.visitor.email) and address.strip().lower() == chat.visitor.email.strip().lower()


def take(mail: TranscriptMail) -> bool:
    """Of several workers one has it; whoever dies with it in hand leaves it to the next after AGAIN."""
    same = TranscriptMail.objects.filter(pk=mail.pk, try_at=mail.try_at)
    return same.update(try_at=timezone.now() + AGAIN, tries=mail.tries + 1) == 1


def put_away(mail: TranscriptMail) -> None:
    TranscriptMail.objects.filter(pk=mail.pk).delete()
