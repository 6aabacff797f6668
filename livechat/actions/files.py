"""Every write of attachments and of the places in the storage. Bytes are moved by others, before and after."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Member
from livechat.files.incoming import MEGABYTE, Keys, Stored, new_keys
from livechat.models import Attachment, Message, Site, StorageOrphan

BYTES_A_DAY = 100 * MEGABYTE
BYTES_OF_A_WORKSPACE = 2048 * MEGABYTE
UPLOADS_TAKE_AT_MOST = timedelta(hours=1)
UNSENT_LIVES = timedelta(days=1)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who uploads into a site: a visitor (by the hash of their token) or a member of its workspace."""

    site: Site
    token_hash: str = ""
    member: Member | None = None


def begin_upload(uploader: Uploader, size: int) -> Keys:
    """Room for `size` bytes, or a refusal. The keys are orphans until `add_upload` adopts them."""
    _check_room(uploader, size)
    return reserve_keys()


def reserve_keys() -> Keys:
    keys, until = new_keys(), timezone.now() + UPLOADS_TAKE_AT_MOST
    StorageOrphan.objects.bulk_create(
        StorageOrphan(key=key, remove_after=until) for key in (keys.content, keys.thumbnail)
    )
    return keys


def _check_room(uploader: Uploader, size: int) -> None:
    """A visitor's day can be stretched by LIMITS_SCALE, as it is a rate; what a workspace holds cannot."""
    if uploader.token_hash:
        since = Q(uploader=uploader.token_hash, created_at__gt=timezone.now() - timedelta(days=1))
        if _bytes(since) + size > BYTES_A_DAY * settings.LIMITS_SCALE:
            raise Refused(
                "rate_limited", "That is a lot for one day. Please send the rest tomorrow.", 3_600_000
            )
    if _bytes(Q(site__workspace_id=uploader.site.workspace_id)) + size > BYTES_OF_A_WORKSPACE:
        raise Refused("no_room", "There is no room left for files here. Please write what is in it instead.")


def _bytes(which: Q) -> int:
    found = Attachment.unscoped.filter(which).exclude(storage_key="").aggregate(total=Sum("size"))
    return int(found["total"] or 0)


def add_upload(uploader: Uploader, stored: Stored) -> Attachment:
    """The row of what `take_in` stored; theirs alone until they send it."""
    with transaction.atomic():
        file = Attachment(site=uploader.site, uploader=uploader.token_hash, member=uploader.member)
        take_over(file, stored)
        file.save(force_insert=True)
        return file


def take_over(file: Attachment, stored: Stored) -> None:
    """The columns of what was stored. Its places are no orphans any more."""
    file.name, file.size, file.content_type = stored.name, stored.size, stored.content_type
    file.storage_key, file.thumbnail_key = stored.key, stored.thumbnail_key
    file.width, file.height, file.state = stored.width, stored.height, Attachment.State.READY
    StorageOrphan.objects.filter(key__in=[stored.key, stored.thumbnail_key]).delete()


def attach(message: Message) -> None:
    """`message.files`, uploads that nobody has sent yet, become this message's. Inside its transaction."""
    for place, file in enumerate(message.files):
        unsent = Attachment.unscoped.filter(pk=file.pk, message=None)
        if not unsent.update(message=message, place=place):
            raise Refused("refused", "A file of this message was sent before. Please attach it again.")


def move_files(message: Message, note: Message) -> None:
    """What was said is kept inside: so are its files, out of the visitor's reach. Inside its transaction."""
    if message.has_files:
        Attachment.unscoped.filter(message=message).update(message=note)


# --- leaving ------------------------------------------------------------------------------------------------------


# asked of each file: of a join SQLite would begin with all messages where there are few files
_DELETED = Message.unscoped.filter(pk=OuterRef("message"), deleted_at__isnull=False)


def forget_files() -> list[str]:
    """A round of the job: unsent and deleted files let go of their places. The keys whose bytes are to be removed."""
    with transaction.atomic():
        _let_go(Q(message=None, created_at__lt=timezone.now() - UNSENT_LIVES), delete=True)
        _let_go(Q(Exists(_DELETED)), delete=False)
    due = StorageOrphan.objects.filter(remove_after__lt=timezone.now()).order_by("remove_after")
    return list(due.values_list("key", flat=True)[:AT_ONCE])


def note_removed(key: str) -> None:
    """Its bytes are gone."""
    StorageOrphan.objects.filter(key=key).delete()


def _let_go(which: Q, *, delete: bool) -> None:
    found = Attachment.unscoped.filter(which).exclude(state=Attachment.State.GONE).order_by("pk")[:AT_ONCE]
    for file in found:
        if delete:
            file.delete()
        else:
            drop_content(file)


def drop_content(file: Attachment) -> None:
    """The row stays and says that something was here. Inside a transaction."""
    note_orphans(file)
    Attachment.unscoped.filter(pk=file.pk).update(
        state=Attachment.State.GONE, storage_key="", thumbnail_key="", changed_at=timezone.now()
    )


def note_orphans(file: Attachment) -> None:
    """What the row kept in the storage is to be removed. Called for rows that are deleted as well, whoever does it."""
    keys = [key for key in (file.storage_key, file.thumbnail_key) if key]
    StorageOrphan.objects.bulk_create(
        [StorageOrphan(key=key, remove_after=timezone.now()) for key in keys], ignore_conflicts=True
    )
