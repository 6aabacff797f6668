"""Chats are closed, opened again, and worked several at a time."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import agent_for, agent_of
from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.permissions import refusal as may_not
from accounts.views.shared import console_view
from livechat import queries, undoing
from livechat.access import chat_for
from livechat.actions import assigning, reopening, tagging
from livechat.actions.chats import close_chat
from livechat.models import ChatSession
from livechat.views.chat_list import choice_of

MOST = 100
Deed = Callable[[ChatSession], bool]


@console_view("chats.close", "POST")
def chat_close(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    if found.is_open:
        close_chat(found.id)
        _offer_reopening(request, "The chat is closed. Writing to it opens it again.", [found])
    return redirect("chat", chat_id)


@console_view("chats.close", "POST")
def chat_reopen(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    """Where the visitor has a newer chat that is open, there."""
    found = chat_for(request.member, chat_id)
    try:
        if reopening.reopen(found.pk):
            messages.success(request, "The chat is open again.")
    except Refused as refusal:
        newer = queries.open_chat_of(found)
        if newer is None:
            messages.error(request, refusal.sentence)
            return redirect("chat", chat_id)
        messages.info(
            request, "This is the visitor’s newer chat, which is open. The earlier one stays closed."
        )
        return redirect("chat", newer)
    return redirect("chat", chat_id)


@console_view("chats.close", "POST")
def chats_reopen(request: MemberRequest) -> HttpResponse:
    """The undo of closing, for one or several."""
    chats = _chosen(request)
    done, refused = _each(chats, lambda chat: reopening.reopen(chat.pk))
    _tell(request, done, "is open again", "are open again", refused)
    if len(chats) == 1:
        return redirect("chat", chats[0].pk)
    return _to_list(request)


@console_view("chats.reply", "POST")
def chats_bulk(request: MemberRequest) -> HttpResponse:
    """`act` is close, assign (to `agent`) or tag (with `name`), for each `chat` that was chosen."""
    chats, act = _chosen(request), request.POST.get("act", "")
    if act not in BULK:
        raise NotFound
    try:
        if not chats:
            raise Refused("refused", "Select the chats first.")
        permission, deed = BULK[act]
        if not may(request.member, permission):
            raise Refused("refused", may_not(permission))
        deed(request, chats)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return _to_list(request)


def _close(request: MemberRequest, chats: list[ChatSession]) -> None:
    opened = [chat for chat in chats if chat.is_open]
    for chat in opened:
        close_chat(chat.pk)
    if opened:
        _offer_reopening(request, f"{_so_many(opened, 'is', 'are')} closed.", opened)


def _assign(request: MemberRequest, chats: list[ChatSession]) -> None:
    to, by = agent_for(request.member, request.POST.get("agent")), agent_of(request.member)
    if not queries.assignable(request.member.workspace).filter(pk=to.pk).exists():
        raise Refused("refused", "Choose a colleague who answers visitors. Nothing was changed.")
    user = request.member.user
    done, refused = _each(chats, lambda chat: assigning.assign(chat.pk, to, by, user, chat.agent_id))
    _tell(request, done, f"is with {to} now", f"are with {to} now", refused)


def _tag(request: MemberRequest, chats: list[ChatSession]) -> None:
    tag = tagging.tag_named(request.member, request.POST.get("name", "")[:200])
    done, refused = _each(chats, lambda chat: tagging.put_on(chat.pk, tag))
    _tell(request, done, f"is tagged {tag}", f"are tagged {tag}", refused)


BULK: dict[str, tuple[str, Callable[[MemberRequest, list[ChatSession]], None]]] = {
    "close": ("chats.close", _close),
    "assign": ("chats.assign", _assign),
    "tag": ("chats.tag", _tag),
}


def _chosen(request: MemberRequest) -> list[ChatSession]:
    """All of them are the member's, or nothing is done to any."""
    ids = list(dict.fromkeys(request.POST.getlist("chat")))[:MOST]
    return [chat_for(request.member, one) for one in ids]


def _each(chats: list[ChatSession], deed: Deed) -> tuple[list[ChatSession], list[str]]:
    """Those that it changed, and what was said where it was refused."""
    done, refused = list[ChatSession](), list[str]()
    for chat in chats:
        try:
            if deed(chat):
                done.append(chat)
        except NotFound:
            refused.append("A chat is no longer here.")
        except Refused as refusal:
            refused.append(refusal.sentence)
    return done, refused


def _tell(request: MemberRequest, done: list[ChatSession], one: str, many: str, refused: list[str]) -> None:
    if done:
        messages.success(request, f"{_so_many(done, one, many)}.")
    elif not refused:
        messages.info(request, "Nothing had to be changed.")
    for sentence in dict.fromkeys(refused):
        count = refused.count(sentence)
        messages.error(request, sentence if count == 1 else f"{count} chats: {sentence}")


def _so_many(chats: list[ChatSession], one: str, many: str) -> str:
    return f"The chat {one}" if len(chats) == 1 else f"{len(chats)} chats {many}"


def _offer_reopening(request: MemberRequest, words: str, chats: list[ChatSession]) -> None:
    undoing.offer(request, words, reverse("chats_reopen"), [("chat", str(chat.pk)) for chat in chats])


def _to_list(request: MemberRequest) -> HttpResponse:
    return redirect(f"{reverse('chats')}?{choice_of(request).query}")
