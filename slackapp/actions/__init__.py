"""Every write of Slack's rows that is not a promise or a lane: installations, connections, events, links, people."""

import logging
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actions import audit
from accounts.errors import Refused
from accounts.models import Agent, Member, User
from config.prepared import Change, Insert, Prepared
from livechat.actions import messages
from livechat.models import ChatSession, Message, Site
from slackapp import lanes, parting, receipts, sharing
from slackapp.access import delivery_for
from slackapp.actions.channels import MENDED
from slackapp.actions.channels import note_channel_problem as note_channel_problem
from slackapp.actions.files import add_files, promise_fetches
from slackapp.actions.keys import doubted_until
from slackapp.actions.leaving import disconnect as disconnect
from slackapp.actions.leaving import revoke as revoke
from slackapp.actions.people import agent_for as agent_for
from slackapp.actions.people import store_identity as store_identity
from slackapp.actions.recording import record_event as record_event
from slackapp.actions.settings import changing
from slackapp.actions.waking import tell_owners_of, wake_chores, wake_lanes
from slackapp.models import (
    ChatLink,
    Connection,
    Delivery,
    InboundEvent,
    Installation,
    MessageLink,
    OAuthState,
)
from slackapp.shared_files import SlackFile

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
    """A person's message in a chat's thread, translated into our words. `edition` if they have edited it since."""

    ts: str
    body: str
    segments: list[dict[str, Any]]
    is_note: bool
    edition: str = ""
    user: str = ""
    files: tuple[SlackFile, ...] = ()
    # channel, thread and author, to tell them what did not work
    place: dict[str, str] = field(default_factory=dict)
    # it begins so that it stays inside, whoever wrote it and whatever the policy
    is_private: bool = False

    @property
    def says_anything(self) -> bool:
        return bool(self.body.strip() or self.files)


def record_agent_reply(link: ChatLink, reply: Reply, agent: Agent | None) -> Message | None:
    """The message and its link, inside the event's transaction; None if this (installation, channel, ts) is recorded.

    What was heard of it before itself holds: a deleted line is dropped, a locked one becomes a note.
    Locks the chat's row, under which all of its thread's lines are recorded.
    """
    where: dict[str, Any] = {"installation_id": link.installation_id, "channel_id": link.channel_id}
    where["ts"] = reply.ts
    chat = messages.lock_chat(link.chat_id)
    known = _RECORDED.first(**where)
    if known is not None and known.message_id:
        _add_late_files(link, chat, known.message_id, reply)
        return None
    if known is not None and known.early == MessageLink.Early.GONE:
        return None
    if known is not None:
        message = _post_reply(link, chat, replace(reply, is_note=True), agent)
        MessageLink.objects.filter(pk=known.pk).update(message=message, early="", edition=reply.edition)
        return message
    message = _post_reply(link, chat, reply, agent)
    receipt = receipts.begun(link, message)
    said = {"edition": reply.edition, "receipt": receipt, "slack_user_id": reply.user}
    _LINK.later(MessageLink(message=message, from_slack=True, **said, **where))
    return message


def _add_late_files(link: ChatLink, chat: ChatSession, message_id: uuid.UUID, reply: Reply) -> None:
    """An edition that came before its line may have known of a file only that it was deleted."""
    if reply.files:
        message = Message.unscoped.select_related("agent").get(pk=message_id)
        message.chat = chat
        add_files(link, chat, message, reply.files, reply.place)


def _post_reply(link: ChatLink, chat: ChatSession, reply: Reply, agent: Agent | None) -> Message:
    message = Message(author_kind=Message.Author.AGENT, agent=agent, body=reply.body, segments=reply.segments)
    if reply.edition:
        message.edited_at = timezone.now()
    if reply.is_note:
        messages.note_in(chat, message)
    else:
        messages.answer_in(chat, agent, message, mirror=False)
    if reply.files:
        promise_fetches(link, message, reply.files, reply.place)
    return message


# --- installing ---------------------------------------------------------------------------------------------------


def store_installation(found: dict[str, Any]) -> Installation:
    """`found`: the columns as oauth.v2.access and auth.test gave them. Installing again replaces token and scopes."""
    key = {name: found[name] for name in ("enterprise_id", "slack_team_id", "app_id")}
    with transaction.atomic():
        wake_lanes(Q(**{f"deliveries__link__installation__{name}": value for name, value in key.items()}))
        installation = Installation.objects.select_for_update().filter(**key).first() or Installation(**key)
        for name, value in found.items():
            setattr(installation, name, value)
        installation.state, installation.problem = Installation.State.ACTIVE, ""
        installation.revoked_at = installation.paused_until = installation.delete_at = None
        installation.farewell_at = installation.farewell_until = installation.doubted_until = None
        installation.installed_at, installation.failures, installation.tries = timezone.now(), 0, 0
        installation.save()
        wake_chores(installation.pk)
        return installation


