"""Hints of the chat domain for Huey; the functions behind them are what is tested."""

from django.db import close_old_connections
from huey.contrib.djhuey import HUEY

from config import engine, planning
from livechat import ending, removal, retention, transcript_mails, visitor_mails
from livechat.actions import presence, searching, snoozing
from livechat.exports import jobs


@HUEY.task()  # type: ignore[untyped-decorator]
def _remove_leftovers() -> None:
    close_old_connections()
    removal.remove_leftovers()


@HUEY.task()  # type: ignore[untyped-decorator]
def _wake_due() -> None:
    close_old_connections()
    snoozing.wake_due()


@HUEY.task()  # type: ignore[untyped-decorator]
def _mail_transcripts() -> None:
    close_old_connections()
    transcript_mails.send_due()


@HUEY.task()  # type: ignore[untyped-decorator]
def _forget_what_is_old() -> None:
    close_old_connections()
    retention.forget_what_is_old()


def let_old_chats_go() -> None:
    """Some of each workspace's every few minutes, so that nobody who chats waits for it."""
    if engine.carries():
        _forget_what_is_old()


@HUEY.task()  # type: ignore[untyped-decorator]
def _look_over_tables() -> None:
    close_old_connections()
    planning.look_over()


def look_over_tables() -> None:
    if engine.carries():
        _look_over_tables()


@HUEY.task()  # type: ignore[untyped-decorator]
def _work_endings() -> None:
    close_old_connections()
    ending.work()


def look_after_endings() -> None:
    if not engine.carries():
        return
    close_old_connections()
    if ending.is_any_due():
        _work_endings()


@HUEY.task()  # type: ignore[untyped-decorator]
def _work_exports() -> None:
    close_old_connections()
    jobs.work()


def look_after_exports() -> None:
    if not engine.carries():
        return
    close_old_connections()
    if jobs.is_any_due():
        _work_exports()


@HUEY.task()  # type: ignore[untyped-decorator]
def _index_what_is_due() -> None:
    close_old_connections()
    searching.index_due()


@HUEY.task()  # type: ignore[untyped-decorator]
def _mail_visitors() -> None:
    close_old_connections()
    visitor_mails.send_due()


def review_presence() -> None:
    close_old_connections()
    presence.review()


def sweep() -> None:
    if not engine.carries():
        return
    close_old_connections()
    if snoozing.is_any_due():
        _wake_due()
    if visitor_mails.is_any_due():
        _mail_visitors()
    if transcript_mails.is_any_due():
        _mail_transcripts()
    if searching.is_any_due():
        _index_what_is_due()
    if removal.is_time():
        _remove_leftovers()
