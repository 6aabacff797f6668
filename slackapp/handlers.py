"""Recorded events, worked in the order of their arrival per thread. Each becomes at most one action."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Agent
from config.engine import ring_in
from config.prepared import Change, Prepared
from livechat.segments import to_text
from slackapp import actions, blocks, client, lanes, mrkdwn, people, promises
from slackapp.access import chat_link_for, installation_for
from slackapp.errors import SlackError
from slackapp.models import (
    ChatLink,
    Connection,
    Delivery,
    InboundEvent,
    Installation,
    Lane,
    SlackIdentity,
)

log = logging.getLogger(__name__)

TRIES = 8
THREAD_MAY_APPEAR = timedelta(seconds=30)
SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
SLACKBOT = "USLACKBOT"
# What an event does; run inside a transaction.
Act = Callable[[], None]
_PENDING = Prepared(
    lambda lane_key: InboundEvent.objects.filter(
        lane_key=lane_key, state=InboundEvent.State.PENDING
    ).order_by("pk")[:1]
)
_pending = InboundEvent.objects.filter(state=InboundEvent.State.PENDING)
# gives the lane back unless more has come: one statement, so that nothing slips in between
_REST = Change(
    lambda lane_id, lane_key: (
        Lane.objects.filter(~Exists(_pending.filter(lane_key=lane_key)), pk=lane_id),
        {"due_at": None, "lease_until": None, "lease_token": None},
    ),
    lane_id=int,
    lane_key=str,
)


class NotYet(Exception):
    """The event speaks of something that may be about to exist; it is tried again for as long as `patience`."""

    def __init__(self, patience: timedelta) -> None:
        super().__init__()
        self.patience = patience


def work_inbound(lane_id: int, lane_key: str) -> None:
    """Works one inbound lane until it is empty. One event that fails waits, then is put aside; the others follow.

    What an event needs is read first; what it does and its mark *done* are one transaction under the lane's row lock.
    A lease is taken only where Slack must be asked who somebody is.
    """
    token: uuid.UUID | None = None
    while True:
        row = _PENDING.first(lane_key=lane_key)
        try:
            act = read_event(row, may_ask=token is not None) if row is not None else None
            if not _work(lane_id, lane_key, token, row, act):
                return
        except people.AskSlack:
            if (token := lanes.claim(lane_id)) is None:
                return
        except Exception as error:
            if row is None:
                raise
            if not _stumble(lane_id, lane_key, token, row, error):
                return


def _work(
    lane_id: int, lane_key: str, token: uuid.UUID | None, row: InboundEvent | None, act: Act | None
) -> bool:
    """One transaction: what the event does, and its mark. False when the lane is given back or another worker's."""
    with transaction.atomic():
        lane = _lane(lane_id, token)
        if lane is None:
            return False
        if row is not None and actions.note_event_done(row) and act is not None:
            act()
        if _REST(lane_id=lane.pk, lane_key=lane_key):
            return False
        if token is not None:
            lanes.lease(lane, token)
        return True


def _lane(lane_id: int, token: uuid.UUID | None) -> Lane | None:
    return lanes.enter(lane_id) if token is None else lanes.hold(lane_id, token)


def _stumble(
    lane_id: int, lane_key: str, token: uuid.UUID | None, row: InboundEvent, error: Exception
) -> bool:
    """Nothing of the event was written. It waits for another attempt or is put aside; True if the next may follow."""
    wait = _patience(row, error)
    with transaction.atomic():
        lane = _lane(lane_id, token)
        if lane is None:
            return False
        if isinstance(error, NotYet):
            if wait is None:
                actions.note_event_done(row)
        else:
            log.error("an event of Slack could not be worked", exc_info=error)
            if not actions.note_event_failed(row, f"{type(error).__name__}: {error}", dead=wait is None):
                return True  # another worker has done it meanwhile
        if wait is None:
            return True
        lanes.release(lane, timezone.now() + wait)
    from slackapp import tasks

    ring_in(wait.total_seconds(), lambda: tasks.ring_inbound(lane_id, lane_key))
    return False


