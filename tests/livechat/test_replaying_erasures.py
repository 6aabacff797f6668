"""S28: whoever was erased is erased again when a backup of before brings them back."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage as storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import AuditEntry, Member
from livechat import replaying
from livechat.actions.erasure import erase_visitor
from livechat.models import Erasure, Message, Site, Visitor
from livechat.removal import remove_leftovers
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_storage(settings: Settings, tmp_path: Path) -> None:
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": place}


@pytest.fixture
def restore(claim: VisitorClaim) -> Callable[[], None]:
    """A backup of a moment when the visitor had said hello: their rows come back, and the erasure is not known."""
    say(claim, "Hello?")
    chat = chat_of(claim)
    kept = [Visitor.unscoped.get(pk=claim.visitor_id), chat, *Message.unscoped.filter(chat=chat)]

    def put_back() -> None:
        Erasure.unscoped.all().delete()
        for row in kept:
            row.save(force_insert=True)
            # `auto_now_add` has set it to the present
            for name in ("created_at", "started_at"):
                if (was := at[row.pk].get(name)) is not None:
                    type(row)._base_manager.filter(pk=row.pk).update(**{name: was})

    at = {row.pk: {name: getattr(row, name, None) for name in ("created_at", "started_at")} for row in kept}
    return put_back


def replay(**options: object) -> str:
    told = StringIO()
    call_command("replay_erasures", stdout=told, **options)
    return told.getvalue()


def test_whoever_is_back_is_erased_again(
    claim: VisitorClaim, site: Site, alice: Member, restore: Callable[[], None]
) -> None:
    other = newcomer(site)
    say(other, "Somebody else")
    erase_visitor(alice, claim.visitor_id)
    restore()
    assert Message.unscoped.filter(body="Hello?").exists()
    assert "1 visitors erased again" in replay()
    assert list(Message.unscoped.values_list("body", flat=True)) == ["Somebody else"]
    assert not Visitor.unscoped.filter(pk=claim.visitor_id).exists()
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="visitor.erased_again").count() == 1
    assert "0 visitors erased again" in replay()


def test_who_came_back_by_themselves_stays(
    claim: VisitorClaim, alice: Member, restore: Callable[[], None]
) -> None:
    """The same browser wrote after it was erased: that is somebody new."""
    erase_visitor(alice, claim.visitor_id)
    say(claim, "I am new here")
    assert "0 visitors erased again" in replay()
    assert list(Message.unscoped.values_list("body", flat=True)) == ["I am new here"]


def test_the_list_names_nobody(claim: VisitorClaim, alice: Member, restore: Callable[[], None]) -> None:
    found = erase_visitor(alice, claim.visitor_id)
    with storage.open(f"erased/{found.pk}") as content:
        text = content.read().decode()
    assert set(json.loads(text)) == {"erasure", "visitor_hash", "at"}
    assert str(claim.visitor_id) not in text
    assert claim.visitor_id.hex not in text


def test_what_a_crash_left_out_of_the_list_is_added_later(
    claim: VisitorClaim, alice: Member, restore: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*about: object, **more: object) -> str:
        raise OSError("disk full")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(storage, "save", full)
        erase_visitor(alice, claim.visitor_id)
    assert list(replaying.kept()) == []
    remove_leftovers()
    assert len(list(replaying.kept())) == 1
    remove_leftovers()
    assert len(list(replaying.kept())) == 1


def test_an_exported_list_does_without_the_storage(
    claim: VisitorClaim, alice: Member, restore: Callable[[], None], tmp_path: Path
) -> None:
    found = erase_visitor(alice, claim.visitor_id)
    exported = tmp_path / "list.jsonl"
    exported.write_text(replay(export=True))
    storage.delete(f"erased/{found.pk}")
    restore()
    assert "0 visitors erased again" in replay()
    assert "1 visitors erased again" in replay(file=str(exported))


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"erasure": "1", "visitor_hash": "2", "at": "3"}', "[]"])
def test_a_list_that_cannot_be_read_stops_it(
    claim: VisitorClaim, alice: Member, restore: Callable[[], None], tmp_path: Path, line: str
) -> None:
    torn = tmp_path / "torn.jsonl"
    torn.write_text(f"{line}\n")
    with pytest.raises(CommandError, match=r"torn\.jsonl, line 1"):
        replay(file=str(torn))
    with pytest.raises(CommandError, match="nobody was erased"):
        replay(file=str(tmp_path / "missing"))
