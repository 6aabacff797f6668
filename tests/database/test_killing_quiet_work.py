"""C10, L2, L4, W7: exports, retention and mails whose worker is killed with SIGKILL, and what the next one does.

A process of its own does the work and dies at the worst moment: right after it has called something.
"""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from accounts import mails
from accounts.access import agent_of
from accounts.models import Member, Workspace
from livechat import removal, retention, visitor_mails
from livechat.actions import chats, exports, mails_going_out, messages
from livechat.actions import retention as letting_go
from livechat.actions.answering import take_form
from livechat.exports import jobs
from livechat.files import store
from livechat.models import Attachment, ChatSession, Erasure, Export, Message, StorageOrphan, Visitor
from livechat.models import VisitorMail as Mail
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[[], object]


def dies(work: Work, place: Any, name: str) -> None:
    """Killed right after the first call of `place.name`."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        _work_until_killed(work, place, name)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it never came to that"
    assert os.WTERMSIG(status) == signal.SIGKILL


def _work_until_killed(work: Work, place: Any, name: str) -> None:
    """In the child, which never comes back."""
    real = getattr(place, name)

    def last_call(*given: Any, **named: Any) -> None:
        real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    signal.alarm(30)
    setattr(place, name, last_call)
    try:
        work()
    finally:
        os._exit(1)


@pytest.fixture
def post(settings: Settings, tmp_path: Path) -> Path:
    """Where mails of any process arrive."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "post")
    return tmp_path / "post"


def mailed(post: Path) -> int:
    return sum(path.read_text().count("Subject: ") for path in post.glob("*")) if post.exists() else 0


def stored() -> list[Path]:
    return [path for path in Path(default_storage.path("")).rglob("*") if path.is_file()]


def a_day_passes() -> None:
    StorageOrphan.objects.update(remove_after=timezone.now() - timedelta(seconds=1))
    removal.remove_leftovers()


@pytest.mark.parametrize(
    ("place", "name", "sent"),
    [
        (exports, "take", 1),
        (exports, "note_place", 1),
        (store, "put", 1),
        (exports, "finish", 1),
        # taken before it is sent: the mail is lost, and the page has the same link
        (exports, "take_mail", 0),
        (mails, "tell", 1),
    ],
)
def test_an_export_is_made_once(alice: Member, post: Path, place: Any, name: str, sent: int) -> None:
    cast.say(cast.newcomer(cast.shop_of(alice)), "Zebrafish")
    exports.ask(alice)
    dies(jobs.work, place, name)
    # the claim of the dead one is over after two minutes
    Export.unscoped.filter(state="waiting").update(try_at=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        jobs.work()
    a_day_passes()
    export = Export.unscoped.get()
    assert (export.state, mailed(post), len(stored())) == ("ready", sent, 1)
    assert store.open_stored(export.storage_key).read(2) == b"PK"


@pytest.mark.parametrize(
    ("place", "name", "gone"),
    [(letting_go, "publish", 0), (letting_go, "_forget", 0), (retention, "forget_chat", 1)],
)
def test_a_killed_sweep_leaves_no_chat_half_deleted(alice: Member, place: Any, name: str, gone: int) -> None:
    shop = cast.shop_of(alice)
    long_ago = timezone.now() - timedelta(days=100)
    Workspace.objects.filter(pk=alice.workspace_id).update(keep_days=30, keep_from=long_ago)
    for _ in range(3):
        claim = cast.newcomer(shop)
        cast.say_with(claim, cast.uploaded(claim, "boots.txt", b"red boots"), text="Zebrafish")
        chats.close_chat(cast.chat_of(claim).pk)
    ChatSession.unscoped.update(closed_at=long_ago)
    rows = (ChatSession, Message, Attachment, Visitor)
    before = [model.unscoped.count() for model in rows]
    dies(retention.forget_what_is_old, place, name)
    assert [model.unscoped.count() for model in rows] == [one * (3 - gone) // 3 for one in before]
    assert retention.forget_what_is_old() == 3 - gone
    assert [model.unscoped.count() for model in rows] == [0, 0, 0, 0]
    told = Erasure.unscoped.get()
    assert (told.chats, told.messages) == (3, before[1])
    a_day_passes()
    assert stored() == []


@pytest.mark.parametrize(
    ("place", "name", "sent"),
    [
        # at most once: what is taken counts as mailed, and its words stand in the chat
        (mails_going_out, "take", 0),
        (EmailMessage, "send", 1),
    ],
)
def test_a_visitor_is_mailed_at_most_once(
    alice: Member, bob: Member, post: Path, place: Any, name: str, sent: int
) -> None:
    claim = cast.newcomer(cast.shop_of(alice))
    cast.say(claim)
    take_form(claim, {"email": "ana@example.com"})
    ChatSession.unscoped.update(started_at=timezone.now() - timedelta(hours=1))
    messages.post_agent_message(cast.chat_of(claim).pk, agent_of(bob), "At nine.")
    Mail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    dies(visitor_mails.send_due, place, name)
    assert (visitor_mails.send_due(), mailed(post)) == (0, sent)
    # the next answer is mailed as ever, alone
    messages.post_agent_message(cast.chat_of(claim).pk, agent_of(bob), "Or at ten.")
    Mail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert (visitor_mails.send_due(), mailed(post)) == (1, sent + 1)
