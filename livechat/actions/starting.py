"""A chat that the team begins (C7), with a visitor who is on a site and has not written."""

import uuid

from django.db import IntegrityError, transaction

from accounts.errors import Refused
from accounts.models import Agent
from livechat import consents
from livechat import segments as segment_words
from livechat.actions.messages import VisitorDraft, answer_in, start_chat
from livechat.models import ChatSession, Message, Site, Visitor
from livechat.onlookers.board import Onlooker
from livechat.protocol import Page
from livechat.tokens import VisitorClaim

BLOCKED = Refused("blocked", "This visitor is blocked. Unblock them in their chat before you write to them.")
DISAGREES = Refused(
    "refused", "This site asks visitors to agree first, and this one has not. They can write to you."
)


class InAChat(Refused):
    """The visitor has an open chat, which a colleague or they themselves have begun."""

    def __init__(self, chat: ChatSession) -> None:
        began_by_team = chat.visitor_lines == 0
        who = (chat.agent.name if chat.agent else "") or "A colleague"
        words = (
            f"{who} has just started a chat with them." if began_by_team else "They are in a chat already."
        )
        super().__init__("in_a_chat", f"{words} Nothing was sent.")
        self.chat = chat


def start_from_console(site: Site, agent: Agent, to: Onlooker, body: str, key: uuid.UUID) -> ChatSession:
    """Chat and first line at once; the agent has the chat. The same `key` answers the same chat.

    `InAChat` if they have an open one: of two who begin at the same moment the constraint lets one through, and the
    other looks again. Locks nothing that others wait for.
    """
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                return _start(site, agent, to, body, key)
        except IntegrityError:
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _start(site: Site, agent: Agent, to: Onlooker, body: str, key: uuid.UUID) -> ChatSession:
    visitor_id = uuid.UUID(to.visitor_id)
    chats = ChatSession.unscoped.filter(site=site, visitor_id=visitor_id).select_related("agent")
    if (begun := chats.filter(messages__client_message_id=key).first()) is not None:
        return begun
    if (theirs := chats.filter(status=ChatSession.Status.OPEN).first()) is not None:
        raise InAChat(theirs)
    _check(site, Visitor.unscoped.filter(pk=visitor_id).first())
    claim = VisitorClaim(site.pk, visitor_id, to.token_hash, "", person=to.person)
    page = Page(to.url, to.title, to.referrer)
    chat = start_chat(claim, VisitorDraft(key, "", page, to.locale, to.timezone))
    line = Message(
        author_kind=Message.Author.AGENT,
        client_message_id=key,
        body=body,
        segments=segment_words.from_text(body),
        mirror_state=Message.Mirror.QUEUED,
    )
    answer_in(chat, agent, line, mirror=True)
    return chat


def _check(site: Site, visitor: Visitor | None) -> None:
    if visitor is not None and visitor.is_blocked:
        raise BLOCKED
    if consents.lacks(site, visitor):
        raise DISAGREES
