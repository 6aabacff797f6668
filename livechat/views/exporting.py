"""Taking data out: asking for an export, seeing how far it is, fetching its file after showing again who one is."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.models import Member
from accounts.permissions import may, refusal
from accounts.views.shared import console_view
from livechat.access import chat_for, export_for
from livechat.actions import exports
from livechat.exports import links
from livechat.models import Export
from livechat.queries import chats_of_visitor

SHOWN = 10


def context(member: Member) -> dict[str, Any]:
    """The newest exports that this member may fetch."""
    found = Export.objects.in_workspace(member.workspace).select_related("asked_by")
    if not may(member, "data.export"):
        found = found.filter(visitor__isnull=False)
    listed = list(found.order_by("-created_at")[:SHOWN])
    return {
        "exports": [{"export": export, "key": links.page_key(export)} for export in listed],
        "exports_wait": any(export.is_waiting for export in listed),
        "may_export": may(member, "data.export"),
    }


@console_view("data.read")
def listed(request: MemberRequest) -> HttpResponse:
    """Asked for again and again while one is being made."""
    return render(request, "console/settings/exports_list.html", context(request.member))


@console_view("data.export", "POST")
@recently_proved
def ask_for_workspace(request: MemberRequest) -> HttpResponse:
    _ask(request)
    return redirect("settings_data")


@console_view("visitors.export", "GET", "POST")
@recently_proved
def visitor(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    chat = chat_for(request.member, chat_id)
    if request.method == "POST" and (export := _ask(request, chat.visitor)) is not None:
        return redirect(links.page(export))
    context = {"chat": chat, "count": chats_of_visitor(chat)}
    return render(request, "console/chats/export_visitor.html", context)


def _ask(request: MemberRequest, visitor: Any = None) -> Export | None:
    try:
        export = exports.ask(request.member, visitor)
    except Refused as error:
        messages.error(request, error.sentence)
        return None
    messages.success(request, "The export is being made. You get a mail when it is ready.")
    return export


@console_view("data.read")
@recently_proved
def fetch(request: MemberRequest, export_id: uuid.UUID) -> HttpResponse:
    """The link in the mail. The page has a link to the file itself, which is good for ten minutes."""
    export = export_for(request.member, export_id)
    if not may(request.member, "visitors.export" if export.visitor_id else "data.export"):
        raise PermissionDenied(refusal("data.export"))
    if not links.is_page_key(export, request.GET.get("key", "")):
        raise NotFound
    if export.is_ready:
        exports.note_fetched(request.member, export)
    link = links.file(export) if export.is_ready else ""
    shown = {"export": export, "link": link, "key": links.page_key(export)}
    name = "export_state.html" if request.htmx else "export.html"
    return render(request, f"console/settings/{name}", shown)
