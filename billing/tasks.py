"""Hints of billing for Huey; the functions behind them are what is tested."""

import logging

from django.conf import settings
from django.db import close_old_connections
from huey.contrib.djhuey import HUEY

from billing import inbox, mailing, nearing, seating
from billing.actions import beginning, events, mirroring
from billing.errors import BillingError
from config import engine

log = logging.getLogger(__name__)


@HUEY.task()  # type: ignore[untyped-decorator]
def _work() -> None:
    close_old_connections()
    inbox.work()


@HUEY.task()  # type: ignore[untyped-decorator]
def _find_missed() -> None:
    close_old_connections()
    try:
        inbox.find_missed()
    except BillingError as error:
        # Stripe is away, or our key is wrong: asked again in a quarter of an hour
        log.warning("Stripe could not be asked for what was missed: %s", error.problem)
    inbox.work()


@HUEY.task()  # type: ignore[untyped-decorator]
def _settle() -> None:
    close_old_connections()
    mirroring.settle_those_due()


@HUEY.task()  # type: ignore[untyped-decorator]
def _forget_old() -> None:
    close_old_connections()
    events.forget_old()


@HUEY.task()  # type: ignore[untyped-decorator]
def _send_mails() -> None:
    close_old_connections()
    mailing.send_due()


@HUEY.task()  # type: ignore[untyped-decorator]
def _seat() -> None:
    close_old_connections()
    seating.work()


@HUEY.task()  # type: ignore[untyped-decorator]
def _begin() -> None:
    close_old_connections()
    if settings.STRIPE_SECRET_KEY:
        beginning.begin_those_waiting()
    else:
        beginning.release_all()


@HUEY.task()  # type: ignore[untyped-decorator]
def _count_chats() -> None:
    close_old_connections()
    nearing.count_all()
    nearing.send_due()


def ring() -> None:
    """Something is due now."""
    _work()


def sweep() -> None:
    """Finds what a lost ring or a dead worker left. Harmless to run anywhere at any time."""
    if settings.STRIPE_SECRET_KEY and engine.carries():
        _work()
        _settle()
        _send_mails()
        _seat()


def find_missed() -> None:
    """Stripe gives up after three days; whatever our door did not take is asked for long before."""
    if settings.STRIPE_SECRET_KEY and engine.carries():
        _find_missed()


def begin() -> None:
    """A key that came, or went, since the workspaces began."""
    if engine.carries():
        _begin()


def count_chats() -> None:
    """Where nothing is sold nothing is limited, and nobody needs to be told."""
    if settings.STRIPE_SECRET_KEY and engine.carries():
        _count_chats()


def forget_old() -> None:
    """Also where the key is gone: nobody needs what was."""
    if engine.carries():
        _forget_old()
