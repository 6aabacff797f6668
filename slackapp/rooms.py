"""A Noisy chat's own channel through its life: made, refused, closed, opened again, lost. Only promises are made here.

Everything runs inside a transaction with the chat's row locked. What no line should wait for goes aside.
"""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from livechat.events import ChatChanged
from livechat.models import ChatSession
from slackapp import linking, past, promises, room_names, threads
from slackapp.kinds import OF_ROOMS
from slackapp.models import ChatLink, Connection, Delivery
from slackapp.promises import Job, aside

Room = ChatLink.Room
Kind = Delivery.Kind
AT_ONCE = 100
MEANWHILE = "New chats are threads in the connection’s channel meanwhile."


# --- made ---------------------------------------------------------------------------------------------------------


def settle_made(chat: ChatSession, job: Job, channel_id: str, name: str) -> None:
    """The channel is there; people are called to it while the card and the lines go in.

    Nobody wants it if the chat was given another place during the call.
    """
    if not promises.still_unknown(job):
        return
    link = _fresh(job.link)
    if _is_anothers(link, channel_id):
        name_again(job)
        return
    room = Room.OPEN if link.room == Room.WANTED else link.room
    _set(link, channel_id=channel_id, room_name=name[:100], room=room)
    promises.note_done(job)
    responders = link.connection.responders
    for start in range(0, len(responders), AT_ONCE):
        aside(link, Kind.INVITE, users=responders[start : start + AT_ONCE])
    aside(link, Kind.LOBBY)
    aside(link, Kind.TOPIC)
    _tell_old_room(chat, channel_id)
    note_problem(link, "")


def _tell_old_room(chat: ChatSession, channel_id: str) -> None:
    """Whoever still reads the visitor's channel of before is told where they are now."""
    before = ChatLink.objects.filter(pk=chat.previous_id, room=Room.CLOSING).first()
    if before is not None and before.is_noisy:
        aside(before, Kind.MOVED, to=channel_id)


def _is_anothers(link: ChatLink, channel_id: str) -> bool:
    taken = ChatLink.objects.filter(installation_id=link.installation_id, channel_id=channel_id)
    return taken.filter(mode=Connection.Mode.NOISY).exclude(pk=link.pk).exists()


def name_again(job: Job) -> None:
    """Somebody else's channel has the name: the next one is tried at once."""
    promises.settle_not_sent(job, "the name is taken")
    args = {**job.head.args, "attempt": int(job.head.args.get("attempt", 0)) + 1}
    Delivery.objects.filter(pk=job.head.pk).update(args=args, attempts=0)


def call_in(link: ChatLink, user_id: str, pressed_in: str = "") -> bool:
    """Invites somebody who asked for it. `pressed_in` is the channel where they are told how it went; False if

    there is no channel to invite to.
    """
    if not (link.is_noisy and link.channel_id):
        return False
    aside(link, Kind.INVITE, users=[user_id], pressed_in=pressed_in)
    return True


# --- refused or lost ----------------------------------------------------------------------------------------------


def fall_back(job: Job, problem: str, *, tell_owner: bool) -> None:
    """Slack will not have it so: the chat goes on as a thread in the lobby, and no line of it is lost."""
    promises.settle_not_sent(job, problem)
    become_thread(_fresh(job.link))
    if tell_owner:
        note_problem(job.link, f"{problem} {MEANWHILE}")


def become_thread(link: ChatLink) -> None:
    past.note(link)
    _unsent(link, *OF_ROOMS).delete()
    if link.lobby_ts is None:
        _unsent(link, Kind.LOBBY).delete()  # the card itself stands in the lobby
    channel_id = link.lobby_channel_id or link.connection.channel_id
    _set(link, mode=Connection.Mode.STILL, room=Room.LOST, channel_id=channel_id, root_ts=None)
    threads.post_card_again(link)
    _wake(link)
    show_state(link)


def on_lost(link: ChatLink, chat: ChatSession) -> None:
    """The app may no longer write in the channel, which people still can: they find the chat in the lobby."""
    if chat.is_open:
        become_thread(link)
    elif link.room != Room.ARCHIVED:
        _set(link, room=Room.LOST)


def note_over(link: ChatLink) -> None:
    """Somebody archived or deleted the channel: before the chat is closed for it, so that nothing is posted there."""
    _set(link, room=Room.ARCHIVED)
    _forget_ending(link)
    _wake(link)  # what is on its way yet is refused there, and goes to the lobby


# --- closed and opened again --------------------------------------------------------------------------------------


def on_chat_changed(fact: ChatChanged) -> None:
    """Listens to every change of a chat, most of which are marks that moved: what concerns colleagues is told apart."""
    if (fact.frame or {}).get("type") != "chat" and not fact.for_team:
        return
    links = ChatLink.objects.select_related("connection", "lane", "chat__visitor")
    link = links.filter(pk=fact.chat.pk).exclude(room=Room.NONE).first()
    if link is None or link.connection.state == Connection.State.DISCONNECTED:
        return
    if not fact.chat.is_open and link.is_noisy and link.room in (Room.WANTED, Room.OPEN):
        _close(link)
    elif fact.chat.is_open and link.is_noisy:
        _open_again(link)
    show_state(link)


