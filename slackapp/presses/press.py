"""A press on one of our buttons, and a word to whoever pressed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from slackapp import blocks, client
from slackapp.actions import homes
from slackapp.errors import SlackError
from slackapp.handlers.heard import Act, Heard
from slackapp.models import Installation
from slackapp.speakers import team_of
from slackapp.whispers import say_to

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """`action` is the element as Slack gives it; `value` is the opaque id that we put there, and proves nothing.

    `heard` is the recorded event: who somebody is is asked with it (`speakers.speaker_of`). `in_home`: pressed on the
    person's own Home tab, which is in no channel.
    """

    heard: Heard
    user_id: str
    user_team: str
    channel_id: str
    message_ts: str
    thread_ts: str
    action: dict[str, Any]
    response_url: str
    in_home: bool = False

    @property
    def installation(self) -> Installation:
        return self.heard.installation

    @property
    def action_id(self) -> str:
        return str(self.action.get("action_id") or "")

    @property
    def value(self) -> str:
        return str(self.action.get("value") or "")


# Reads, may raise AskSlack or NotYet, and gives what is to be done inside a transaction.
Handler = Callable[[Press], Act | None]


def press_of(heard: Heard) -> Press | None:
    event = heard.event
    action = event.get("action")
    if not isinstance(action, dict) or not isinstance(event.get("user"), str):
        return None
    return Press(
        heard=heard,
        user_id=event["user"],
        user_team=team_of(heard, {"user": event["user"], "user_team": event.get("user_team")}),
        channel_id=str(event.get("channel") or ""),
        message_ts=str(event.get("message_ts") or ""),
        thread_ts=str(event.get("thread_ts") or ""),
        action=action,
        response_url=str(event.get("response_url") or ""),
        in_home=event.get("view") == "home",
    )


def answered(press: Press, text: str) -> Act:
    """Nothing but a sentence that only whoever pressed can see."""
    return lambda: whisper(press, text)


def whisper(press: Press, text: str) -> None:
    """Called inside the transaction of what a press does; said after its commit, once, as a courtesy."""
    transaction.on_commit(lambda: _say(press, text), robust=True)


def _say(press: Press, text: str) -> None:
    """On a Home tab it is said there; a response_url cannot answer into a thread

    (docs.slack.dev/interactivity/handling-user-interaction).
    """
    if press.in_home:
        homes.say(press.installation, press.user_id, text)
        return
    if press.response_url and press.thread_ts in ("", press.message_ts) and respond(press.response_url, text):
        return
    say_to(press.installation, press.user_id, text, press.channel_id, press.thread_ts or None)


def respond(response_url: str, text: str) -> bool:
    """Without a key. Whether Slack took it."""
    try:
        client.respond(response_url, {"replace_original": False, **blocks.notice(text)})
    except SlackError as error:
        log.info("a press could not be answered where it was: %s", error)
        return False
    return True
