"""Writes of links that wait for their preview, and of what previews show (S24)."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import NotFound
from livechat.actions.messages import lock_chat
from livechat.events import MessageChanged
from livechat.models import ChatSession, Message
from slackapp.actions.waking import wake_chores
from slackapp.models import ChatLink, ErasedCopy, Installation, LeftCopy, LinkPreview, PreviewedChat
from slackapp.previews.rows import COMPOSER

State = LinkPreview.State
# a link may be linked to its poster, and a preview be repeated, for so long
LIFE = timedelta(hours=1)
# a call that is under way in that moment is over by then
ON_ITS_WAY = timedelta(seconds=30)


def want(installation: Installation, where: dict[str, str], urls: list[str]) -> None:
    """Links were posted, or Slack wants their preview anew. `where`: the columns that name poster and place."""
    known: dict[str, Any] = {
        "installation": installation,
        "channel_id": where["channel_id"],
        "ts": where["ts"],
    }
    now = timezone.now()
    fresh = {"urls": urls, "state": State.WANTED, "due_at": now, "heard_at": now, "attempts": 0}
    LinkPreview.objects.update_or_create(**known, defaults={**where, **fresh})
    wake_chores(installation.pk)


def deliver_pending(team_id: str, user_id: str) -> None:
    """This person has linked their account: what they posted within the last hour is shown after all."""
    waiting = LinkPreview.objects.filter(
        slack_team_id=team_id, slack_user_id=user_id, state=State.WAITING, due_at__gt=timezone.now()
    )
    installations = set(waiting.values_list("installation_id", flat=True))
    waiting.update(state=State.WANTED, due_at=timezone.now(), attempts=0)
    for installation_id in sorted(installations):
        wake_chores(installation_id)


def on_message_changed(fact: MessageChanged) -> None:
    """Inside the change's transaction: previews that show the message's words are made anew, or lose them."""
    _make_anew(PreviewedChat.objects.filter(message_id=fact.message.pk))


def _make_anew(shown: Any) -> None:
    """By the message's own place: what an event named it by may not hold any more."""
    previews = LinkPreview.objects.filter(pk__in=shown.values("preview"))
    installations = set(previews.values_list("installation_id", flat=True))
    now = timezone.now()
    previews.update(state=State.WANTED, due_at=now, heard_at=now, attempts=0, unfurl_id="", source="")
    for installation_id in sorted(installations):
        wake_chores(installation_id)


# --- worked by the chore ----------------------------------------------------------------------------------------------


CHANGED = Q(edited_at__isnull=False) | Q(deleted_at__isnull=False) | Q(is_note=True)
Of = tuple[str, uuid.UUID, uuid.UUID | None]


def note_about_to_show(preview: LinkPreview, chats: Iterable[Of]) -> bool:
    """Before Slack is told: whoever erases or changes from now on finds the place. False when one is gone already.

    `chats`: address, chat and the message whose words are shown, if any.
    """
    try:
        with transaction.atomic():
            for url, chat_id, message_id in sorted(chats, key=lambda one: one[1]):
                lock_chat(chat_id)
                PreviewedChat.objects.get_or_create(
                    preview=preview, chat_id=chat_id, message_id=message_id, url=url
                )
    except NotFound:
        return False
    return True


def note_shown(preview: LinkPreview, chats: Iterable[Of]) -> None:
    """What is shown of chats is remembered as long as they stand; what shows nothing of any has no further use."""
    now_shown = set(chats)
    with transaction.atomic():
        noted = PreviewedChat.objects.filter(preview=preview)
        for row in noted:
            if (row.url, row.chat_id, row.message_id) not in now_shown:
                row.delete()
        noted.update(is_shown=True)
        _settle(preview)


def note_maybe_shown(preview: LinkPreview) -> None:
    """Slack did not answer, and may have done it."""
    PreviewedChat.objects.filter(preview=preview).update(is_shown=True)


def note_asked(preview: LinkPreview) -> None:
    _change(preview, state=State.WAITING, due_at=preview.heard_at + LIFE, attempts=0)


def note_later(preview: LinkPreview, until: datetime) -> None:
    _change(preview, due_at=until, attempts=preview.attempts + 1)


def nothing_before(installation: Installation, moment: datetime) -> None:
    """Slack's limit is for the whole team."""
    wanted = LinkPreview.objects.filter(installation=installation, state=State.WANTED, due_at__lt=moment)
    wanted.update(due_at=moment)


def drop(preview: LinkPreview) -> None:
    """Nothing more is tried. What is shown already stays remembered."""
    with transaction.atomic():
        PreviewedChat.objects.filter(preview=preview, is_shown=False).delete()
        _settle(preview)


def leave(preview: LinkPreview, reason: str) -> None:
    """Words that were changed and that Slack goes on to show are listed for people, as for any copy."""
    for row in PreviewedChat.objects.filter(preview=preview, is_shown=True, message_id__isnull=False):
        message = Message.unscoped.filter(CHANGED, chat_id=row.chat_id, pk=str(row.message_id)).first()
        link = ChatLink.objects.filter(pk=row.chat_id).first()
        if message is not None and link is not None:
            place: dict[str, Any] = {"message": message, "channel_id": preview.channel_id, "ts": preview.ts}
            said = {"link": link, "reason": reason[:300], "created_at": timezone.now(), "done_at": None}
            LeftCopy.objects.update_or_create(**place, defaults=said)


def _settle(preview: LinkPreview) -> None:
    """Unless it was wanted anew meanwhile."""
    if not _change(preview, state=State.SHOWN, due_at=None, attempts=0):
        return
    if preview.in_composer or not PreviewedChat.objects.filter(preview=preview).exists():
        LinkPreview.objects.filter(pk=preview.pk).delete()


def _change(preview: LinkPreview, **changes: Any) -> bool:
    """False when somebody else changed it since it was read."""
    same = LinkPreview.objects.filter(pk=preview.pk, due_at=preview.due_at, heard_at=preview.heard_at)
    return same.update(**changes) == 1


# --- erasure ----------------------------------------------------------------------------------------------------------


def erased_copies(chat: ChatSession) -> list[ErasedCopy]:
    """Where previews speak of a chat that is being erased, each with its installation."""
    found = []
    shown = PreviewedChat.objects.filter(chat=chat).exclude(preview__channel_id=COMPOSER)
    for row in shown.select_related("preview"):
        preview = row.preview
        moment = timezone.now() if preview.due_at is None else timezone.now() + ON_ITS_WAY
        copy = ErasedCopy(
            kind=ErasedCopy.Kind.PREVIEW, channel_id=preview.channel_id, ts=preview.ts, due_at=moment
        )
        copy.installation_id = preview.installation_id
        found.append(copy)
    return found


def forget_taken_back(preview: LinkPreview) -> None:
    """It shows nothing of an erased chat any more."""
    if not PreviewedChat.objects.filter(preview=preview).exists():
        LinkPreview.objects.filter(pk=preview.pk, due_at=None).delete()
