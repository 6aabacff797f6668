"""Whoever reads along: everything that is logged at any level, printed, or left in a row."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps

# the tests' own clients, which speak with Stripe's pages as a browser does; the product has none of them
NOT_OURS = ("httpx", "httpcore")


class Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in NOT_OURS:
            return
        parts = [record.name, record.getMessage(), repr(record.__dict__)]
        if record.exc_info and record.exc_info[0] is not None:
            parts += traceback.format_exception(*record.exc_info)
        self.heard.append("\n".join(parts))

    def text(self) -> str:
        return "\n".join(self.heard)


@contextmanager
def at_the_wall() -> Iterator[Ear]:
    """Everybody says everything they can, whatever the settings hush."""
    ear, root = Ear(), logging.getLogger()
    loggers = [
        root,
        *(one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)),
    ]
    kept = [(one, one.level, one.disabled) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.disabled = False
        if one is root or not one.propagate:
            one.addHandler(ear)
    try:
        yield ear
    finally:
        for one, level, disabled in kept:
            one.removeHandler(ear)
            one.setLevel(level)
            one.disabled = disabled


def rows() -> str:
    """Every row of every model, third parties' too."""
    return "\n".join(
        f"{model.__name__} {row!r}" for model in apps.get_models() for row in model._base_manager.values()
    )
