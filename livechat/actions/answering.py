"""What visitors say about themselves: the form before a chat (W6), and the address they leave while nobody is there."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from livechat import consents, newcomers, questions
from livechat.access import BLOCKED, open_chat_of
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, publish
from livechat.models import ChatSession, Site, Visitor
from livechat.questions import Form, Given
from livechat.tokens import VisitorClaim


def take_form(claim: VisitorClaim, fields: dict[str, Any]) -> None:
    """Repeating it is harmless; a later answer to the same question stands for it. Locks the open chat, if any.

    `Refused` with a sentence, and nothing is stored: something required is missing, or what has to be agreed to is not.
    """
    with transaction.atomic():
        site = Site.unscoped.get(pk=claim.site_id)
        form, found = questions.of(site), open_chat_of(claim)
        chat = lock_chat(found) if found is not None else None
        known = Visitor.unscoped.filter(pk=claim.visitor_id).first()
        _check(claim, known)
        is_first = chat is None and (known is None or known.answered_at is None)
        given = questions.read(form, fields, whole=is_first)
        if consents.lacks(site, known) and not given.consents:
            raise consents.FIRST
        visitor = (
            known
            or Visitor.unscoped.get_or_create(id=claim.visitor_id, defaults=newcomers.columns_of(claim))[0]
        )
        _write(visitor, form, given, is_first)
        if chat is not None:
            _tell(chat)


def _check(claim: VisitorClaim, known: Visitor | None) -> None:
    if known is None:
        return
    newcomers.check(claim, known)
    if known.is_blocked:
        raise BLOCKED


def _write(visitor: Visitor, form: Form, given: Given, is_first: bool) -> None:
    """An address that is left in the middle of a chat does not stand for the answers to the form.

    What the website says of somebody who is logged in there stands before what they write.
    """
    now = timezone.now()
    if given.name is not None and not (visitor.is_verified and visitor.name):
        visitor.name = given.name
    if given.email is not None and not (visitor.is_verified and visitor.email):
        visitor.email = given.email
    new = {one["key"] for one in given.answers}
    kept = [one for one in visitor.answers if one["key"] not in new]
    place = {question.key: number for number, question in enumerate(form.questions)}
    answers = sorted([*kept, *given.answers], key=lambda one: place.get(one["key"], -1))
    visitor.answers = answers
    if is_first or given.answers:
        visitor.answered_at = visitor.answered_at or now
    if given.consents and form.consent:
        visitor.consent, visitor.consented_at = form.consent, visitor.consented_at or now
    columns = ("name", "email", "answers", "answered_at", "consent", "consented_at")
    visitor.save(update_fields=columns)


def _tell(chat: ChatSession) -> None:
    """The card and the console; the visitor's other tabs learn that nothing needs to be asked."""
    publish(ChatChanged(chat, frame={"type": "chat"}))
