"""C11: what is asked again and again goes by an index, so that it costs the same among a million messages.

Real rows, and what the database has learnt of them: a table that is nearly empty is read whole by any plan.
"""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from huey.contrib.djhuey import HUEY

from accounts.models import Member, Workspace
from config import engine
from livechat import missed_rings
from livechat.access import still_on_their_way
from livechat.actions.bulk import look_over
from livechat.actions.searching import index_due
from livechat.chat_lists import Choice, in_order
from livechat.models import ChatSession, Message, SearchDue, SearchLine, Visitor
from livechat.retention import too_old

pytestmark = pytest.mark.django_db
CHATS, LINES = 1000, 4000
# where nearly all chats are one workspace's, PostgreSQL may as well go by the moment alone
LISTED = "chat_in_order" if connection.vendor == "sqlite" else "chat_in_order|chat_moved"
LARGE = (ChatSession, Message, SearchLine)


@pytest.fixture
def owner() -> Member:
    """Of a workspace with many chats, beside another one with a tenth of them."""
    call_command("seed_load", chats=CHATS, messages=LINES, stdout=StringIO(), stderr=StringIO())
    workspace = Workspace.objects.get(name="Load")
    visitors = Visitor.objects.in_workspace(workspace)
    visitors.filter(pk__in=list(visitors.values_list("pk", flat=True)[:5])).update(blocked_at=timezone.now())
    look_over()
    return Member.objects.in_workspace(workspace).get(role="owner")


def walks(plan: str) -> list[str]:
    """Large tables that a plan reads from end to end."""
    names = "|".join(model._meta.db_table for model in LARGE)
    whole = re.compile(rf"Seq Scan on ({names})\b|\bSCAN ({names})\b(?! USING)")
    return [line for line in plan.splitlines() if whole.search(line)]


def test_sweeps_and_lists_go_by_an_index(owner: Member) -> None:
    now, chats = timezone.now(), ChatSession.unscoped
    asked: dict[str, tuple[str, QuerySet[Any, Any]]] = {
        "Slack delayed": ("message_on_its_way", still_on_their_way(now)),
        "snoozed, due": ("chat_snoozed", chats.filter(snoozed_until__lte=now).order_by("snoozed_until")),
        "to be reminded": ("chat_to_remind", chats.filter(remind_at__lte=now)),
        "chats that moved": ("chat_moved", chats.filter(last_message_at__gt=now)),
        "too old": (
            "chat_closed",
            too_old(owner.workspace, now - timedelta(725)).order_by("closed_at")[:200],
        ),
        "closed": (LISTED, in_order(owner, Choice("closed"))[:51]),
        "open": (LISTED, in_order(owner, Choice())[:51]),
        "blocked": ("visitor_blocked", in_order(owner, Choice("blocked"))[:51]),
    }
    for name, (index, query) in asked.items():
        plan = query.explain()
        assert re.search(index, plan), f"{name}\n{plan}"
        assert not walks(plan), f"{name}\n{plan}"


def test_what_is_named_is_found_by_its_name(owner: Member) -> None:
    """Not by going through all chats of a workspace, as SQLite would that has never looked its tables over."""
    ids = list(Message.unscoped.values_list("pk", flat=True)[:20])
    plan = Message.objects.in_workspace(owner.workspace).filter(pk__in=ids).explain()
    assert not any(Message._meta.db_table in walk for walk in walks(plan)), plan
    assert "(workspace_id=?)" not in plan, plan
    if connection.vendor == "postgresql":
        # what is due is seldom more than a few rows, which it would rather read and sort
        connection.cursor().execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    due = SearchDue.objects.order_by("-id")[:10].explain()
    found = due + SearchLine.unscoped.filter(pk__in=[1, 2]).explain()
    assert "SEARCH" in found or "Index" in found
    assert "TEMP B-TREE" not in found
    assert "Sort" not in found


def test_no_sweep_reads_a_large_table_from_end_to_end(owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is run as it runs while nothing is due; whatever it asks is asked again for its plan."""
    monkeypatch.setattr(engine, "carries", lambda: True)
    monkeypatch.setattr(HUEY, "immediate", True)
    # a thread of tasks begins with a connection of its own; this one holds the rows
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    index_due(seconds=60, at_once=5000)
    asked: list[tuple[str, str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((path, sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for path in engine.SWEEPS:
            import_string(path)()
        path = "livechat.missed_rings"
        missed_rings._moved(timezone.now())
    found = [(path, sql, plan_of(sql, params)) for path, sql, params in asked if sql.startswith("SELECT")]
    assert {path for path, _, _ in found} >= {"livechat.tasks.sweep", "livechat.tasks.let_old_chats_go"}
    bad = [f"{path}\n{sql}\n{plan}" for path, sql, plan in found if walks(plan)]
    assert not bad, "\n\n".join(bad)


def plan_of(sql: str, params: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}", params)
        return "\n".join(" ".join(str(part) for part in row) for row in cursor.fetchall())
