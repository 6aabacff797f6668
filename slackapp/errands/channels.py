"""A Noisy chat's own channel: made, named, invited to, given a topic, pinned in, renamed and archived."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from livechat.models import ChatSession
from slackapp import budgets, keys, promises, room_blocks, room_names, rooms
from slackapp.errands.errand import Errand
from slackapp.errors import Answered, Do, Unknown, sentence
from slackapp.kinds import ROOM_PATIENCE
from slackapp.lookup import CLOCK_SLACK
from slackapp.promises import Job
from slackapp.whispers import say_to

log = logging.getLogger(__name__)

CREATE = "conversations.create"
TOO_LONG = "it_took_too_long"
MOST_NAMES, MOST_PAGES = 8, 20
# the app may not do this one thing, and everything else goes on
OWN_RIGHTS = ("missing_scope", "no_permission", "access_denied")
WHY_NO_ROOM = {
    "restricted_action": "Slack does not let the app make channels: an admin decides who may.",
    "user_is_restricted": "Slack does not let the app make channels: an admin decides who may.",
    "cannot_create_channel": "Slack does not let the app make channels: an admin decides who may.",
    "missing_scope": "The app lacks the permission to make channels. Connect Slack again to grant it.",
    "no_permission": "The app lacks the permission to make channels. Connect Slack again to grant it.",
    "channels_limit_exceeded": "Slack takes no more channels from this workspace.",
    TOO_LONG: "Slack made no channel in good time: too many were asked for at once.",
}


def _call(job: Job, method: str, **arguments: Any) -> dict[str, Any]:
    return keys.call(job.link.installation, method, **arguments)


# --- making one ---------------------------------------------------------------------------------------------------


def make(job: Job) -> str:
    """Id and name of the channel. Slack gives a name only once: if ours is taken since an attempt of which we never

    heard, it is searched for and used. Several chats never want one name (linking.next_name).
    """
    head = job.head
    if _has_waited(job):
        if head.attempts > 1 and (found := _made_before(job)) is not None:
            return found
        raise Answered(CREATE, TOO_LONG)
    try:
        connection = job.link.connection
        of_org = {"team_id": connection.slack_team_id or None}
        answer = _call(job, CREATE, name=_wanted(job), is_private=connection.private_rooms, **of_org)
    except Answered as error:
        if error.code != "name_taken" or head.attempts < 2 or (found := _made_before(job)) is None:
            raise
        return found
    return _named(answer.get("channel"))


def _has_waited(job: Job) -> bool:
    """Slack has asked to wait for longer than a visitor's line should. An outage is another matter: it ends."""
    wait = budgets.asked_to_wait(job.link.installation, CREATE)
    return wait is not None and wait > job.head.created_at + ROOM_PATIENCE


def _wanted(job: Job) -> str:
    return room_names.another(job.link.room_name, int(job.head.args.get("attempt", 0)))


def _named(channel: Any) -> str:
    if not isinstance(channel, dict) or not isinstance(channel.get("id"), str):
        raise Unknown(f"{CREATE}: the answer has no channel")
    return f"{channel['id']} {channel.get('name') or ''}"


def _made_before(job: Job) -> str | None:
    """The channel of that name that the app made since the first attempt; None after a complete negative answer."""
    since = ((job.head.first_tried_at or job.head.created_at) - CLOCK_SLACK).timestamp()
    bot, wanted, cursor = job.link.installation.bot_user_id, _wanted(job), None
    for _ in range(MOST_PAGES):
        answer = _call(
            job,
            "users.conversations",
            types="public_channel,private_channel",
            exclude_archived=True,
            limit=200,
            cursor=cursor,
        )
        for channel in answer.get("channels") or []:
            if (
                channel.get("name") == wanted
                and channel.get("creator") == bot
                and channel["created"] >= since
            ):
                return _named(channel)
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
    raise Unknown("users.conversations: it did not come to an end")


def settle_made(chat: ChatSession, job: Job, named: str) -> None:
    channel_id, _, name = named.partition(" ")
    rooms.settle_made(chat, job, channel_id, name or _wanted(job))


def not_made(chat: ChatSession, job: Job, error: Answered) -> bool:
    if error.stops_team and error.code not in OWN_RIGHTS:
        return False
    if error.code == "name_taken" and int(job.head.args.get("attempt", 0)) < MOST_NAMES:
        rooms.name_again(job)
        return True
    rooms.fall_back(job, WHY_NO_ROOM.get(error.code) or sentence(error.code), tell_owner=True)
    return True


