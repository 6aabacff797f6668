"""Previews on their way to Slack, one call a turn of the installation's chores: made, asked for, or taken back.

`chat.unfurl` shows the same however often it is called, so a call without an answer is simply repeated.
"""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from slackapp import keys
from slackapp.access import chats_that_stand
from slackapp.actions import previews
from slackapp.errors import Answered, Do, Limited, SlackError, Unknown
from slackapp.lanes import backoff
from slackapp.models import ErasedCopy, Installation, LinkPreview, PreviewedChat
from slackapp.previews import addresses, asking, cards, sight

log = logging.getLogger(__name__)

TRIES = 3
# the person has said no to being asked; they may link their account all the same
NOT_ASKED = frozenset({"cannot_prompt", "cannot_auth_user"})
# Slack may not have heard yet that we took the event
TOO_EARLY = "cannot_unfurl_url"


def due_at(installation: Installation) -> datetime | None:
    if installation.state != Installation.State.ACTIVE:
        return None
    due = LinkPreview.objects.filter(installation=installation, due_at__isnull=False)
    return due.order_by("due_at").values_list("due_at", flat=True).first()


def step(installation: Installation) -> None:
    due = LinkPreview.objects.filter(installation=installation, due_at__lte=timezone.now())
    preview = due.order_by("due_at", "pk").first()
    if preview is None:
        return
    if preview.state != LinkPreview.State.WANTED or timezone.now() - preview.heard_at > _patience(preview):
        _give_up(preview, "in time")
        return
    try:
        _deliver(installation, preview)
    except Limited as error:
        previews.nothing_before(installation, timezone.now() + timedelta(seconds=error.seconds))
    except Answered as error:
        _refused(preview, error)
    except SlackError as error:
        log.info("a preview is tried again: %s", error)
        if isinstance(error, Unknown):
            previews.note_maybe_shown(preview)
        previews.note_later(preview, timezone.now() + backoff(preview.attempts + 1))


def _deliver(installation: Installation, preview: LinkPreview) -> None:
    members = sight.members_here(installation, preview.slack_team_id, preview.slack_user_id)
    noted = PreviewedChat.objects.filter(preview=preview, is_shown=True)
    before = list(noted.values_list("url", flat=True))
    if members is None and not before:
        _ask(installation, preview)
        return
    first = sight.shown(preview, members or [])
    if not preview.in_composer and not previews.note_about_to_show(preview, _chats(first)):
        return  # erased in this moment: looked at anew
    found = sight.shown(preview, members or [])
    if _chats(found) != _chats(first):
        return
    unfurls = {**dict.fromkeys(before, cards.gone()), **{url: one.unfurl for url, one in found.items()}}
    if unfurls:
        _unfurl(installation, preview, unfurls=unfurls)
    previews.note_shown(preview, _chats(found))


def _chats(found: dict[str, sight.Shown]) -> list[previews.Of]:
    return [(url, one.chat.pk, one.message_id) for url, one in found.items() if one.chat is not None]


def _ask(installation: Installation, preview: LinkPreview) -> None:
    """Only they see it. Whether the link leads anywhere is not told: everybody unlinked is asked alike."""
    asked = asking.Asked(installation.pk, preview.slack_team_id, preview.slack_user_id)
    try:
        _unfurl(installation, preview, user_auth_required=True, user_auth_url=asking.url_for(asked))
    except Answered as error:
        if error.code not in NOT_ASKED:
            raise
    previews.note_asked(preview)


def _unfurl(installation: Installation, preview: LinkPreview, **what: Any) -> None:
    if preview.unfurl_id and preview.source:
        place = {"unfurl_id": preview.unfurl_id, "source": preview.source}
    else:
        place = {"channel": preview.channel_id, "ts": preview.ts}
    keys.call(installation, "chat.unfurl", **place, **what)


def _refused(preview: LinkPreview, error: Answered) -> None:
    """Slack's no is final, but for two: what passes by itself, and what came before Slack had our answer."""
    passes = error.todo is Do.TRY_AGAIN or error.code == TOO_EARLY
    if passes and preview.attempts + 1 < TRIES:
        previews.note_later(preview, timezone.now() + backoff(preview.attempts + 1))
        return
    log.log(logging.ERROR if error.todo is Do.GIVE_UP else logging.INFO, "no preview is shown: %s", error)
    _give_up(preview, f"({error.code})")


def _patience(preview: LinkPreview) -> timedelta:
    """Nobody misses a preview that comes late; words that Slack shows and should not are another matter."""
    is_shown = PreviewedChat.objects.filter(preview=preview, is_shown=True).exists()
    return timedelta(days=1) if is_shown else previews.LIFE


def _give_up(preview: LinkPreview, why: str) -> None:
    previews.leave(preview, f"Slack did not let the app change the preview below this link {why}.")
    previews.drop(preview)


def take_back(installation: Installation, copy: ErasedCopy) -> None:
    """What a preview said of a chat that is gone here. Raises SlackError."""
    preview = LinkPreview.objects.filter(
        installation=installation, channel_id=copy.channel_id, ts=copy.ts
    ).first()
    if preview is None:
        return
    chats = {url: id_ for url in preview.urls if (id_ := _chat_of(url)) is not None}
    stand = chats_that_stand(chats.values())
    gone = [url for url, id_ in chats.items() if id_ not in stand]
    if gone:
        where = {"channel": copy.channel_id, "ts": copy.ts}
        keys.call(installation, "chat.unfurl", **where, unfurls=dict.fromkeys(gone, cards.gone()))
    previews.forget_taken_back(preview)


def _chat_of(url: str) -> uuid.UUID | None:
    address = addresses.read(url)
    return address.id if address is not None and address.kind is addresses.Kind.CHAT else None
