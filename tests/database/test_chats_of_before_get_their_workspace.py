"""Migrations 0033 to 0036 over rows of before: every chat gets the workspace of its site, and the way back loses none.

SQLite makes the table anew for it, with triggers that look at each row; a copy of the test's database goes both ways.
"""

import os
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession, Site, Visitor
from tests.cast import newcomer, say, shop_of
from tests.stack import ROOT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies a file"),
    pytest.mark.timeout(180),
]
BEFORE, HALFWAY = "0032_addresses_that_want_no_mails", "0033_chats_know_their_workspace"
# more than the migration takes at once
MANY = 1100


@pytest.fixture
def copy(tmp_path: Path, alice: Member, mallory: Member) -> Path:
    shop = shop_of(alice)
    many_chats(shop)
    for site in (shop, shop_of(mallory, "Globex Shop")):
        say(newcomer(site), "Where are my boots?")
    path = tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(path)) as file:
        connection.connection.backup(file)
    return path


def many_chats(site: Site) -> None:
    now = timezone.now()
    visitors = [Visitor(id=uuid.uuid4(), site=site, token_hash=uuid.uuid4().hex) for _ in range(MANY)]
    Visitor.unscoped.bulk_create(visitors)
    chats = (
        ChatSession(workspace_id=site.workspace_id, site=site, visitor=visitor, last_message_at=now)
        for visitor in visitors
    )
    ChatSession.unscoped.bulk_create(chats)


def migrate(path: Path, *target: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0", *target]
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{path}"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def rows(path: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(statement).fetchall()


def workspaces(path: Path) -> list[Any]:
    return rows(path, "SELECT id, workspace_id FROM livechat_chatsession ORDER BY id")


def around(path: Path) -> list[Any]:
    """What stands around the rows: triggers and indexes of chats, and what is said in them."""
    names = (
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name LIKE 'livechat_chat%' AND type != 'table'"
    )
    return [sorted(rows(path, names)), rows(path, "SELECT chat_id, body FROM livechat_message ORDER BY id")]


def is_whole(path: Path) -> bool:
    return rows(path, "PRAGMA foreign_key_check") == [] and rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_the_way_back_and_forward_again_changes_nothing(copy: Path, alice: Member, mallory: Member) -> None:
    known, stood = workspaces(copy), around(copy)
    theirs = [workspace for _, workspace in known]
    assert [theirs.count(who.workspace_id.hex) for who in (alice, mallory)] == [MANY + 1, 1]
    migrate(copy, "livechat", BEFORE)
    columns = [name for _, name, *_ in rows(copy, "PRAGMA table_info(livechat_chatsession)")]
    assert "workspace_id" not in columns
    assert rows(copy, "SELECT count(*) FROM livechat_chatsession") == [(MANY + 2,)]
    assert is_whole(copy)
    migrate(copy)
    assert workspaces(copy) == known
    assert around(copy) == stood
    assert is_whole(copy)


def test_what_was_stopped_halfway_goes_on(copy: Path) -> None:
    """Some were filled before it was killed, and some began meanwhile with their workspace."""
    known = workspaces(copy)
    migrate(copy, "livechat", HALFWAY)
    with closing(sqlite3.connect(copy)) as file:
        file.executemany(
            "UPDATE livechat_chatsession SET workspace_id = ? WHERE id = ?", [(w, c) for c, w in known[:500]]
        )
        file.execute("UPDATE livechat_chatsession SET workspace_id = NULL WHERE id > ?", [known[499][0]])
        file.commit()
    migrate(copy)
    assert workspaces(copy) == known
    assert is_whole(copy)