def _close(link: ChatLink) -> None:
    """A last line, after which the name is freed and the channel's grace begins."""
    if link.room == Room.OPEN:
        _set(link, room=Room.CLOSING)
    if not _unsent(link, Kind.CLOSING).exists():
        Delivery.objects.create(lane_id=link.lane_id, link=link, kind=Kind.CLOSING)
        _wake(link)


def settle_post(chat: ChatSession, job: Job, ts: str) -> None:
    """For every post, whether its answer or its echo came first; what follows from it follows once."""
    is_first = promises.still_unknown(job)
    promises.settle_sent(chat, job, ts)
    if job.head.kind == Kind.REMIND_LOBBY:
        past.note_post(job.link, ts)
    if job.head.kind == Kind.CLOSING and is_first and not chat.is_open:
        _begin_grace(_fresh(job.link))


def _begin_grace(link: ChatLink) -> None:
    if link.room in (Room.WANTED, Room.OPEN, Room.CLOSING):
        _set(link, room=Room.CLOSING)
        aside(link, Kind.RENAME, name=room_names.name_when_over(link.room_name), ending=True)


def plan_archive(chat: ChatSession, job: Job) -> None:
    """After the renaming, as an archived channel keeps its name for ever; unless the chat was opened meanwhile."""
    link = _fresh(job.link)
    if not job.head.args.get("ending") or chat.is_open or link.room != Room.CLOSING:
        return
    if not _unsent(link, Kind.ARCHIVE).exists():
        until = timezone.now() + timedelta(minutes=link.connection.grace_minutes)
        promises.late(link, Kind.ARCHIVE, until)


def _open_again(link: ChatLink) -> None:
    """Within the grace the channel is simply used again. An archived one cannot be (a bot may not unarchive), nor

    one that was deleted: the chat gets a new channel.
    """
    if link.room in (Room.WANTED, Room.OPEN):
        _unsent(link, Kind.CLOSING).delete()  # it was closed before its channel was there
        return
    _forget_ending(link)
    if link.room == Room.CLOSING:
        _set(link, room=Room.OPEN)
        aside(link, Kind.RENAME, name=room_names.name_when_open(link.room_name))
        return
    _wake(link)  # its lane is locked before the installation, which counts the names
    past.note(link)
    name = linking.next_name(link)
    _set(link, room=Room.WANTED, channel_id="", root_ts=None, room_name=name, lobby_ts=None)
    linking.promise_place(link)


def _forget_ending(link: ChatLink) -> None:
    _unsent(link, Kind.CLOSING, Kind.RENAME, Kind.ARCHIVE).delete()


def settle_archived(chat: ChatSession, job: Job) -> None:
    """An answer may have opened the chat again while Slack was archiving."""
    promises.note_done(job)
    link = _fresh(job.link)
    if chat.is_open and link.is_noisy:
        become_thread(link)
    elif link.room == Room.CLOSING:
        _set(link, room=Room.ARCHIVED)


# --- shown in the lobby -------------------------------------------------------------------------------------------


def show_state(link: ChatLink) -> None:
    """The line in the lobby says who has the chat, that it is over, or where it went; one promise does for several."""
    if link.lobby_ts is not None and not _unsent(link, Kind.LOBBY_STATE).exists():
        aside(link, Kind.LOBBY_STATE)


def room_of_previous(chat: ChatSession) -> str:
    """The channel of the visitor's chat before; empty if that had none."""
    before = ChatLink.objects.filter(pk=chat.previous_id, mode=Connection.Mode.NOISY)
    return before.values_list("channel_id", flat=True).first() or ""


# --- rows ---------------------------------------------------------------------------------------------------------


def _unsent(link: ChatLink, *kinds: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(link=link, kind__in=kinds, state=Delivery.State.PENDING)


def _fresh(link: ChatLink) -> ChatLink:
    """Under the chat's lock: what a worker read before its call may be old."""
    return ChatLink.objects.select_related("connection", "lane", "chat__visitor").get(pk=link.pk)


def _set(link: ChatLink, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(link, name, value)
    ChatLink.objects.filter(pk=link.pk).update(**columns)


def note_name(link: ChatLink, name: str) -> None:
    _set(link, room_name=name[:100])


def _wake(link: ChatLink) -> None:
    promises.wake(link.lane_id)


def note_problem(link: ChatLink, problem: str) -> None:
    """Once until it is mended: the first chat that met it says why."""
    connections = Connection.unscoped.filter(pk=link.connection_id)
    if problem:
        connections.filter(rooms_problem="").update(rooms_problem=problem[:300])
    elif link.connection.rooms_problem:
        connections.update(rooms_problem="")
