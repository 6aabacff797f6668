"""What visitors get by mail (W7, W8): answers that they have not seen, once, and a way to rate an ended chat."""

import logging
import re
import uuid
from smtplib import SMTPException
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.errors import NotFound
from accounts.mails import problem_of
from livechat.access import chat_behind_link, normal_origin
from livechat.actions import mails_going_out as going
from livechat.actions.rating import ACCEPTED
from livechat.actions.visitor_mails import Stop, stop_of
from livechat.models import ChatSession, Message, Site, VisitorMail

log = logging.getLogger(__name__)

AT_ONCE = 20
PATH = re.compile(r"/[A-Za-z0-9/_.~%-]{0,120}")
STOP, RATE = "livechat.mail.stop", "livechat.mail.rate"


def is_any_due() -> bool:
    return _due().exists()


def _due() -> QuerySet[VisitorMail]:
    return VisitorMail.objects.filter(due_at__lte=timezone.now()).order_by("due_at")


def send_due() -> int:
    """How many this call has sent; each is taken before it is sent."""
    found = list(_due().values_list("pk", flat=True)[:AT_ONCE])
    return sum(_send(mail_id) for mail_id in found)


def _send(mail_id: int) -> bool:
    taken = going.take(mail_id)
    if taken is None:
        return False
    try:
        _worded(taken).send()
    except (SMTPException, OSError) as error:
        log.warning("a visitor could not be mailed: %s", problem_of(error))
        going.give_back(taken)
        return False
    return True


def _worded(taken: going.Taken) -> EmailMessage:
    if taken.mail.kind == VisitorMail.Kind.RATING:
        return rating_mail(taken.chat)
    return answers_mail(taken.chat, taken.lines)


# --- the words ----------------------------------------------------------------------------------------------------


def answers_mail(chat: ChatSession, lines: list[Message]) -> EmailMessage:
    """The team's words alone: whoever wrote somebody else's address as theirs sends them nothing of their own."""
    said = [f"{_author(chat, line)}:\n{_words(line)}" for line in lines]
    page = page_of(chat)
    where = f"Answer in the chat: {page}" if page else "Answer in the chat, on the page where you wrote."
    head = f"{chat.site.name} has answered you while you were away."
    return _message(chat, f"An answer from {chat.site.name}", [head, *said, where])


def rating_mail(chat: ChatSession) -> EmailMessage:
    ask = f"Your chat with {chat.site.name} has ended. How was it? One click tells us:"
    return _message(chat, f"How was your chat with {chat.site.name}?", [ask, rating_url(chat.pk)])


def _message(chat: ChatSession, subject: str, parts: list[str]) -> EmailMessage:
    ends = stop_of(chat.visitor)
    token = signing.dumps([ends.visitor_id.hex, ends.workspace_id.hex, ends.address_hash], salt=STOP)
    stop = settings.PUBLIC_URL + reverse("mail_stop", args=[token])
    at_once = f"{settings.PUBLIC_URL}/mail/unsubscribe?{urlencode({'t': token})}"
    parts = [*parts, f"Replies to this mail are not read. No more mails about chats with us: {stop}"]
    headers = {"List-Unsubscribe": f"<{at_once}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    body = "\n\n".join(parts) + "\n"
    return EmailMessage(" ".join(subject.split()), body, None, [chat.visitor.email], headers=headers)


def _author(chat: ChatSession, line: Message) -> str:
    return (line.agent.public_name if line.agent else "") or chat.site.name


def _words(line: Message) -> str:
    return line.body or "Sent a file, which is in the chat."


def page_of(chat: ChatSession) -> str:
    """The page where the chat stands, if it is the owner's own: a visitor may have called it anything.

    Of its path no more than what looks like one, and never a query: the mail goes out in the company's name to an
    address that a stranger wrote, and carries no words or links of theirs.
    """
    named = chat.page_url.partition("#")[0].partition("?")[0]
    if named in _our_pages(chat.site):
        return named
    scheme, _, rest = named.partition("://")
    host, slash, path = rest.partition("/")
    origin = normal_origin(f"{scheme}://{host}")
    if origin is None or origin not in chat.site.allowed_origins:
        return ""
    return f"{origin}/{path}" if PATH.fullmatch(slash + path) else origin


def _our_pages(site: Site) -> set[str]:
    """Where owners try the chat before it stands anywhere."""
    trying = settings.CONSOLE_URL + reverse("site_try", args=[site.pk])
    return {trying, settings.PUBLIC_URL + reverse("demo")} if settings.DEMO else {trying}


# --- signed links -------------------------------------------------------------------------------------------------


def rating_url(chat_id: uuid.UUID) -> str:
    return settings.PUBLIC_URL + reverse("mail_rate", args=[signing.dumps(chat_id.hex, salt=RATE)])


def stop_behind(token: str) -> Stop:
    """NotFound for what we did not sign."""
    try:
        visitor, workspace, address_hash = signing.loads(token, salt=STOP)
        return Stop(uuid.UUID(visitor), uuid.UUID(workspace), address_hash)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound from None


def chat_of(token: str) -> ChatSession:
    """NotFound for what we did not sign, is older than ratings are taken, or is of a visitor who was erased."""
    try:
        chat_id = uuid.UUID(signing.loads(token, salt=RATE, max_age=ACCEPTED))
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound from None
    return chat_behind_link(chat_id)
