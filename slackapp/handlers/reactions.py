"""A lock on a colleague's line takes it back from the visitor and keeps it as a note (S14)."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from slackapp import people
from slackapp.access import link_of_copy, link_of_line
from slackapp.actions import changes
from slackapp.handlers.heard import Act, Heard
from slackapp.models import ChatLink, MessageLink
from slackapp.policies import LOCK
from slackapp.speakers import UNKNOWN, Speaker, speaker_of
from slackapp.whispers import tell_once, tell_person

MAY_NOT_LOCK = (
    "Only colleagues take answers back here, so this lock changes nothing. "
    "An owner can allow guests and partner companies in the console."
)


def on_reaction(heard: Heard) -> Act | None:
    where = _locked_line(heard)
    if where is None:
        return None
    channel, ts = where
    installation, user = heard.installation, str(heard.event.get("user"))
    link = link_of_copy(installation, channel, ts)
    if link is None or user == installation.bot_user_id:
        return None
    speaker = _who(heard, link, user)
    if speaker.refusal not in ("", UNKNOWN):
        line = {"channel": channel, "thread_ts": _thread(link), "user": user}
        return lambda: transaction.on_commit(lambda: tell_once(installation, line, MAY_NOT_LOCK), robust=True)
    team_id = speaker.who.slack_team_id if speaker.who is not None else speaker.team_id
    return lambda: changes.lock_reply(installation, channel, ts, team_id, user)


def _who(heard: Heard, link: ChatLink, user_id: str) -> Speaker:
    """The event does not tell whose people they are. May raise AskSlack.

    Nobody waits for Slack's word meanwhile: while it is not known that somebody may not lock, the lock holds.
    """
    line = {"user": user_id, "user_team": people.team_of(heard.installation, user_id)}
    return speaker_of(heard, link, line, patience=timedelta())


def _thread(link: ChatLink) -> str | None:
    return None if link.is_noisy else link.root_ts


def on_reaction_removed(heard: Heard) -> Act | None:
    """Taking the lock away sends nothing; who did is told, or they would wait for an answer."""
    where = _locked_line(heard)
    if where is None or (link := link_of_line(heard.installation, *where)) is None:
        return None
    notes = MessageLink.objects.filter(
        installation=heard.installation, channel_id=where[0], ts=where[1], message__is_note=True
    )
    if not notes.exists():
        return None
    line = {
        "channel": where[0],
        "thread_ts": _thread(link),
        "user": heard.event.get("user"),
    }
    words = "This line stays a note: taking the lock away does not send it. Write it anew to send it."
    return lambda: transaction.on_commit(lambda: tell_person(heard.installation, line, words), robust=True)


def _locked_line(heard: Heard) -> tuple[str, str] | None:
    item: Any = heard.event.get("item")
    if heard.event.get("reaction") != LOCK or not isinstance(item, dict) or item.get("type") != "message":
        return None
    channel, ts = item.get("channel"), item.get("ts")
    return (channel, ts) if isinstance(channel, str) and isinstance(ts, str) else None