def too_many(chat: ChatSession, job: Job, until: datetime) -> bool:
    """Slack's limit is told to the owner too: it goes by itself, and says why some chats are threads."""
    if until <= job.head.created_at + ROOM_PATIENCE:
        return False
    rooms.fall_back(job, WHY_NO_ROOM[TOO_LONG], tell_owner=True)
    return True


# --- what would be nice to have -----------------------------------------------------------------------------------


def done(chat: ChatSession, job: Job, named: str) -> None:
    promises.note_done(job)


def do_without(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The chat goes on without it. Only a dead key stops everything, as ever."""
    if error.stops_team and error.code not in OWN_RIGHTS:
        return False
    if error.todo is not Do.DONE:
        log.info("a chat's channel does without: %s", error)
    promises.note_done(job)
    return True


def invite(job: Job) -> str:
    """With `force` whoever may come is invited, and the others are listed (docs: conversations.invite)."""
    users = job.head.args["users"]
    answer = _call(
        job, "conversations.invite", channel=job.link.channel_id, users=",".join(users), force=len(users) > 1
    )
    for error in answer.get("errors") or []:
        log.info("somebody could not be invited: %s", error.get("error") if isinstance(error, dict) else "")
    return ""


def invited(chat: ChatSession, job: Job, named: str) -> None:
    promises.note_done(job)
    _tell(job, f"You are in #{job.link.room_name} now.")


def not_invited(chat: ChatSession, job: Job, error: Answered) -> bool:
    if not do_without(chat, job, error):
        return False
    if error.code in ("already_in_channel", "cant_invite_self"):
        _tell(job, f"You are in #{job.link.room_name} already.")
    else:
        _tell(job, f"Slack does not let the app invite you to #{job.link.room_name} ({error.code}).")
    return True


def _tell(job: Job, text: str) -> None:
    """Whoever pressed *Join*, in the channel where they did; after the commit, as a courtesy."""
    place = job.head.args.get("pressed_in")
    if place:
        transaction.on_commit(lambda: _whisper(job, str(place), text), robust=True)


def _whisper(job: Job, channel_id: str, text: str) -> None:
    say_to(job.link.installation, str(job.head.args["users"][0]), text, channel_id)


def set_topic(job: Job) -> str:
    _call(job, "conversations.setTopic", channel=job.link.channel_id, topic=room_blocks.topic(job.link.chat))
    return ""


def pin(job: Job) -> str:
    if job.link.root_ts is not None:
        _call(job, "pins.add", channel=job.link.channel_id, timestamp=job.link.root_ts)
    return ""


# --- the end ------------------------------------------------------------------------------------------------------


def rename(job: Job) -> str:
    """The name that Slack gave, which may not be the one that was asked for."""
    name = room_names.another(str(job.head.args["name"]), int(job.head.args.get("attempt", 0)))
    answer = _call(job, "conversations.rename", channel=job.link.channel_id, name=name[-80:])
    channel = answer.get("channel")
    return str(channel.get("name") or name) if isinstance(channel, dict) else name


def settle_renamed(chat: ChatSession, job: Job, named: str) -> None:
    promises.note_done(job)
    rooms.note_name(job.link, named)
    rooms.plan_archive(chat, job)


def not_renamed(chat: ChatSession, job: Job, error: Answered) -> bool:
    if error.code == "name_taken" and int(job.head.args.get("attempt", 0)) < MOST_NAMES:
        rooms.name_again(job)
        return True
    if not do_without(chat, job, error):
        return False
    rooms.plan_archive(chat, job)
    return True


def archive(job: Job) -> str:
    _call(job, "conversations.archive", channel=job.link.channel_id)
    return ""


def settle_archived(chat: ChatSession, job: Job, named: str) -> None:
    rooms.settle_archived(chat, job)


def not_archived(chat: ChatSession, job: Job, error: Answered) -> bool:
    if error.todo is Do.DONE:
        rooms.settle_archived(chat, job)
        return True
    if error.code == "restricted_action":
        rooms.note_problem(
            job.link, "Slack does not let the app archive channels: please archive them by hand."
        )
    return do_without(chat, job, error)


ROOM = Errand(call=make, settle=settle_made, refused=not_made, limited=too_many)
INVITE = Errand(call=invite, settle=invited, refused=not_invited)
TOPIC = Errand(call=set_topic, settle=done, refused=do_without)
PIN = Errand(call=pin, settle=done, refused=do_without)
RENAME = Errand(call=rename, settle=settle_renamed, refused=not_renamed)
ARCHIVE = Errand(call=archive, settle=settle_archived, refused=not_archived)
