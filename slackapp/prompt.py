"""What Slack wants answered inside its request: commands, shortcuts, forms, suggestions.

A `trigger_id` opens a form for three seconds, and a command that is not answered in that time is an error in red. So
these run at once, on threads that neither sockets nor workers use: however much there is to tell Slack, whoever asks is
answered. What takes longer than DEADLINE_SECONDS is answered with a word, and followed up when it is done.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connections

from slackapp import asked as asking
from slackapp import client, commands, modals, shortcuts, suggestions
from slackapp.asked import Asked, Json
from slackapp.commands.verb import Answer
from slackapp.errors import SlackError
from slackapp.interactivity import BLOCK_ACTIONS, is_in_modal, mapping, pressed
from slackapp.modals.modal import replaced, sentence

log = logging.getLogger(__name__)
R = TypeVar("R")

THREADS = 8
# beyond them nobody would be answered in time
MOST_WAITING = 200
DEADLINE_SECONDS = 2.0
# a form that takes longer to be made begins with a word
WAIT_SECONDS = 0.3
ONE_MOMENT = {"response_type": "ephemeral", "text": "One moment…"}
BUSY = "There is too much to do at the moment, and nothing was changed. Please try again in a minute."
FAILED = "That did not work, and nothing was changed. Please try again, or do it in the console."
ANSWERED_HERE = frozenset(
    ("block_suggestion", "view_submission", "view_closed", "shortcut", "message_action")
)

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="prompt")
_waiting: set[asyncio.Future[Any]] = set()


class Busy(Exception):
    pass


def _start(work: Callable[[], R]) -> asyncio.Future[R]:
    """On a thread of ours. It goes on when nobody waits any more; what it raises then is logged."""
    if len(_waiting) >= MOST_WAITING:
        raise Busy

    def run() -> R:
        try:
            return work()
        finally:
            # asked a few times a minute: a connection for each costs less than caring for idle ones
            connections.close_all()

    return _kept(asyncio.get_running_loop().run_in_executor(_pool, run))


def _kept(future: asyncio.Future[R]) -> asyncio.Future[R]:
    """The loop itself holds tasks weakly."""
    _waiting.add(future)
    future.add_done_callback(_forget)
    return future


def _forget(future: asyncio.Future[Any]) -> None:
    _waiting.discard(future)
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("an answer to somebody in Slack failed", exc_info=error)


async def _in_time(future: asyncio.Future[Any]) -> bool:
    await asyncio.wait([future], timeout=DEADLINE_SECONDS)
    return future.done()


# --- commands -------------------------------------------------------------------------------------------------------


async def command(fields: Json) -> Json | None:
    """What its author is to read, None for nothing. A late answer follows at the command's response_url."""
    try:
        answering = _start(lambda: commands.answer(fields))
    except Busy:
        return {**ONE_MOMENT, "text": BUSY}
    if await _in_time(answering):
        return answering.result() if answering.exception() is None else {**ONE_MOMENT, "text": FAILED}
    _kept(asyncio.ensure_future(_follow_up(str(fields.get("response_url") or ""), answering)))
    return ONE_MOMENT


async def _follow_up(address: str, answering: asyncio.Future[Json | None]) -> None:
    answer: Json | None
    try:
        answer = await answering
    except Exception:  # noqa: BLE001 - it was logged where it ended
        answer = {**ONE_MOMENT, "text": FAILED}
    if answer is not None:
        said = answer
        await _start(lambda: _say(address, said))


def _say(address: str, said: Json) -> None:
    """At a response_url: without a key, and for half an hour."""
    if not address:
        return
    try:
        client.respond(address, {"replace_original": False, **said})
    except SlackError as error:
        log.info("an answer came to nothing: %s", error)


# --- what is pressed, picked and sent ------------------------------------------------------------------------------


def is_answered_here(payload: Json) -> bool:
    """Everything else that people press is recorded like an event."""
    if payload.get("type") != BLOCK_ACTIONS:
        return payload.get("type") in ANSWERED_HERE
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions:
        return False
    name, _ = pressed(mapping(actions[0]))
    return name in modals.MODALS or is_in_modal(payload)


async def interaction(payload: Json) -> Json | None:
    """What Slack wants to hear; None for nothing."""
    kind = payload.get("type")
    if kind == "view_closed":
        return None
    try:
        if kind == "block_suggestion":
            return await _options(payload)
        if kind == "view_submission":
            return await _sent(payload)
        await _in_time(_kept(asyncio.ensure_future(_open(payload))))
    except Busy:
        log.warning("somebody in Slack was not answered: too many wait")
        return replaced(sentence(BUSY)) if kind == "view_submission" else None
    return None


async def _options(payload: Json) -> Json:
    suggesting = _start(lambda: _suggested(payload))
    ready = await _in_time(suggesting) and suggesting.exception() is None
    return suggesting.result() if ready else {"options": []}


def _suggested(payload: Json) -> Json:
    asked = asking.of_interaction(payload)
    return suggestions.suggest(asked) if asked is not None else {"options": []}


async def _sent(payload: Json) -> Json | None:
    sending = _start(lambda: _taken(payload))
    if not await _in_time(sending):
        _kept(asyncio.ensure_future(_show_late(payload, sending)))
        return replaced(modals.WAIT)
    return sending.result() if sending.exception() is None else replaced(sentence(FAILED))


def _taken(payload: Json) -> Json | None:
    asked = asking.of_interaction(payload)
    return modals.send(asked) if asked is not None else replaced(sentence(commands.not_connected()))


async def _show_late(payload: Json, sending: asyncio.Future[Json | None]) -> None:
    """In the form that says *One moment*: what it would have been answered with."""
    answer = await sending or {}
    wrong = " ".join(answer.get("errors", {}).values())
    view = answer.get("view") or sentence(wrong or "Done.")
    await _start(lambda: _change(payload, view))


def _change(payload: Json, view: Json) -> None:
    asked = asking.of_interaction(payload)
    if asked is not None:
        modals.change(asked, str(mapping(payload.get("view")).get("id") or ""), view)


async def _open(payload: Json) -> None:
    asked = await _start(lambda: asking.of_interaction(payload))
    if asked is None:
        await _start(
            lambda: _say(str(payload.get("response_url") or ""), Answer(commands.not_connected()).wire)
        )
    elif payload.get("type") != BLOCK_ACTIONS:
        await _show(asked, shortcuts.opening(asked.name))
    elif asked.name in modals.MODALS:
        await _show(asked, modals.MODALS[asked.name].open)
    else:
        await _start(lambda: modals.pick(asked))


async def _show(asked: Asked, build: Callable[[Asked], Json]) -> None:
    building = _start(lambda: modals.built(asked.name, build, asked))
    await asyncio.wait([building], timeout=WAIT_SECONDS)
    if building.done():
        await _start(lambda: modals.show(asked, building.result()))
        return
    view_id = await _start(lambda: modals.show(asked, modals.WAIT))
    view = await building
    if view_id:
        await _start(lambda: modals.change(asked, view_id, view))
