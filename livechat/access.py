"""Untrusted ids come in here: whoever asks gets the row that is theirs, or learns nothing."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.errors import NotFound, Refused
from accounts.models import Member
from config.prepared import Prepared
from livechat import identities
from livechat.models import Attachment, ChatSession, Export, Message, SavedReply, Site, Tag, Visitor
from livechat.tokens import VisitorClaim, id_of_person, new_claim, new_persons_claim, read_claim

FILE_MISSING = Refused("refused", "A file of this message is no longer here. Please attach it again.")
# nothing of why or by whom; the widget has words of its own for the code
BLOCKED = Refused("blocked", "You cannot write here at the moment.")
# never as `blocked`: nobody is to think that it is about them
RESTING = Refused("refused", "This chat is closed for now.")
MESSAGES_AT_ONCE = 200
# the largest number that the column holds
MOST_REV = 2**31 - 1
_NEWEST = Prepared(
    lambda visitor_id, token_hash: (
        ChatSession.unscoped.select_related("agent", "visitor")
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
    # known already: nobody need ask for it again
    site.workspace = member.workspace
    return site


def chat_for(member: Member, chat_id: object) -> ChatSession:
    """With site, visitor and agent loaded, and who has snoozed or blocked."""
    who = ("agent", "snoozed_by", "visitor__blocked_by")
    chats = ChatSession.objects.in_workspace(member.workspace).select_related("site", *who)
    chat = chats.filter(pk=_uuid(chat_id)).first()
    if chat is None:
        raise NotFound
    # known already: nobody need ask for it again
    chat.site.workspace = member.workspace
    return chat


def saved_reply_for(member: Member, reply_id: object) -> SavedReply:
    """Also a deleted one, which may be taken back."""
    replies = SavedReply.objects.in_workspace(member.workspace).select_related("site")
    reply = replies.filter(pk=_uuid(reply_id)).first()
    if reply is None:
        raise NotFound
    return reply


def tag_for(member: Member, tag_id: object) -> Tag:
    """Also a deleted one, which may be taken back."""
    tag = Tag.objects.in_workspace(member.workspace).filter(pk=_uuid(tag_id)).first()
    if tag is None:
        raise NotFound
    return tag


def export_for(member: Member, export_id: object) -> Export:
    export = Export.objects.in_workspace(member.workspace).filter(pk=_uuid(export_id)).first()
    if export is None:
        raise NotFound
    return export


def export_by_id(export_id: object) -> Export:
    """For the door of files, whose link is signed; nothing is given before that was looked at."""
    export = Export.unscoped.select_related("workspace").filter(pk=_uuid(export_id)).first()
    if export is None or export.workspace.is_ending:
        raise NotFound
    return export


def still_on_their_way(before: datetime) -> QuerySet[Message, uuid.UUID]:
    """The chats of lines from before that moment that Slack does not have yet, whosever they are.

    SQLite takes the index of these few lines only where its condition stands in the statement word for word, and only
    where no join offers it another way: through all messages there are.
    """
    on_the_way = RawSQL("mirror_state IN ('queued', 'sending', 'checking')", (), BooleanField())
    return Message.unscoped.filter(on_the_way, created_at__lt=before).values_list("chat_id", flat=True)


def site_by_public_token(public_token: str) -> Site:
    # PostgreSQL refuses a text with NUL by an error instead of finding nothing
    sound = public_token.isascii() and public_token.isprintable()
    sites = Site.unscoped.select_related("workspace")
    site = sites.filter(public_token=public_token).first() if sound else None
    if site is None or site.workspace.is_ending:
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
    """What `hello` found: the site, whose token it is, and the visitor's row if there is one.

    `guest`: whose token it was before somebody logged in on the website. `rejection`: why an identity was not believed.
    """

    site: Site
    claim: VisitorClaim
    visitor: Visitor | None = None
    guest: VisitorClaim | None = None
    rejection: identities.Rejected | None = None

    @property
    def is_blocked(self) -> bool:
        return self.visitor is not None and self.visitor.is_blocked


def arrive(
    public_token: str, visitor_token: str | None, origin: str | None, identity: str | None = None
) -> Arrival:
    """A token that is not ours, or not this site's, is answered with a fresh one: nothing of its visitor is shown."""
    site = site_by_public_token(public_token)
    check_origin(site, origin)
    arrival = _arrive_at(site, visitor_token)
    if site.checks_identity:
        arrival = _identified(arrival, visitor_token, identity)
    if arrival.claim.is_persons and arrival.claim.person is None and arrival.visitor is None:
        # they were erased, or never wrote: only the website can say again who it is
        arrival = replace(arrival, claim=new_claim(site.id))
    if site.is_resting and arrival.visitor is None:
        raise RESTING
    return arrival


def _arrive_at(site: Site, visitor_token: str | None) -> Arrival:
    claim = read_claim(site.id, visitor_token) if visitor_token else None
    if claim is None:
        return Arrival(site, new_claim(site.id))
    visitor = Visitor.unscoped.filter(pk=claim.visitor_id).first()
    if visitor is None:
        return Arrival(site, claim)
    if claim.is_persons and visitor.site_id == site.id and visitor.is_verified:
        return Arrival(site, replace(claim, token_hash=visitor.token_hash), visitor)
    if visitor.token_hash != claim.token_hash or visitor.site_id != site.id or visitor.joined_to_id:
        return Arrival(site, new_claim(site.id))
    return Arrival(site, claim, visitor)


