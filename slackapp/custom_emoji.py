"""A company's own emoji as pictures of ours. Whatever cannot be had stays `:name:`."""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from slackapp import keys, pictures
from slackapp.actions.people import store_emoji
from slackapp.errors import SlackError
from slackapp.models import EmojiList, Installation
from slackapp.people import AskSlack

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)
MOST_NAMES = 20_000
MOST_ALIASES = 5
SCOPE = "emoji:read"


def picture_of(installation: Installation, name: str, *, may_ask: bool) -> str | None:
    """The key of our copy. Calls Slack, so never inside a transaction; raises AskSlack if it may not."""
    if SCOPE not in installation.scopes:
        return None
    known = EmojiList.objects.filter(pk=installation.pk).first()
    if known is None or known.fetched_at is None or timezone.now() - known.fetched_at > FRESH:
        if not may_ask:
            raise AskSlack
        known = _listed(installation) or known
    url = _address(known.names, name) if known is not None else ""
    if not url:
        return None
    if (key := pictures.kept(url)) is None and not may_ask:
        raise AskSlack
    return key or pictures.copy_of(url, pictures.EMOJI) or None


def _listed(installation: Installation) -> EmojiList | None:
    try:
        answer = keys.call(installation, "emoji.list")
    except SlackError as error:
        log.info("a company's emoji could not be listed: %s", error)
        return None
    return store_emoji(installation, _names(answer.get("emoji")))


def _names(told: Any) -> dict[str, str]:
    pairs = list(told.items())[:MOST_NAMES] if isinstance(told, dict) else []
    return {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}


def _address(names: dict[str, str], name: str) -> str:
    """An alias may name another; one that leads in a circle leads nowhere."""
    value = names.get(name, "")
    for _ in range(MOST_ALIASES):
        if not value.startswith("alias:"):
            return value
        value = names.get(value.removeprefix("alias:"), "")
    return ""
