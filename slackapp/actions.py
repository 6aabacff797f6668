"""Every write of Slack's rows that is not a promise or a lane: installations, connections, events, links, people."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actions import audit, upsert_external_agent
from accounts.errors import Refused
from accounts.models import Agent, Member, User, Workspace
from config.prepared import Change, Insert, Prepared
from livechat.actions import messages
from livechat.models import ChatSession, Message, Site
from slackapp import lanes, notices
from slackapp.access import delivery_for
from slackapp.models import (
    ChatLink,
    Connection,
    Delivery,
    InboundEvent,
    Installation,
    Lane,
    MessageLink,
    OAuthState,
    SlackIdentity,
)

log = logging.getLogger(__name__)

POST_MARK_EVERY = timedelta(seconds=30)
_LINK = Insert(MessageLink)
_RECORDED = Prepared(
    lambda installation_id, channel_id, ts: MessageLink.objects.filter(
        installation_id=installation_id, channel_id=channel_id, ts=ts, from_slack=True
    )
)
_NOTE_DONE = Change(
    lambda pk, at: (
        InboundEvent.objects.filter(pk=pk, state=InboundEvent.State.PENDING),
        {"state": InboundEvent.State.DONE, "done_at": at, "problem": ""},
    ),
    pk=int,
    at=datetime,
)


# --- what Slack tells ---------------------------------------------------------------------------------------------


def record_event(payload: dict[str, Any]) -> None:
    """One short transaction: the row and its lane. A repeat of the same `event_id` changes nothing."""
    event = payload.get("event") if isinstance(payload.get("event"), dict) else {}
    assert isinstance(event, dict)
    kind = str(event.get("type") or payload.get("type") or "unknown")[:60]
    lane_key = _lane_key(payload, event)
    lane_id = lanes.put_event(_event_id(payload), kind, lane_key, payload)
    transaction.on_commit(lambda: _ring_inbound(lane_id, lane_key), robust=True)


def _ring_inbound(lane_id: int, lane_key: str) -> None:
    from slackapp import tasks

    tasks.ring_inbound(lane_id, lane_key)


def _event_id(payload: dict[str, Any]) -> str:
    """Slack's id; for the few payloads without one (app_rate_limited) the hash of what they say."""
    given = payload.get("event_id")
    if isinstance(given, str) and 0 < len(given) <= 100:
        return given
    return "sha256:" + hashlib.sha256(repr(sorted(payload.items())).encode()).hexdigest()


def _lane_key(payload: dict[str, Any], event: dict[str, Any]) -> str:
    """Events of one thread are worked in the order of their arrival; different threads never wait for each other."""
    inner = event.get("message") or event.get("previous_message") or event
    thread = (inner.get("thread_ts") or inner.get("ts") if isinstance(inner, dict) else "") or ""
    channel = event.get("channel") if isinstance(event.get("channel"), str) else ""
    key = f"in:{payload.get('team_id') or ''}:{channel}:{thread if event.get('type') == 'message' else ''}"
    return key if len(key) <= 100 else "in:" + hashlib.sha256(key.encode()).hexdigest()


def note_event_done(row: InboundEvent) -> bool:
    """In the transaction of what the event does; False if another worker was quicker. The caller holds its lane."""
    return _NOTE_DONE(pk=row.pk, at=timezone.now()) == 1


def note_event_failed(row: InboundEvent, problem: str, *, dead: bool) -> bool:
    """False if it has been done meanwhile. The caller holds its lane."""
    state = InboundEvent.State.DEAD if dead else InboundEvent.State.PENDING
    pending = InboundEvent.objects.filter(pk=row.pk, state=InboundEvent.State.PENDING)
    return pending.update(state=state, attempts=row.attempts + 1, problem=problem[:300]) == 1


def note_connection_event(connection: Connection) -> None:
    """A sign of life for the health page; written at most twice a minute, so that it never is the bottleneck."""
    now = timezone.now()
    if connection.last_event_at is None or now - connection.last_event_at > POST_MARK_EVERY:
        Connection.unscoped.filter(pk=connection.pk).update(last_event_at=now)


