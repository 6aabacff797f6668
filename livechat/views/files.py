"""Files in the console: fetched by those who may read the chat, uploaded by those who may answer it."""

import uuid

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat.access import chat_for, file_for
from livechat.actions.files import Uploader, add_upload, begin_upload
from livechat.files.incoming import MEGABYTE, MOST_FROM_AGENT, take_in
from livechat.files.links import For, Part, link
from livechat.files.receiving import Upload
from livechat.models import Attachment


@console_view("chats.read")
def file(request: MemberRequest, file_id: uuid.UUID) -> HttpResponse:
    """An address that stays good for those who are logged in; it leads to one that is good for minutes."""
    found = file_for(request.member, file_id)
    return redirect(link(found.site_id, found.pk, found.name, For.CONSOLE))


@console_view("chats.reply", "POST")
def upload(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    """One file for the next reply in this chat. JSON, with a sentence if it is refused."""
    chat = chat_for(request.member, chat_id)
    try:
        kept = _take(Uploader(chat.site, member=request.member), _sent(request))
    except Refused as refusal:
        status = 413 if refusal.code in ("too_large", "no_room") else 422
        return JsonResponse({"error": refusal.code, "detail": refusal.sentence}, status=status)
    return JsonResponse(_told(kept))


def _sent(request: HttpRequest) -> Upload:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        raise Refused("bad_upload", "The file did not arrive whole. Please choose it again.")
    if (sent.size or 0) > MOST_FROM_AGENT:
        raise Refused("too_large", f"This file is too large. The most is {MOST_FROM_AGENT // MEGABYTE} MB.")
    return Upload(sent.name or "", sent)


def _take(uploader: Uploader, sent: Upload) -> Attachment:
    keys = begin_upload(uploader, sent.content.size or 0)
    return add_upload(uploader, take_in(sent.source, sent.name, keys))


def _told(kept: Attachment) -> dict[str, object]:
    small = thumbnail_of(kept)
    return {"id": str(kept.pk), "name": kept.name, "size": kept.size, "thumbnail_url": small}


def thumbnail_of(kept: Attachment) -> str | None:
    if not kept.thumbnail_key:
        return None
    return link(kept.site_id, kept.pk, kept.name, For.CONSOLE, Part.THUMBNAIL)
