"""Removes from the storage what nobody is to see any more: a job that may run anywhere, twice, or a day late."""

import time

from livechat import replaying
from livechat.actions import fetched, files
from livechat.files import store

EVERY_SECONDS = 60
_next = 0.0


def remove_leftovers() -> None:
    """Bytes first, then the note of them: whoever dies in between repeats it harmlessly."""
    fetched.give_up_old_ones()
    replaying.keep_records()
    for key in files.forget_files():
        store.remove(key)
        files.note_removed(key)


def is_time() -> bool:
    """Once a minute in each process that sweeps."""
    global _next
    if time.monotonic() < _next:
        return False
    _next = time.monotonic() + EVERY_SECONDS
    return True
