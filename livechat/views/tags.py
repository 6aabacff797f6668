"""Tags: on a chat, and the workspace's list of them in the settings."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.views.shared import console_view, say_no
from livechat import undoing
from livechat.access import chat_for, tag_for
from livechat.actions import tagging
from livechat.models import ChatSession, ChatTag, Tag


def tags_of(chat: ChatSession) -> list[Tag]:
    """In the order in which they were put on."""
    found = ChatTag.objects.in_workspace(chat.site.workspace).filter(chat=chat, tag__deleted_at=None)
    return [one.tag for one in found.select_related("tag").order_by("pk")]


@console_view("chats.tag", "GET", "HEAD", "POST")
def chat_tags(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    """`add` or `remove` is a tag's id, `name` one to find or to make."""
    found = chat_for(request.member, chat_id)
    try:
        if request.method == "POST":
            _change(request, found)
    except NotFound:
        raise
    except Refused as refusal:
        if request.htmx:
            return say_no(request, refusal, "#tag-error")
        messages.error(request, refusal.sentence)
    if not request.htmx:
        return redirect("chat", chat_id)
    return render(request, "console/chats/tag_choices.html", _choices(request, found))


def _change(request: MemberRequest, found: ChatSession) -> None:
    if add := request.POST.get("add"):
        tagging.put_on(found.pk, tag_for(request.member, add))
    elif remove := request.POST.get("remove"):
        tagging.take_off(found.pk, tag_for(request.member, remove))
    else:
        tagging.put_on(found.pk, tagging.tag_named(request.member, request.POST.get("name", "")[:200]))


def _choices(request: MemberRequest, found: ChatSession) -> dict[str, Any]:
    on = tags_of(found)
    mine = Tag.objects.in_workspace(request.member.workspace).filter(deleted_at=None)
    return {
        "chat": found,
        "chat_tags": on,
        "on": {tag.pk for tag in on},
        "tags": mine.order_by("name"),
        "may_tag": True,
        "oob": True,
    }


@console_view("tags.read")
def tags(request: MemberRequest) -> HttpResponse:
    mine = Tag.objects.in_workspace(request.member.workspace).filter(deleted_at=None)
    context = {
        "tags": mine.annotate(chats=Count("tagged")).order_by("name"),
        "colours": Tag.Colour.choices,
        "may_edit": may(request.member, "tags.edit"),
    }
    return render(request, "console/settings/tags.html", context)


@console_view("tags.edit", "POST")
def tag_new(request: MemberRequest) -> HttpResponse:
    return _back(request, lambda: tagging.tag_named(request.member, request.POST.get("name", "")[:200]))


@console_view("tags.edit", "POST")
def tag_change(request: MemberRequest, tag_id: uuid.UUID) -> HttpResponse:
    tag = tag_for(request.member, tag_id)
    name, colour = request.POST.get("name", "")[:200], request.POST.get("colour", tag.colour)

    def deed() -> None:
        tagging.change_tag(request.member, tag, name, colour)
        was = [("name", tag.name), ("colour", tag.colour)]
        undoing.offer(request, f"{tag} is changed.", reverse("tag_change", args=[tag.pk]), was)

    return _back(request, deed)


@console_view("tags.edit", "POST")
def tag_delete(request: MemberRequest, tag_id: uuid.UUID) -> HttpResponse:
    """With `into` it is merged into that one."""
    tag = tag_for(request.member, tag_id)
    into = tag_for(request.member, request.POST["into"]) if request.POST.get("into") else None

    def deed() -> None:
        tagging.delete_tag(request.member, tag, into)
        words = f"{tag} is part of {into} now." if into else f"{tag} is deleted."
        undoing.offer(request, words, reverse("tag_restore", args=[tag.pk]))

    return _back(request, deed)


@console_view("tags.edit", "POST")
def tag_restore(request: MemberRequest, tag_id: uuid.UUID) -> HttpResponse:
    tag = tag_for(request.member, tag_id)
    return _back(request, lambda: tagging.restore_tag(request.member, tag))


def _back(request: MemberRequest, deed: Any) -> HttpResponse:
    try:
        deed()
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("tags")
