"""Where mail programs say that somebody wants no more mails (RFC 8058): they know no session and no CSRF."""

from urllib.parse import parse_qs

from django.urls import reverse

from accounts.errors import NotFound
from config.database import db
from livechat import visitor_mails
from livechat.actions.visitor_mails import end_mails
from livechat.doors import Receive, Scope, Send, answer


async def unsubscribe(scope: Scope, receive: Receive, send: Send) -> None:
    """POST stops the mails of whoever the signed `t` names. A person who follows the link gets a page that asks."""
    token = _token(scope["query_string"])
    try:
        ends = visitor_mails.stop_behind(token)
    except NotFound:
        await answer(send, 404, b"This link is not complete, or not from here.", "text/plain; charset=utf-8")
        return
    if scope["method"] != "POST":
        page = reverse("mail_stop", args=[token]).encode()
        await answer(send, 303, b"", "text/plain", [(b"location", page)])
        return
    await db(end_mails, ends)
    await answer(send, 200, b"No more mails are sent.", "text/plain; charset=utf-8")


def _token(query_string: bytes) -> str:
    try:
        return parse_qs(query_string.decode("latin-1"), max_num_fields=10).get("t", [""])[0][:400]
    except ValueError:
        return ""
