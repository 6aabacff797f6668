"""What is known of cards that stand in Slack. Nothing here needs a lock: what is behind is looked at again."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from slackapp.card_facts import Look
from slackapp.models import ChatLink, ShownCard

# what a visitor does changes a card at most so often; what colleagues do changes it at once
GAP = timedelta(seconds=10)


def note_posted(link: ChatLink, words: str, unshown: int) -> None:
    """A new card, with these words. What happened while it was being posted is found by looking once."""
    now = timezone.now()
    said = {"words": words, "unshown": unshown, "shown_at": now, "look_at": now, "lobby": ""}
    ShownCard.objects.update_or_create(link=link, defaults={**said, "seq": 0, "online": None})


def note_shown(link: ChatLink, words: str) -> None:
    now = timezone.now()
    ShownCard.objects.filter(link=link).update(words=words, shown_at=now, look_at=now)


def note_lobby(link: ChatLink, words: str) -> None:
    ShownCard.objects.filter(link=link).update(lobby=words)


def note_looked(shown: ShownCard, found: Look) -> None:
    """Unless somebody asked for another look meanwhile."""
    same = ShownCard.objects.filter(pk=shown.pk, look_at=shown.look_at)
    same.update(seq=found.seq, online=found.facts.online, look_at=found.next_step_at)


def look_soon(chat_id: uuid.UUID, at: datetime | None = None) -> None:
    """Something that the card tells has changed, and nobody needs to know at once."""
    ShownCard.objects.filter(pk=chat_id).update(look_at=at or timezone.now())