def _identified(arrival: Arrival, visitor_token: str | None, identity: str | None) -> Arrival:
    """`arrival` as the person whom the website names. Where that is required, `Rejected` for whoever is not named."""
    site = arrival.site
    if identity is None and site.requires_identity:
        raise identities.NEEDED
    if identity is None:
        return arrival
    try:
        person = identities.check(site, identity)
    except identities.Rejected as rejection:
        if site.requires_identity:
            raise
        is_same = arrival.visitor is not None and arrival.visitor.external_id == rejection.subject
        stays = arrival if is_same or not arrival.claim.is_persons else Arrival(site, new_claim(site.id))
        return replace(stays, rejection=rejection)
    pk = id_of_person(site.id, person.subject)
    of_site = Visitor.unscoped.filter(site=site)
    known = of_site.filter(external_id=person.subject).first() or of_site.filter(pk=pk).first()
    pk, own = known.pk if known is not None else pk, arrival.claim
    keeps = own.is_new and own.visitor_id == pk
    claim = replace(own if keeps else new_persons_claim(site.id, pk), person=person)
    if known is not None:
        claim = replace(claim, token_hash=known.token_hash)
    guest = own if own.visitor_token == visitor_token and not own.is_persons else None
    return Arrival(site, claim, known, guest)


def prove(public_token: str, visitor_token: str, origin: str | None) -> Arrival:
    """`arrive` for somebody who must be known already: another token than ours is refused.

    Where visitors have to be logged in, only a token that was made for somebody who was.
    """
    site = site_by_public_token(public_token)
    check_origin(site, origin)
    arrival = _arrive_at(site, visitor_token or None)
    if site.is_resting and arrival.visitor is None:
        raise RESTING
    is_nobody = site.requires_identity and not arrival.claim.is_persons
    if arrival.claim.visitor_token != visitor_token or is_nobody:
        raise Refused("not_accepted", "This chat does not know you any more. Please reload the page.")
    return arrival


def newest_chat(claim: VisitorClaim) -> ChatSession | None:
    """The open one, which may be an earlier chat that an answer has reopened; else the one that spoke last."""
    return _NEWEST.first(visitor_id=claim.visitor_id, token_hash=claim.token_hash)


def open_chat_of(claim: VisitorClaim) -> uuid.UUID | None:
    theirs = ChatSession.unscoped.filter(visitor_id=claim.visitor_id, visitor__token_hash=claim.token_hash)
    return theirs.filter(status=ChatSession.Status.OPEN).values_list("pk", flat=True).first()


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
    with_files(found)
    return Changes(sorted(found, key=lambda message: message.seq or 0), rev, more)


# --- files --------------------------------------------------------------------------------------------------------


def with_files(messages: Sequence[Message]) -> None:
    """Fills `message.files`; a chat without files costs no query."""
    having = {message.pk: message for message in messages if message.has_files}
    if not having:
        return
    of_message: dict[uuid.UUID, list[Attachment]] = {pk: [] for pk in having}
    for file in Attachment.unscoped.filter(message_id__in=having).order_by("place", "created_at", "pk"):
        assert file.message_id is not None
        of_message[file.message_id].append(file)
    for pk, files in of_message.items():
        having[pk].files = files


def uploads_of_visitor(claim: VisitorClaim, ids: Iterable[str]) -> list[Attachment]:
    """Their own uploads into this site that were not sent yet, in the order of `ids`; refused if one is missing."""
    mine = Attachment.unscoped.filter(site_id=claim.site_id, uploader=claim.token_hash)
    return _unsent(mine, ids)


def uploads_of_member(member: Member, site_id: uuid.UUID, ids: Iterable[str]) -> list[Attachment]:
    mine = Attachment.objects.in_workspace(member.workspace).filter(site_id=site_id, member=member)
    return _unsent(mine, ids)


def _unsent(mine: QuerySet[Attachment], ids: Iterable[str]) -> list[Attachment]:
    try:
        wanted = list(dict.fromkeys(_uuid(one) for one in ids))
    except NotFound:
        raise FILE_MISSING from None
    unsent = mine.filter(pk__in=wanted, message=None, state=Attachment.State.READY) if wanted else []
    found = {file.pk: file for file in unsent}
    if len(found) < len(wanted):
        raise FILE_MISSING
    return [found[pk] for pk in wanted]


def upload_of_visitor(claim: VisitorClaim, file_id: object) -> Attachment:
    """A file that this visitor may see: their unsent upload, or one of a message that is shown to them."""
    file = Attachment.unscoped.select_related("message__chat__visitor").filter(pk=_uuid(file_id)).first()
    if file is None or file.site_id != claim.site_id:
        raise NotFound
    if file.message is None:
        theirs = file.uploader == claim.token_hash
    else:
        theirs = file.message.chat.visitor.token_hash == claim.token_hash and is_shown(file)
    if not theirs:
        raise NotFound
    return file


def is_shown(file: Attachment) -> bool:
    """To the visitor: neither deleted nor, by now, a note."""
    return file.message is None or not (file.message.is_note or file.message.deleted_at)


def file_for(member: Member, file_id: object) -> Attachment:
    """With its message; a file that is no longer kept is not found."""
    files = Attachment.objects.in_workspace(member.workspace).select_related("message")
    file = files.filter(pk=_uuid(file_id), state=Attachment.State.READY).first()
    if file is None:
        raise NotFound
    return file


def chat_behind_link(chat_id: uuid.UUID) -> ChatSession:
    """For whoever holds a link that we signed: the signature, not this look-up, says that the chat is theirs."""
    chat = ChatSession.unscoped.select_related("site").filter(pk=chat_id).first()
    if chat is None:
        raise NotFound
    return chat


def stored_file(file_id: object) -> Attachment:
    """For whoever holds a link that we signed: the signature, not this look-up, says that it may be fetched."""
    file = Attachment.unscoped.select_related("message", "site__workspace").filter(pk=_uuid(file_id)).first()
    if file is None or file.site.workspace.is_ending:
        raise NotFound
    return file
