"""Writes of tags: what a workspace has, and what stands on a chat."""

import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import audit, audited
from accounts.errors import Refused
from accounts.models import Member, Workspace
from accounts.names import clean_name
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, publish
from livechat.models import ChatTag, Tag
from livechat.tags import LONGEST, MOST_IN_WORKSPACE, MOST_ON_CHAT

KEPT = timedelta(days=30)
NAMELESS = "A tag needs a name. Please type one."
FULL = f"There are {MOST_IN_WORKSPACE} tags already. Merge or delete some under Settings, Tags."
GONE = "This tag was deleted meanwhile. Choose another one."


def tag_named(member: Member, name: str) -> Tag:
    """The workspace's tag of that name; it is made if there is none. Upper and lower case make no difference."""
    name = clean_name(name, LONGEST)
    if not name:
        raise Refused("refused", NAMELESS)
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=member.workspace_id)
        mine = Tag.objects.in_workspace(member.workspace).filter(deleted_at=None)
        if found := mine.filter(name__iexact=name).first():
            return found
        count = mine.count()
        if count >= MOST_IN_WORKSPACE:
            raise Refused("too_many", FULL)
        # neighbours differ without anybody having to choose
        colour = Tag.Colour.values[(count + 1) % len(Tag.Colour.values)]
        tag = Tag.unscoped.create(workspace=member.workspace, name=name, colour=colour)
        audit(member.workspace, member.user, "tag.created", f"tag:{tag.pk}")
        return tag


def put_on(chat_id: uuid.UUID, tag: Tag) -> bool:
    """False if the chat has it already."""
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if tag.deleted_at is not None:
            raise Refused("deleted", GONE)
        theirs = ChatTag.unscoped.filter(chat=chat, tag__deleted_at=None)
        if theirs.filter(tag=tag).exists():
            return False
        if theirs.count() >= MOST_ON_CHAT:
            raise Refused("too_many", f"A chat has at most {MOST_ON_CHAT} tags. Take one off first.")
        ChatTag.unscoped.create(chat=chat, tag=tag)
        publish(ChatChanged(chat))
        return True


def take_off(chat_id: uuid.UUID, tag: Tag) -> bool:
    """False if the chat does not have it."""
    with transaction.atomic():
        chat = lock_chat(chat_id)
        gone, _ = ChatTag.unscoped.filter(chat=chat, tag=tag).delete()
        if gone:
            publish(ChatChanged(chat))
        return bool(gone)


def change_tag(member: Member, tag: Tag, name: str, colour: str) -> None:
    name = clean_name(name, LONGEST)
    if not name:
        raise Refused("refused", NAMELESS)
    if colour not in Tag.Colour.values:
        raise Refused("refused", "Choose one of the colours.")
    mine = Tag.objects.in_workspace(member.workspace).filter(pk=tag.pk, deleted_at=None)

    def read() -> dict[str, str]:
        return {"name": one.name, "colour": one.colour} if (one := mine.first()) else {}

    try:
        with audited(member.workspace, member.user, "tag.changed", f"tag:{tag.pk}", read):
            if not mine.update(name=name, colour=colour):
                raise Refused("deleted", GONE)
    except IntegrityError:
        raise _taken(name) from None


def delete_tag(member: Member, tag: Tag, into: Tag | None = None) -> None:
    """Twice is harmless. With `into` its chats get that tag instead: merging. `restore_tag` takes both back."""
    if into is not None and (into.pk == tag.pk or into.deleted_at is not None):
        raise Refused("refused", "Choose another tag to merge it into.")
    mine = Tag.objects.in_workspace(member.workspace)
    with transaction.atomic():
        mine.filter(deleted_at__lt=timezone.now() - KEPT).delete()
        if not mine.filter(pk=tag.pk, deleted_at=None).update(deleted_at=timezone.now(), merged_into=into):
            return
        if into is not None:
            chats = ChatTag.unscoped.filter(tag=tag).values_list("chat_id", flat=True)
            moved = [ChatTag(chat_id=chat_id, tag=into, via=tag) for chat_id in chats]
            ChatTag.unscoped.bulk_create(moved, ignore_conflicts=True, batch_size=500)
        verb, changes = ("tag.merged", {"tag": [tag.name, into.name]}) if into else ("tag.deleted", {})
        audit(member.workspace, member.user, verb, f"tag:{tag.pk}", changes)


def restore_tag(member: Member, tag: Tag) -> None:
    """Refused if its name is another's by now."""
    mine = Tag.objects.in_workspace(member.workspace)
    try:
        with transaction.atomic():
            if mine.filter(deleted_at=None).count() >= MOST_IN_WORKSPACE:
                raise Refused("too_many", FULL)
            if mine.filter(pk=tag.pk, deleted_at__isnull=False).update(deleted_at=None, merged_into=None):
                ChatTag.unscoped.filter(via=tag).delete()
                audit(member.workspace, member.user, "tag.restored", f"tag:{tag.pk}")
    except IntegrityError:
        raise _taken(tag.name) from None


def _taken(name: str) -> Refused:
    return Refused("taken", f"Another tag is called {name} already. You can merge the two.")
