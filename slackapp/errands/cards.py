"""The card: the first post of a chat, as the app itself, so that it can be changed whenever the chat changes."""

import logging

from livechat.models import ChatSession
from slackapp import card_blocks, card_facts, keys, linking, lookup, parting, promises, rooms
from slackapp.actions import cards
from slackapp.errands.errand import Errand
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do, sentence
from slackapp.models import ChatLink, ShownCard
from slackapp.promises import Job

log = logging.getLogger(__name__)


def call(job: Job) -> str:
    """Its ts; behind that, for `settle`, the fingerprint of its words and how many lines came before it."""
    unshown = parting.earlier_lines(job.link)
    said = card_blocks.card(card_facts.look(job.link, unshown=unshown).facts)
    return f"{post(job, said)} {card_blocks.fingerprint(said)} {unshown}"


def settle(chat: ChatSession, job: Job, named: str) -> None:
    """If the chat was given another place during the call, a card of that one is on its way, and this one is former.

    A look-up knows no more than the ts.
    """
    ts, words, unshown = (*named.split(" "), "", "0")[:3]
    if promises.still_unknown(job):
        promises.settle_sent(chat, job, ts)
        cards.note_posted(job.link, words, int(unshown))
        return
    same_team = ChatLink.objects.filter(pk=job.link.pk, installation=job.link.installation_id)
    if same_team.filter(root_ts=ts).exists():
        cards.note_posted(job.link, words, int(unshown))
    elif not job.link.is_noisy and same_team.exists():
        linking.note_former(job.link, ts)


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The chat's own channel is gone before it got its card."""
    if not job.link.is_noisy or error.todo is not Do.FIX_CHANNEL:
        return False
    rooms.fall_back(job, sentence(error.code), tell_owner=False)
    return True


# --- brought up to date -------------------------------------------------------------------------------------------


def update(job: Job) -> str:
    """Says what is so now, unless the card says that already; doing it twice is the same as once."""
    link = job.link
    shown = ShownCard.objects.filter(link=link).first()
    if link.root_ts is None or not ChatLink.objects.filter(pk=link.pk).exists():
        return ""  # its next card says it, or the visitor was erased meanwhile
    look = card_facts.look(link, unshown=shown.unshown if shown else 0)
    said, words = card_blocks.change(look.facts), card_blocks.fingerprint(card_blocks.card(look.facts))
    if shown is None or shown.words != words:
        keys.call(link.installation, "chat.update", channel=link.channel_id, ts=link.root_ts, **said)
    return words


def updated(chat: ChatSession, job: Job, words: str) -> None:
    promises.note_done(job)
    if words:
        cards.note_shown(job.link, words)


def not_updated(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The chat goes on under a card that is behind; its next change is tried again."""
    link = job.link
    here = not link.is_noisy and link.channel_id == link.connection.channel_id
    if error.stops_team or (error.todo is Do.FIX_CHANNEL and here):
        return False
    if error.todo is Do.TRY_AGAIN and job.head.attempts < promises.TRIES_OF_THE_UNKNOWN:
        return False
    log.log(logging.ERROR if error.todo is Do.GIVE_UP else logging.INFO, "a card stays behind: %s", error)
    promises.note_done(job)
    return True


CARD = Errand(call=call, settle=settle, find=lookup.find, refused=refused)
CARD_STATE = Errand(call=update, settle=updated, refused=not_updated)
