"""Recorded events, worked in the order of their arrival per thread. Each becomes at most one action."""

import logging
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Agent
from config.engine import ring_in
from config.prepared import Prepared
from livechat.segments import to_text
from slackapp import actions, blocks, client, lanes, mrkdwn, people, promises
from slackapp.access import chat_link_for, installation_for
from slackapp.errors import SlackError
from slackapp.models import ChatLink, Connection, Delivery, InboundEvent, Installation, SlackIdentity

log = logging.getLogger(__name__)

TRIES = 8
THREAD_MAY_APPEAR = timedelta(seconds=30)
SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
SLACKBOT = "USLACKBOT"
_PENDING = Prepared(
    lambda lane_key: InboundEvent.objects.filter(
        lane_key=lane_key, state=InboundEvent.State.PENDING
    ).order_by("pk")[:1]
)


class NotYet(Exception):
    """The event speaks of something that may be about to exist; it is tried again for as long as `patience`."""

    def __init__(self, patience: timedelta) -> None:
        super().__init__()
        self.patience = patience


def work_inbound(lane_id: int, lane_key: str) -> None:
    """Works one inbound lane until it is empty. One event that fails waits, then is put aside; the others follow."""
    token = lanes.claim(lane_id)
    if token is None:
        return
    row = _first_pending(lane_key)
    while True:
        wait = _attempt(row) if row is not None else None
        row = _next(lane_id, lane_key, token, wait)
        if row is None:
            return


def _first_pending(lane_key: str) -> InboundEvent | None:
    return _PENDING.first(lane_key=lane_key)


def _next(lane_id: int, lane_key: str, token: uuid.UUID, wait: timedelta | None) -> InboundEvent | None:
    """The lane's next event, or None and the lane is given back. A waiting lane is rung again in time."""
    with transaction.atomic():
        lane = lanes.hold(lane_id, token)
        if lane is None:
            return None
        row = _first_pending(lane_key) if wait is None else None
        if row is not None:
            lanes.renew(lane)
            return row
        lanes.release(lane, timezone.now() + wait if wait is not None else None)
    if wait is not None:
        from slackapp import tasks

        ring_in(wait.total_seconds(), lambda: tasks.ring_inbound(lane_id, lane_key))
    return None


def _attempt(row: InboundEvent) -> timedelta | None:
    """None when the event is over, else how long to wait before it is tried again."""
    try:
        handle(row)
    except NotYet as not_yet:
        age = timezone.now() - row.received_at
        if age < not_yet.patience:
            return timedelta(seconds=1) if age < THREAD_MAY_APPEAR else timedelta(seconds=15)
        actions.note_event_done(row)
    except Exception as error:
        log.exception("an event of Slack could not be worked")
        dead = row.attempts + 1 >= TRIES
        actions.note_event_failed(row, f"{type(error).__name__}: {error}", dead=dead)
        return None if dead else promises.backoff(row.attempts + 1)
    return None


def handle(row: InboundEvent) -> None:
    """Every authentic event ends here; kinds that mean nothing to us are only marked as done."""
    event = row.payload.get("event")
    installation = installation_for(row.payload)
    handler = HANDLERS.get(row.kind)
    if installation is not None and handler is not None and isinstance(event, dict):
        handler(installation, event, row)
    actions.note_event_done(row)


# --- messages -----------------------------------------------------------------------------------------------------


def on_message(installation: Installation, event: dict[str, Any], row: InboundEvent) -> None:
    if _is_our_own(installation, event):
        _confirm(installation, event)
    elif (
        event.get("subtype") in SPOKEN
        and not event.get("bot_id")
        and event.get("user") not in (None, SLACKBOT)
    ):
        _on_reply(installation, event, row)


def _is_our_own(installation: Installation, event: dict[str, Any]) -> bool:
    profile = event.get("bot_profile")
    app_id = event.get("app_id") or (profile.get("app_id") if isinstance(profile, dict) else None)
    return (
        event.get("user") == installation.bot_user_id
        or event.get("bot_id") == installation.bot_id
        or app_id == installation.app_id
    )