def note_posted(connection: Connection) -> None:
    now = timezone.now()
    if connection.last_post_at is None or now - connection.last_post_at > POST_MARK_EVERY:
        Connection.unscoped.filter(pk=connection.pk).update(last_post_at=now)


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's message in a chat's thread, translated into our words."""

    ts: str
    body: str
    segments: list[dict[str, Any]]
    is_note: bool


def record_agent_reply(link: ChatLink, reply: Reply, agent: Agent | None) -> Message | None:
    """The message and its link, inside the event's transaction; None if this (installation, channel, ts) is recorded.

    Locks the chat's row, under which all of its thread's lines are recorded.
    """
    where: dict[str, Any] = {"installation_id": link.installation_id, "channel_id": link.channel_id}
    where["ts"] = reply.ts
    chat = messages.lock_chat(link.chat_id)
    if _RECORDED.first(**where) is not None:
        return None
    message = _post_reply(chat, reply, agent)
    _LINK(MessageLink(message=message, from_slack=True, **where))
    return message


def _post_reply(chat: ChatSession, reply: Reply, agent: Agent | None) -> Message:
    message = Message(author_kind=Message.Author.AGENT, agent=agent, body=reply.body, segments=reply.segments)
    if reply.is_note:
        return messages.note_in(chat, message)
    return messages.answer_in(chat, agent, message, mirror=False)


def store_identity(team_id: str, user_id: str, known: dict[str, Any]) -> SlackIdentity:
    identity, _ = SlackIdentity.objects.update_or_create(
        slack_team_id=team_id, slack_user_id=user_id, defaults={**known, "fetched_at": timezone.now()}
    )
    return identity


def agent_for(workspace: Workspace, identity: SlackIdentity) -> Agent:
    external_id = f"slack:{identity.slack_team_id}:{identity.slack_user_id}"
    return upsert_external_agent(workspace, external_id, identity.name, identity.title, identity.avatar_url)


# --- installing ---------------------------------------------------------------------------------------------------


def store_installation(found: dict[str, Any]) -> Installation:
    """`found`: the columns as oauth.v2.access and auth.test gave them. Installing again replaces token and scopes."""
    key = {name: found[name] for name in ("enterprise_id", "slack_team_id", "app_id")}
    with transaction.atomic():
        wake_lanes(Q(**{f"chat_link__installation__{name}": value for name, value in key.items()}))
        installation = Installation.objects.select_for_update().filter(**key).first() or Installation(**key)
        for name, value in found.items():
            setattr(installation, name, value)
        installation.state, installation.problem = Installation.State.ACTIVE, ""
        installation.revoked_at = installation.paused_until = None
        installation.installed_at, installation.failures = timezone.now(), 0
        installation.save()
        return installation


def wake_lanes(which: Q) -> None:
    """Lanes with open promises are due again: called first in the transaction that mends what stopped them.

    Their row locks come before those of connection and installation, as they do for the workers. Whoever parks a
    lane for the old state after this looked is woken once more when the new state is there.
    """
    _mark_waiting_due(which)
    transaction.on_commit(lambda: _mark_waiting_due(which), robust=True)


def _mark_waiting_due(which: Q) -> None:
    open_states = (Delivery.State.PENDING, Delivery.State.SENDING)
    waiting = Lane.objects.filter(which, deliveries__state__in=open_states).order_by("pk")
    for lane_id in list(waiting.values_list("pk", flat=True).distinct()):
        lanes.mark_due(lane_id)


def start_connection(member: Member, site: Site, mode: str) -> Connection:
    """A connection that waits for OAuth and a channel. A site's earlier unfinished one is replaced."""
    if mode != Connection.Mode.STILL:
        raise Refused("refused", "Only Still mode can be chosen: each chat becomes a thread in one channel.")
    with transaction.atomic():
        current = Connection.objects.in_workspace(member.workspace).filter(site=site, is_default=True)
        current = current.exclude(state=Connection.State.DISCONNECTED)
        if (known := current.first()) is not None:
            return known
        connection = Connection.unscoped.create(workspace=member.workspace, site=site, mode=mode)
        audit(member.workspace, member.user, "slack.connection_started", str(connection.pk))
        return connection


def attach_installation(connection: Connection, installation: Installation) -> None:
    with transaction.atomic():
        wake_lanes(Q(chat_link__connection=connection))
        changed = Connection.unscoped.filter(pk=connection.pk).exclude(state=Connection.State.DISCONNECTED)
        state = Connection.State.READY if connection.channel_id else Connection.State.PENDING
        if connection.installation_id != installation.pk:
            changed.update(channel_id="", channel_name="")
            state = Connection.State.PENDING
        changed.update(installation=installation, state=state, problem="")


def choose_channel(member: Member, connection: Connection, channel_id: str, channel_name: str) -> None:
    with transaction.atomic():
        wake_lanes(Q(chat_link__connection=connection))
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(
            channel_id=channel_id, channel_name=channel_name, state=Connection.State.READY, problem=""
        )
        audit(member.workspace, member.user, "slack.channel_chosen", f"{connection.pk} {channel_id}")