def _patience(row: InboundEvent, error: Exception) -> timedelta | None:
    """How long to wait before the event is tried again; None if it is not."""
    if isinstance(error, NotYet):
        age = timezone.now() - row.received_at
        soon = timedelta(seconds=1) if age < THREAD_MAY_APPEAR else timedelta(seconds=15)
        return soon if age < error.patience else None
    attempts = row.attempts + 1
    return None if attempts >= TRIES else promises.backoff(attempts)


def read_event(row: InboundEvent, *, may_ask: bool) -> Act | None:
    """What this authentic event does, to be run inside a transaction; None for kinds that mean nothing to us.

    Raises NotYet, or AskSlack where Slack is to be asked and `may_ask` is not given.
    """
    event = row.payload.get("event")
    handler = HANDLERS.get(row.kind)
    if handler is None or not isinstance(event, dict):
        return None
    link = _link(row.payload, event) if row.kind == "message" else None
    installation = link.installation if link is not None else installation_for(row.payload)
    return handler(Heard(installation, event, row, link, may_ask)) if installation is not None else None


def _link(payload: dict[str, Any], event: dict[str, Any]) -> ChatLink | None:
    """One query gives chat and installation of a line in a thread, which most events are."""
    channel, thread = event.get("channel"), event.get("thread_ts")
    if not isinstance(channel, str) or not isinstance(thread, str) or thread == event.get("ts"):
        return None
    return chat_link_for(payload, channel, thread)


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of an installation that we know; `link` if it is a line in a chat's thread."""

    installation: Installation
    event: dict[str, Any]
    row: InboundEvent
    link: ChatLink | None
    may_ask: bool


# --- messages -----------------------------------------------------------------------------------------------------


def on_message(heard: Heard) -> Act | None:
    event = heard.event
    if _is_our_own(heard.installation, event):
        return _confirm(heard.installation, event)
    if (
        event.get("subtype") in SPOKEN
        and not event.get("bot_id")
        and event.get("user") not in (None, SLACKBOT)
    ):
        return _on_reply(heard)
    return None


def _is_our_own(installation: Installation, event: dict[str, Any]) -> bool:
    profile = event.get("bot_profile")
    app_id = event.get("app_id") or (profile.get("app_id") if isinstance(profile, dict) else None)
    return (
        event.get("user") == installation.bot_user_id
        or event.get("bot_id") == installation.bot_id
        or app_id == installation.app_id
    )


def _confirm(installation: Installation, event: dict[str, Any]) -> Act | None:
    metadata = event.get("metadata")
    if not isinstance(metadata, dict) or event.get("subtype") not in (
        None,
        "bot_message",
        "thread_broadcast",
    ):
        return None
    payload, channel, ts = metadata.get("event_payload"), event.get("channel"), event.get("ts")
    if not (isinstance(payload, dict) and isinstance(ts, str) and isinstance(channel, str)):
        return None
    return promises.confirm(installation, channel, ts, str(metadata.get("event_type")), payload)


def _on_reply(heard: Heard) -> Act | None:
    event = heard.event
    channel, thread, ts = event.get("channel"), event.get("thread_ts"), event.get("ts")
    if not (isinstance(channel, str) and isinstance(thread, str) and isinstance(ts, str)) or thread == ts:
        return None
    link = heard.link
    if link is None:
        _wait_for_cards(heard.installation, channel)
        # a card that was settled between the two looks is known by now
        link = chat_link_for(heard.row.payload, channel, thread)
    return _reply(heard, link, ts) if link is not None else None


def _wait_for_cards(installation: Installation, channel: str) -> None:
    """A card that people see and we are still in doubt about may be the thread that they answer in."""
    threadless = ChatLink.objects.filter(installation=installation, channel_id=channel, root_ts=None)
    in_doubt = Delivery.objects.filter(
        link__in=threadless, kind=Delivery.Kind.CARD, state=Delivery.State.SENDING
    )
    if in_doubt.exists():
        raise NotYet(promises.GIVE_UP_AFTER)
    if threadless.exists():
        raise NotYet(THREAD_MAY_APPEAR)