def _confirm(installation: Installation, event: dict[str, Any]) -> None:
    metadata = event.get("metadata")
    if not isinstance(metadata, dict) or event.get("subtype") not in (
        None,
        "bot_message",
        "thread_broadcast",
    ):
        return
    payload = metadata.get("event_payload")
    if (
        isinstance(payload, dict)
        and isinstance(event.get("ts"), str)
        and isinstance(event.get("channel"), str)
    ):
        event_type = str(metadata.get("event_type"))
        promises.confirm(installation, event["channel"], event["ts"], event_type, payload)


def _on_reply(installation: Installation, event: dict[str, Any], row: InboundEvent) -> None:
    channel, thread, ts = event.get("channel"), event.get("thread_ts"), event.get("ts")
    if not (isinstance(channel, str) and isinstance(thread, str) and isinstance(ts, str)) or thread == ts:
        return
    link = chat_link_for(installation, channel, thread)
    if link is None:
        _wait_for_cards(installation, channel)
        return
    actions.note_connection_event(link.connection)
    _record(installation, link, event, ts)


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


def _record(installation: Installation, link: ChatLink, event: dict[str, Any], ts: str) -> None:
    user_id = str(event["user"])
    team_id = str(event.get("user_team") or event.get("team") or installation.slack_team_id)
    who = people.identity(installation, team_id, user_id)
    segments = mrkdwn.segments_of(event, lambda mentioned: people.public_name(installation, mentioned))
    body = to_text(segments)
    outsider = _is_outsider(installation, team_id, who)
    if not body.strip():
        return
    agent: Agent | None = None
    if who is not None and who.name:
        agent = actions.agent_for(link.chat.site.workspace, who)
    reply = actions.Reply(ts, body, segments, is_note=outsider or mrkdwn.is_note(body))
    try:
        actions.record_agent_reply(link, reply, agent)
    except Refused as refusal:
        _tell_person(installation, event, refusal.sentence)
    else:
        if outsider:
            _tell_person(
                installation, event, "Guests cannot write to visitors. Your line was kept as a note."
            )


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


def on_uninstalled(installation: Installation, event: dict[str, Any], row: InboundEvent) -> None:
    if not _speaks_of_an_older_token(installation, row):
        actions.revoke(installation, "The app was removed from Slack. Connect Slack again.")


def on_tokens_revoked(installation: Installation, event: dict[str, Any], row: InboundEvent) -> None:
    """Lists user ids, not tokens; ours is dead only if our bot user is named."""
    tokens = event.get("tokens")
    bots = tokens.get("bot") if isinstance(tokens, dict) else None
    if (
        isinstance(bots, list)
        and installation.bot_user_id in bots
        and not _speaks_of_an_older_token(installation, row)
    ):
        actions.revoke(installation, "Slack revoked the app's key. Connect Slack again.")


def _speaks_of_an_older_token(installation: Installation, row: InboundEvent) -> bool:
    happened = actions.event_time(row.payload)
    return happened is not None and happened < installation.installed_at.replace(microsecond=0)


def on_channel_lost(installation: Installation, event: dict[str, Any], row: InboundEvent) -> None:
    """Archived, deleted or left: posts would be refused, so the queue waits and the owner is told."""
    channel = event.get("channel")
    for connection in Connection.unscoped.filter(installation=installation, channel_id=str(channel or "-")):
        actions.note_channel_problem(connection, connection.channel_id, CHANNEL_PROBLEMS[row.kind])


def on_member_left(installation: Installation, event: dict[str, Any], row: InboundEvent) -> None:
    if event.get("user") == installation.bot_user_id:
        on_channel_lost(installation, event, row)


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
HANDLERS = {
    "message": on_message,
    "app_uninstalled": on_uninstalled,
    "tokens_revoked": on_tokens_revoked,
    "member_left_channel": on_member_left,
    **{kind: on_channel_lost for kind in CHANNEL_PROBLEMS if kind != "member_left_channel"},
}