def disconnect(member: Member, connection: Connection) -> None:
    """No new chat goes there; what is queued stays queued and is shown. The installation stays while others use it."""
    with transaction.atomic():
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(
            state=Connection.State.DISCONNECTED, problem=""
        )
        audit(member.workspace, member.user, "slack.disconnected", str(connection.pk))
        _forget_unused_token(connection)


def _forget_unused_token(connection: Connection) -> None:
    installation = connection.installation
    if installation is None:
        return
    used = Connection.unscoped.filter(installation=installation).exclude(state=Connection.State.DISCONNECTED)
    if not used.exists():
        revoke(installation, "Slack was disconnected in the console.")


def revoke(installation: Installation, problem: str) -> None:
    """The token is wiped at once and the queue stops; promises stay until somebody connects again.

    Only the one that `installation` was read with: what Slack says of an earlier one does not touch it.
    """
    with transaction.atomic():
        locked = Installation.objects.select_for_update().get(pk=installation.pk)
        if locked.installed_at != installation.installed_at:
            return
        locked.bot_token, locked.state, locked.problem = "", Installation.State.REVOKED, problem
        locked.revoked_at = timezone.now()
        locked.save(update_fields=["bot_token", "state", "problem", "revoked_at"])
        _tell_owners_of(installation, problem)


# --- trouble ------------------------------------------------------------------------------------------------------


def note_installation_problem(installation: Installation, problem: str) -> None:
    """Slack refused the token: its queues stop, the owner sees why and *Connect again*."""
    with transaction.atomic():
        # an answer to the key before the last says nothing of the one that the owner has just given
        active = Installation.objects.filter(
            pk=installation.pk, state=Installation.State.ACTIVE, installed_at=installation.installed_at
        )
        if active.update(state=Installation.State.NEEDS_REAUTH, problem=problem):
            _tell_owners_of(installation, problem)


def _tell_owners_of(installation: Installation, problem: str) -> None:
    for connection_id in notices.connections_of(installation.pk).values_list("pk", flat=True):
        _tell_owners(connection_id, problem)


def _tell_owners(connection_id: Any, problem: str) -> None:
    from slackapp import tasks

    transaction.on_commit(lambda: tasks.tell_owners(connection_id, problem), robust=True)


def note_channel_problem(connection: Connection, channel_id: str, problem: str) -> bool:
    """True if the connection stops for it; False if it has long moved to another channel and only old chats care."""
    if connection.channel_id != channel_id:
        return False
    with transaction.atomic():
        ready = Connection.unscoped.filter(
            pk=connection.pk, channel_id=channel_id, state=Connection.State.READY
        )
        if ready.update(state=Connection.State.BROKEN, problem=problem):
            _tell_owners(connection.pk, problem)
    return True


def try_again(member: Member, connection: Connection) -> None:
    """The owner says that the channel is mended: whatever waits goes out, or says again what is wrong."""
    with transaction.atomic():
        wake_lanes(Q(chat_link__connection=connection))
        broken = Connection.objects.in_workspace(member.workspace).filter(
            pk=connection.pk, state=Connection.State.BROKEN
        )
        broken.update(state=Connection.State.READY, problem="")


def replay(member: Member, delivery_id: object) -> None:
    """*Send again* on a dead letter. It takes its old place in the chat's order."""
    delivery = delivery_for(member, delivery_id)
    with transaction.atomic():
        chat = messages.lock_chat(delivery.link_id)
        dead = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.DEAD)
        if not dead.update(state=Delivery.State.PENDING, attempts=0, problem="", created_at=timezone.now()):
            raise Refused("refused", "This message is not waiting to be sent again.")
        lanes.mark_due(delivery.lane_id)
        if delivery.message is not None:
            messages.note_mirrored(chat, [delivery.message], Message.Mirror.QUEUED)
        audit(member.workspace, member.user, "slack.delivery_replayed", str(delivery.pk))
        transaction.on_commit(lambda: _ring_deliver(delivery.lane_id), robust=True)


def _ring_deliver(lane_id: int) -> None:
    from slackapp import tasks

    tasks.ring_deliver(lane_id)


def event_time(payload: dict[str, Any]) -> datetime | None:
    """When Slack says that an event happened; a late `tokens_revoked` may speak of an older token."""
    seconds = payload.get("event_time")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, tz=timezone.get_default_timezone())


def store_oauth_state(
    state_hash: str, browser_hash: str, purpose: str, user: User, connection: Connection
) -> None:
    OAuthState.objects.filter(created_at__lt=timezone.now() - timedelta(days=1)).delete()
    OAuthState.objects.create(
        state_hash=state_hash, browser_hash=browser_hash, purpose=purpose, user=user, connection=connection
    )


def note_oauth_state_used(row: OAuthState) -> None:
    OAuthState.objects.filter(pk=row.pk).update(used_at=timezone.now())
