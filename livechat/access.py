"""Untrusted ids come in here: whoever asks gets the row that is theirs, or learns nothing."""

import re
import uuid
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import NotFound, Refused
from accounts.models import Member
from config.prepared import Prepared
from livechat.models import ChatSession, Message, Site, Visitor
from livechat.tokens import VisitorClaim, new_claim, read_claim

MESSAGES_AT_ONCE = 200
# the largest number that the column holds
MOST_REV = 2**31 - 1
_NEWEST = Prepared(
    lambda visitor_id, token_hash: (
        ChatSession.unscoped.select_related("agent")
        .filter(visitor_id=visitor_id, visitor__token_hash=token_hash)
        .order_by("-status", "-last_message_at")[:1]
    )
)
_CHANGED = Prepared(
    lambda chat_id, after, up_to: (
        Message.unscoped.select_related("agent")
        .filter(chat_id=chat_id, rev__gt=after, rev__lte=up_to, seq__isnull=False)
        .order_by("rev")[: MESSAGES_AT_ONCE + 1]
    )
)
# an origin is written into a policy header, where `;` and `,` would begin something else
HOST = re.compile(r"[a-z0-9_.-]+")


def _uuid(value: object) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        raise NotFound from None


def site_for(member: Member, site_id: object) -> Site:
    site = Site.objects.in_workspace(member.workspace).filter(pk=_uuid(site_id)).first()
    if site is None:
        raise NotFound
    return site


def chat_for(member: Member, chat_id: object) -> ChatSession:
    """With site, visitor and agent loaded."""
    chats = ChatSession.objects.in_workspace(member.workspace).select_related("site", "visitor", "agent")
    chat = chats.filter(pk=_uuid(chat_id)).first()
    if chat is None:
        raise NotFound
    return chat


def site_by_public_token(public_token: str) -> Site:
    # PostgreSQL refuses a text with NUL by an error instead of finding nothing
    sound = public_token.isascii() and public_token.isprintable()
    sites = Site.unscoped.select_related("workspace")
    site = sites.filter(public_token=public_token).first() if sound else None
    if site is None:
        raise Refused("unknown_site", "This chat is not set up here. Check the snippet's site key.")
    return site


def normal_origin(value: str | None) -> str | None:
    """`https://Shop.example:443/` → `https://shop.example`; None for `null`, a path, a user or another scheme."""
    try:
        parts = urlsplit((value or "").strip())
        port = parts.port
    except ValueError:
        return None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.path.strip("/")
    ):
        return None
    if parts.query or parts.fragment:
        return None
    try:
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    except UnicodeError:
        return None
    if ":" not in host and not HOST.fullmatch(host):
        return None
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if port in (None, default) else f"{parts.scheme}://{host}:{port}"


def check_origin(site: Site, origin: str | None) -> None:
    """The product's own origins always; the site's if any are set; everybody if none are."""
    if not site.allowed_origins:
        return
    own = {settings.PUBLIC_URL, settings.WIDGET_URL}
    if origin is None or normal_origin(origin) not in own | set(site.allowed_origins):
        raise Refused(
            "origin_refused", "This chat may not be used on this website. Its owner can allow it under Sites."
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """What `hello` found: the site and whose token it is."""

    site: Site
    claim: VisitorClaim


def arrive(public_token: str, visitor_token: str | None, origin: str | None) -> Arrival:
    """A token that is not ours, or not this site's, is answered with a fresh one: nothing of its visitor is shown."""
    site = site_by_public_token(public_token)
    check_origin(site, origin)
    claim = read_claim(site.id, visitor_token) if visitor_token else None
    if claim is None:
        return Arrival(site, new_claim(site.id))
    visitor = Visitor.unscoped.filter(pk=claim.visitor_id).first()
    if visitor is None:
        return Arrival(site, claim)
    if visitor.token_hash != claim.token_hash or visitor.site_id != site.id:
        return Arrival(site, new_claim(site.id))
    return Arrival(site, claim)


def newest_chat(claim: VisitorClaim) -> ChatSession | None:
    """The open one, which may be an earlier chat that an answer has reopened; else the one that spoke last."""
    return _NEWEST.first(visitor_id=claim.visitor_id, token_hash=claim.token_hash)


@dataclass(frozen=True, slots=True)
class Changes:
    """Messages changed after a `rev`, in `seq` order; `rev` is how far they reach, `more` that there are others."""

    messages: list[Message]
    rev: int
    more: bool


def changes_since(chat: ChatSession, last_rev: int) -> Changes:
    """One cursor for first load, resume and gaps. `chat` must be freshly read: its `last_rev` bounds the answer."""
    found = changes_between(chat.id, last_rev, chat.last_rev)
    return found if found.more else replace(found, rev=chat.last_rev)


def changes_between(chat_id: uuid.UUID, after: int, up_to: int = MOST_REV) -> Changes:
    """`changes_since` for a socket that stands in the chat already; no more than the newest change moves its cursor."""
    found = _CHANGED.all(chat_id=chat_id, after=after, up_to=up_to)
    more = len(found) > MESSAGES_AT_ONCE
    found = found[:MESSAGES_AT_ONCE]
    rev = found[-1].rev if found else after
    return Changes(sorted(found, key=lambda message: message.seq or 0), rev, more)
