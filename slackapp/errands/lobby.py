"""What is posted because a chat is Noisy: its line in the lobby, kept up to date, and the line that ends it."""

from livechat.models import ChatSession
from slackapp import card_facts, keys, lookup, promises, room_blocks, rooms
from slackapp.actions import cards
from slackapp.card_blocks import CHANGED, fingerprint
from slackapp.errands.channels import do_without
from slackapp.errands.errand import Errand
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do
from slackapp.promises import Job


def announce(job: Job) -> str:
    return post(job, room_blocks.lobby(card_facts.look(job.link).facts, job.link, job.head.pk))


def update(job: Job) -> str:
    """Words and buttons as they are now; how often it is done makes no difference."""
    link = job.link
    if link.lobby_ts is None:
        return ""
    said = room_blocks.lobby(card_facts.look(link).facts, link, job.head.pk)
    shown = {name: said[name] for name in CHANGED}
    keys.call(link.installation, "chat.update", channel=link.lobby_channel_id, ts=link.lobby_ts, **shown)
    return fingerprint(said)


def updated(chat: ChatSession, job: Job, words: str) -> None:
    promises.note_done(job)
    cards.note_lobby(job.link, words)


def end(job: Job) -> str:
    return post(job, room_blocks.closing(job.head.pk, job.link.connection.grace_minutes))


def not_ended(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The channel is gone before its last line: there is nothing left to end."""
    return error.todo in (Do.FIX_CHANNEL, Do.TELL) and do_without(chat, job, error)


def tell_move(job: Job) -> str:
    return post(job, room_blocks.moved(job.head.pk, str(job.head.args["to"])))


LOBBY = Errand(call=announce, settle=rooms.settle_post, find=lookup.find)
LOBBY_STATE = Errand(call=update, settle=updated, refused=do_without)
CLOSING = Errand(call=end, settle=rooms.settle_post, find=lookup.find, refused=not_ended)
MOVED = Errand(call=tell_move, settle=rooms.settle_post, find=lookup.find, refused=not_ended)
