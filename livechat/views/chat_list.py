"""Chats: the list beside them, by the choice that stands in the address."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.seeing import only_looks
from accounts.views.shared import console_view
from livechat import chat_lists, queries
from livechat.access import chat_for
from livechat.actions import reading
from livechat.chat_lists import Choice
from livechat.models import ChatSession, Desk, Tag


@console_view("chats.read")
def console_home(request: MemberRequest) -> HttpResponse:
    return redirect("chats")


@console_view("chats.read")
def chats(request: MemberRequest) -> HttpResponse:
    """Without a choice in the address it is the one that this member looked at last."""
    member = request.member
    if not request.GET and (chosen := desk_of(request).chosen):
        return redirect(f"{reverse('chats')}?{chosen}")
    choice = choice_of(request)
    if request.GET and choice.is_for_every_day and not only_looks(request):
        reading.remember_choice(member, choice.query)
    return render(request, "console/chats.html", list_context(request) | setup_context(request))


@console_view("chats.read")
def chat_list(request: MemberRequest) -> HttpResponse:
    """What is read again when something changed; with `after`, only the rows that follow."""
    template = "rows" if request.GET.get("after") else "list_fragment"
    return render(request, f"console/chats/{template}.html", list_context(request))


@console_view("chats.read")
def chat_setup(request: MemberRequest) -> HttpResponse:
    """The first-run checklist: asked for again while anything is open."""
    return render(request, "console/chats/setup.html", setup_context(request))


@console_view("chats.read", "POST")
def chat_unread(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    """Back to the list, as the page of the chat would have read it at once."""
    found = chat_for(request.member, chat_id)
    if not reading.mark_unread(request.member, found):
        messages.info(request, "This visitor has not written anything that could be unread.")
    return redirect(f"{reverse('chats')}?{choice_of(request, found).query}")


def desk_of(request: MemberRequest) -> Desk:
    """How the member has it, or as it is for everybody at first."""
    found = Desk.objects.in_workspace(request.member.workspace).filter(member=request.member).first()
    return found or Desk(member=request.member)


def choice_of(request: MemberRequest, current: ChatSession | None = None) -> Choice:
    return chat_lists.choice_of(request.GET, chat_lists.tab_of(current) if current else "open")


def list_context(request: MemberRequest, current: ChatSession | None = None) -> dict[str, Any]:
    choice, member = choice_of(request, current), request.member
    rows, after = request.GET.get("rows", ""), request.GET.get("after", "")
    most = int(rows) if is_small(rows) else chat_lists.CHATS_AT_ONCE
    return {
        "page": chat_lists.chat_page(member, choice, after, most),
        "choice": choice,
        "current": current,
        "may_work": may(member, "chats.reply"),
        "may_export": may(member, "chats.export"),
        "ratings": {name: words for name, (words, _) in chat_lists.RATINGS.items()},
        "tellings": Desk.Tells.choices,
        # read only where the page shows them
        "desk": lambda: desk_of(request),
        "counts": lambda: chat_lists.counts_of(member, choice),
        "sites": queries.sites_with_chats(member.workspace),
        "agents": queries.assignable(member.workspace),
        "tags": Tag.objects.in_workspace(member.workspace).filter(deleted_at=None).order_by("name"),
    }


def is_small(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 8


def setup_context(request: MemberRequest) -> dict[str, Any]:
    setup = queries.setup_of(request.member.workspace)
    return {
        "setup": setup,
        "snippet": queries.snippet_of(setup.site) if setup.site else "",
        "may_connect": may(request.member, "slack.edit"),
        "may_edit_sites": may(request.member, "sites.edit"),
    }
