"""S28: a visitor is erased, after whoever does it has read what that means and typed a word."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.gate import MemberRequest, recently_proved
from accounts.views.shared import console_view
from livechat.access import chat_for
from livechat.actions.erasure import erase_visitor
from livechat.queries import chats_of_visitor

WORD = "erase"


@console_view("visitors.erase", "GET", "POST")
@recently_proved
def erase(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    if request.method == "POST" and request.POST.get("word", "").strip().lower() == WORD:
        erasure = erase_visitor(request.member, found.visitor_id)
        return redirect("erasure", erasure.pk)
    if request.method == "POST":
        messages.error(request, f"Type {WORD} to confirm. Nothing was erased.")
    context = {"chat": found, "count": chats_of_visitor(found), "word": WORD}
    return render(request, "console/chats/erase.html", context)
