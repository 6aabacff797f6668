"""A chat's transcript as a mail in plain words: what the visitor saw, and no note of the team's (M7)."""

import logging
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone

from accounts.mails import problem_of
from livechat import schedule
from livechat.actions import mailing
from livechat.models import ChatSession, Message, TranscriptMail

log = logging.getLogger(__name__)

AT_ONCE, MOST_LINES = 20, 2000


def is_any_due() -> bool:
    return _due().exists()


def _due() -> QuerySet[TranscriptMail]:
    return TranscriptMail.objects.filter(try_at__lte=timezone.now()).order_by("try_at")


def send_due() -> int:
    """How many this call has sent; each is taken before it is sent."""
    found = _due().select_related("chat__site", "chat__visitor", "chat__agent")
    return sum(_send(mail) for mail in list(found[:AT_ONCE]))


def _send(mail: TranscriptMail) -> bool:
    if not mailing.take(mail):
        return False
    try:
        EmailMessage(subject(mail.chat), words(mail.chat, mail.address), None, [mail.address]).send()
    except (SMTPException, OSError) as error:
        log.warning("a transcript could not be mailed: %s", problem_of(error))
        if mail.tries + 1 >= mailing.MOST_TRIES:
            mailing.put_away(mail)
        return False
    mailing.put_away(mail)
    return True


def subject(chat: ChatSession) -> str:
    """A name is a visitor's own words: a header takes one line."""
    return " ".join(f"Chat with {chat.visitor.display_name} on {chat.site.name}".split())


def words(chat: ChatSession, address: str = "") -> str:
    """The console's address is for colleagues alone."""
    found = chat.messages.filter(is_note=False).select_related("agent").prefetch_related("attachments")
    lines = list(found.order_by("-seq")[:MOST_LINES])[::-1]
    zone = ZoneInfo(schedule.of(chat.site).zone or "UTC")
    head = [subject(chat), f"Times are those of {zone.key}. Notes of the team are not part of it."]
    head += chat.visitor.said_in_lines
    if chat.rating:
        head.append(f"Rated {chat.stars} {chat.rating_comment}".rstrip())
    if chat.page_url:
        head.append(f"Page: {chat.page_url}")
    parts = ["\n".join(head), *(_line(chat, line, zone) for line in lines)]
    if not mailing.is_visitors_own(chat, address):
        parts.append(f"The chat in the console: {settings.CONSOLE_URL}/console/chats/{chat.pk}")
    return "\n\n".join(parts) + "\n"


def _line(chat: ChatSession, line: Message, zone: ZoneInfo) -> str:
    at = line.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return f"{_author(chat, line)}, {at}\n{_said(line)}"


def _author(chat: ChatSession, line: Message) -> str:
    if line.author_kind == Message.Author.VISITOR:
        return chat.visitor.display_name
    return (line.agent.public_name if line.agent else "") or chat.site.name


def _said(line: Message) -> str:
    if line.deleted_at is not None:
        return "(withdrawn)"
    files = [f"[file: {file.name}]" for file in line.attachments.all()]
    return "\n".join(part for part in (line.body, *files) if part)