def _reply(heard: Heard, link: ChatLink, ts: str) -> Act:
    installation, event = heard.installation, heard.event
    team_id = str(event.get("user_team") or event.get("team") or installation.slack_team_id)
    who = people.identity(installation, team_id, str(event["user"]), may_ask=heard.may_ask)
    segments = mrkdwn.segments_of(event, lambda mentioned: people.public_name(installation, mentioned))
    outsider = _is_outsider(installation, team_id, who)
    body = to_text(segments)
    reply = actions.Reply(ts, body, segments, is_note=outsider or mrkdwn.is_note(body))

    def act() -> None:
        if not body.strip():
            return
        known = who is not None and who.name
        agent = actions.agent_for(link.connection.workspace, who) if who is not None and known else None
        if problem := _record(link, reply, agent, outsider=outsider):
            transaction.on_commit(lambda: _tell_person(installation, event, problem), robust=True)
        actions.note_connection_event(link.connection)

    return act


def _record(link: ChatLink, reply: actions.Reply, agent: Agent | None, *, outsider: bool) -> str | None:
    """Gives what its author must be told, if anything."""
    try:
        actions.record_agent_reply(link, reply, agent)
    except Refused as refusal:
        return refusal.sentence
    return "Guests cannot write to visitors. Your line was kept as a note." if outsider else None


def _is_outsider(installation: Installation, team_id: str, who: SlackIdentity | None) -> bool:
    """Of people of other companies Slack often tells nothing but their team, and that in the event itself."""
    if installation.slack_team_id and team_id != installation.slack_team_id:
        return True
    return who is not None and who.is_outsider


def _tell_person(installation: Installation, event: dict[str, Any], text: str) -> None:
    """Only they see it. It is a courtesy: if Slack does not take it, the line in the console still says so."""
    where = {"channel": event["channel"], "thread_ts": event.get("thread_ts"), "user": event["user"]}
    try:
        client.call("chat.postEphemeral", installation.bot_token.reveal(), **where, **blocks.notice(text))
    except SlackError as error:
        log.info("a person could not be told: %s", error)


# --- leaving ------------------------------------------------------------------------------------------------------


def on_uninstalled(heard: Heard) -> Act | None:
    if _speaks_of_an_older_token(heard.installation, heard.row):
        return None
    gone = "The app was removed from Slack. Connect Slack again."
    return lambda: actions.revoke(heard.installation, gone)


def on_tokens_revoked(heard: Heard) -> Act | None:
    """Lists user ids, not tokens; ours is dead only if our bot user is named."""
    tokens = heard.event.get("tokens")
    bots = tokens.get("bot") if isinstance(tokens, dict) else None
    if not isinstance(bots, list) or heard.installation.bot_user_id not in bots:
        return None
    if _speaks_of_an_older_token(heard.installation, heard.row):
        return None
    return lambda: actions.revoke(heard.installation, "Slack revoked the app's key. Connect Slack again.")


def _speaks_of_an_older_token(installation: Installation, row: InboundEvent) -> bool:
    happened = actions.event_time(row.payload)
    return happened is not None and happened < installation.installed_at.replace(microsecond=0)


def on_channel_lost(heard: Heard) -> Act:
    """Archived, deleted or left: posts would be refused, so the queue waits and the owner is told."""
    channel = str(heard.event.get("channel") or "-")
    found = Connection.unscoped.filter(installation=heard.installation, channel_id=channel)

    def act() -> None:
        for connection in found:
            actions.note_channel_problem(connection, connection.channel_id, CHANNEL_PROBLEMS[heard.row.kind])

    return act


def on_member_left(heard: Heard) -> Act | None:
    return on_channel_lost(heard) if heard.event.get("user") == heard.installation.bot_user_id else None


_GONE = "The app is no longer in the channel. Invite it there with /invite, then press Try again."
CHANNEL_PROBLEMS = {
    "channel_archive": "The channel is archived. Unarchive it in Slack or choose another channel.",
    "group_archive": "The channel is archived. Unarchive it in Slack or choose another channel.",
    "channel_deleted": "The channel was deleted. Choose another channel.",
    "group_deleted": "The channel was deleted. Choose another channel.",
    "channel_left": _GONE,
    "group_left": _GONE,
    "member_left_channel": _GONE,
}
HANDLERS: dict[str, Callable[[Heard], Act | None]] = {
    "message": on_message,
    "app_uninstalled": on_uninstalled,
    "tokens_revoked": on_tokens_revoked,
    "member_left_channel": on_member_left,
    **{kind: on_channel_lost for kind in CHANNEL_PROBLEMS if kind != "member_left_channel"},
}
