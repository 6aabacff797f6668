"""Our own copies of pictures that Slack hosts: fetched from Slack's hosts alone, made small, written anew."""

import logging
from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import Refused
from livechat.actions import pictures
from livechat.files.pictures import small
from slackapp import client
from slackapp.errors import SlackError

log = logging.getLogger(__name__)

# where Slack keeps faces and emoji; people without a photo have one of gravatar's
HOSTS = frozenset(
    """avatars.slack-edge.com ca.slack-edge.com a.slack-edge.com emoji.slack-edge.com
    secure.gravatar.com""".split()
)
FACE, EMOJI = 192, 96


def kept(url: str) -> str | None:
    """The key of our copy, if we have one."""
    key = pictures.key_of(url)
    return key if pictures.is_kept(key) else None


def copy_of(url: str, side: int) -> str:
    """The key of our copy, at most `side` pixels wide and high; empty if it cannot be had now.

    Asks another server, so never inside a transaction.
    """
    if not is_slacks(url):
        return ""
    if (key := kept(url)) is not None:
        return key
    try:
        return pictures.keep(url, small(client.picture(url), side))
    except (SlackError, Refused) as error:
        log.info("a picture could not be copied: %s", type(error).__name__)
        return ""


def is_slacks(url: str) -> bool:
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        is_one = parts.scheme == "https" and parts.port in (None, 443) and parts.hostname in HOSTS
    except ValueError:
        return False
    return "@" not in parts.netloc and (is_one or origin == settings.SLACK_WEB_URL)
