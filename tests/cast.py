"""What the cast does most: opens a shop with a chat on it, comes by as a visitor, writes a line."""

import tempfile
import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.models import Member, Workspace
from livechat.actions import files, messages, sites
from livechat.files.incoming import take_in
from livechat.models import Attachment, ChatSession, Message, Site, Visitor
from livechat.tokens import VisitorClaim, new_claim


def shop_of(owner: Member, name: str = "Acme Shop", origins: list[str] | None = None) -> Site:
    site = sites.create_site(owner, name)
    if origins:
        sites.set_origins(owner, site, origins)
    return site


def newcomer(site: Site) -> VisitorClaim:
    """Somebody who opened the chat and has not written yet."""
    return new_claim(site.pk)


def draft(text: str = "Hello", key: uuid.UUID | None = None) -> messages.VisitorDraft:
    return messages.VisitorDraft(key or uuid.uuid4(), text)


def say(claim: VisitorClaim, text: str = "Hello", key: uuid.UUID | None = None) -> Message:
    return messages.post_visitor_message(claim, draft(text, key))


def chat_of(claim: VisitorClaim) -> ChatSession:
    """The visitor's newest chat, freshly read."""
    chats = ChatSession.unscoped.select_related("site", "visitor", "agent")
    return chats.filter(visitor_id=claim.visitor_id).latest("started_at")


def lines_of(chat: ChatSession) -> list[str]:
    """What the visitor can read, in its order."""
    visible = Message.unscoped.filter(chat=chat, seq__isnull=False).order_by("seq")
    return [message.body for message in visible]


def grown_chat(site: Site, count: int) -> tuple[VisitorClaim, ChatSession]:
    """A chat that already has `count` messages; the rows are made at once, as a long day would have made them."""
    claim = newcomer(site)
    visitor = Visitor.unscoped.create(id=claim.visitor_id, site=site, token_hash=claim.token_hash)
    now = timezone.now()
    chat = ChatSession.unscoped.create(
        workspace_id=site.workspace_id,
        site=site,
        visitor=visitor,
        last_seq=count,
        last_rev=count,
        last_message_at=now,
    )
    rows = [
        Message(
            chat=chat,
            seq=number,
            rev=number,
            after_seq=number - 1,
            author_kind=Message.Author.VISITOR,
            client_message_id=uuid.uuid4(),
            body=f"line {number}",
            segments=[{"type": "text", "text": f"line {number}"}],
            created_at=now + timedelta(milliseconds=number),
        )
        for number in range(1, count + 1)
    ]
    Message.unscoped.bulk_create(rows)
    return claim, chat


def nothing_was_written(workspace: Workspace) -> bool:
    return not Message.objects.in_workspace(workspace).exists()


def uploaded(claim: VisitorClaim, name: str = "notes.txt", content: bytes = b"red boots") -> Attachment:
    """A file that the visitor has chosen and not sent yet, stored as the door stores it."""
    uploader = files.Uploader(Site.unscoped.get(pk=claim.site_id), claim.token_hash)
    keys = files.begin_upload(uploader, len(content))
    with tempfile.TemporaryFile() as source:
        source.write(content)
        return files.add_upload(uploader, take_in(source, name, keys))


def say_with(claim: VisitorClaim, *attached: Attachment, text: str = "") -> Message:
    ids = tuple(str(file.pk) for file in attached)
    return messages.post_visitor_message(claim, messages.VisitorDraft(uuid.uuid4(), text, attachments=ids))