def start_connection(member: Member, site: Site, mode: str) -> Connection:
    """A connection that waits for OAuth and a channel. A site's earlier unfinished one is replaced."""
    if mode not in Connection.Mode.values:
        raise Refused("refused", "Choose Still or Noisy: a thread or a channel for each chat.")
    with transaction.atomic():
        current = Connection.objects.in_workspace(member.workspace).filter(site=site, is_default=True)
        current = current.exclude(state=Connection.State.DISCONNECTED)
        if (known := current.first()) is not None:
            if known.state == Connection.State.PENDING and known.mode != mode:
                known.mode = mode
                known.save(update_fields=["mode"])
            return known
        connection = Connection.unscoped.create(workspace=member.workspace, site=site, mode=mode)
        audit(member.workspace, member.user, "slack.connection_started", str(connection.pk))
        return connection


def attach_installation(connection: Connection, installation: Installation) -> None:
    with transaction.atomic():
        wake_lanes(Q(deliveries__link__connection=connection))
        changed = Connection.unscoped.filter(pk=connection.pk).exclude(state=Connection.State.DISCONNECTED)
        state = Connection.State.READY if connection.channel_id else Connection.State.PENDING
        if connection.installation_id != installation.pk:
            changed.update(channel_id="", channel_name="")
            state = Connection.State.PENDING
        changed.update(**{**MENDED, "state": state, "installation": installation})


def choose_channel(member: Member, connection: Connection, channel_id: str, channel_name: str) -> None:
    with changing(member, connection, "slack.channel_chosen", channel_id):
        wake_lanes(Q(deliveries__link__connection=connection))
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(
            channel_id=channel_id, channel_name=channel_name, heal_tries=0, **MENDED
        )
        # of two workspaces that choose it at once the second is refused
        Installation.objects.select_for_update(of=("self",)).filter(connections=connection).first()
        if channel_id in sharing.others_in(connection):
            raise Refused("taken", "That channel is taken. Choose another one, or make a new one.")


def note_team(connection: Connection, team_id: str) -> None:
    connection.slack_team_id = team_id
    Connection.unscoped.filter(pk=connection.pk).update(slack_team_id=team_id)


def choose_team(member: Member, connection: Connection, team_id: str) -> None:
    """Another team has other channels."""
    with changing(member, connection, "slack.team_chosen", team_id):
        changed = Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk)
        moved = changed.exclude(slack_team_id=team_id)
        moved.update(slack_team_id=team_id, channel_id="", channel_name="", state=Connection.State.PENDING)


# --- trouble ------------------------------------------------------------------------------------------------------


def note_installation_problem(installation: Installation, problem: str, code: str = "") -> None:
    """Slack refused the token, by this code: its queues stop, the owner sees why and *Connect again*."""
    with transaction.atomic():
        # an answer to the key before the last says nothing of the one that the owner has just given
        active = Installation.objects.filter(
            pk=installation.pk, state=Installation.State.ACTIVE, installed_at=installation.installed_at
        )
        until = doubted_until(code)
        if active.update(state=Installation.State.NEEDS_REAUTH, problem=problem, doubted_until=until):
            tell_owners_of(installation.pk, problem)
            wake_chores(installation.pk)


def try_again(member: Member, connection: Connection) -> None:
    """The owner says that the channel is mended: whatever waits goes out, or says again what is wrong."""
    with transaction.atomic():
        wake_lanes(Q(deliveries__link__connection=connection))
        broken = Connection.objects.in_workspace(member.workspace).filter(
            pk=connection.pk, state=Connection.State.BROKEN
        )
        broken.update(heal_tries=0, **MENDED)


def replay(member: Member, delivery_id: object) -> None:
    """*Send again* on a dead letter. It takes its old place in the chat's order."""
    delivery = delivery_for(member, delivery_id)
    with transaction.atomic():
        chat = messages.lock_chat(delivery.link_id)
        _find_another_way(chat, delivery)
        delivery = parting.behind_the_card(delivery)
        dead = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.DEAD)
        if not dead.update(state=Delivery.State.PENDING, attempts=0, problem="", created_at=timezone.now()):
            raise Refused("refused", "This message is not waiting to be sent again.")
        lanes.mark_due(delivery.lane_id)
        if delivery.message is not None:
            messages.note_mirrored(chat, [delivery.message], Message.Mirror.QUEUED)
        audit(member.workspace, member.user, "slack.delivery_replayed", str(delivery.pk))
        transaction.on_commit(lambda: _ring_deliver(delivery.lane_id), robust=True)


def _find_another_way(chat: ChatSession, delivery: Delivery) -> None:
    if parting.has_ended(delivery.link) and parting.follow(chat, delivery.link) is None:
        raise Refused(
            "not_connected", "This site is not connected to Slack any more. Connect it, then send again."
        )


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
    state_hash: str, browser_hash: str, purpose: str, **more: User | Connection | str | None
) -> None:
    """`more`: user, connection and `leads_to`, as the purpose needs them."""
    OAuthState.objects.filter(created_at__lt=timezone.now() - timedelta(days=1)).delete()
    OAuthState.objects.create(state_hash=state_hash, browser_hash=browser_hash, purpose=purpose, **more)


def note_oauth_state_used(row: OAuthState) -> None:
    OAuthState.objects.filter(pk=row.pk).update(used_at=timezone.now())
