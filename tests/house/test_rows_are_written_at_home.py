"""Rows are read anywhere and written in their own app's actions: one place to look for every change."""

import ast

from django.apps import apps

from tests.house.sources import APPS, PRODUCT, ROOT, chain, files, imports, name, tree

ALWAYS_WRITES = {
    "abulk_create", "acreate", "adelete", "asave", "aupdate", "bulk_create", "bulk_update", "create", "delete",
    "get_or_create", "save", "update_or_create", "write_shortly",
}  # fmt: skip
# dicts and hashes have these too: only at the end of a query they write rows
WRITES_ON_A_QUERY = {"update", "execute", "rows_of", "count_of"}
QUERY_WORDS = {
    "objects", "unscoped", "filter", "exclude", "in_workspace", "select_for_update", "_base_manager",
    "_default_manager", "cursor", "queryset", "connection", "_connection",
}  # fmt: skip

# Modules beside actions that write, each with its reason. A new line here is a decision.
HOMES = {
    "billing/setting_up.py": "makes products, prices and an endpoint at Stripe, and no row here",
    "accounts/models.py": "Django's user manager creates users; only accounts/actions and createsuperuser call it",
    "accounts/rotation.py": "re-encrypts a column in place; no fact changes",
    "billing/orders.py": "creates and updates what is at Stripe, and no row of ours",
    "config/planning.py": "what SQLite has learnt of its tables, which no model describes",
    "config/prepared.py": "gives the statements that Django compiled to the connection",
    "config/sqlite/base.py": "runs the one statement that slackapp/lanes.py has for it",
    "config/statements.py": "runs what config/prepared.py compiled",
    "livechat/doors.py": "SELECT 1, to ask whether the database answers",
    "livechat/files/picture_child.py": "saves pictures into files, in a process that knows no database",
    "livechat/search/sqlite.py": "SELECT of the FTS5 index, which no model describes",
    "livechat/search/triggers.py": "makes the index and the triggers that keep it, for migrations alone",
    "slackapp/lanes.py": "claims and leases of lanes: the engine's own rows, one conditional update each",
    "slackapp/assigned.py": "inserts the promise row inside the transaction that gives a chat away",
    "slackapp/budgets.py": "reserves a channel's next slot: one conditional update",
    "slackapp/receipts.py": "notes at whose answers nothing is to be shown, inside the sweep's transaction",
    "slackapp/doubts.py": "marks promise rows that are given up in doubt, in the transaction that settles them",
    "slackapp/parting.py": "settles the promise rows of a chat whose connection ended, and moves its link",
    "slackapp/copies.py": "inserts promise rows inside the transaction of a change, and what is left to people",
    "slackapp/words.py": "says which words a promise in flight carries",
    "slackapp/errands/edits.py": "settles its promise row once the call is over",
    "slackapp/pieces.py": "frees the promise rows of a line that is to go in smaller pieces",
    "slackapp/promises.py": "inserts promise rows inside the transaction that makes the fact",
    "slackapp/threads.py": "the promise of a card is made anew",
    "slackapp/linking.py": "inserts a chat's link and first promises inside the transaction of its first message",
    "slackapp/past.py": "notes the place that a chat leaves, inside the transaction that moves it",
    "slackapp/rooms.py": "promise rows of a chat's own channel, inside the transaction that changes the chat",
}
# words that are written with and are no rows
NOT_ROWS = {"image", "form", "formset", "cache", "signing", "storage", "session", "super"}


def writes_in(module: ast.AST) -> list[tuple[int, list[str]]]:
    """Lines that look like a write to rows, with the words that lead to it."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            words = chain(node.func)
            if is_write(words):
                found.append((node.lineno, words))
    return found


def is_write(words: list[str]) -> bool:
    *receiver, verb = words
    if verb in WRITES_ON_A_QUERY:
        return bool(QUERY_WORDS & set(receiver))
    return verb in ALWAYS_WRITES and not NOT_ROWS & set(receiver)


def is_home(path: str) -> bool:
    rest = path.partition("/")[2]
    return rest == "actions.py" or rest.startswith("actions/") or path in HOMES


def test_rows_are_written_in_actions_only() -> None:
    strays = [
        f"{name(path)}:{line} {'.'.join(words)}"
        for path in files(*PRODUCT, suffix=".py")
        if not is_home(name(path))
        for line, words in writes_in(tree(path))
    ]
    assert not strays, (
        "Move these into the app's actions, or give their module a reason in HOMES:\n" + "\n".join(strays)
    )


def test_actions_write_the_rows_of_their_own_app_only() -> None:
    owners = {model.__name__: model._meta.app_label for model in apps.get_models()}
    strays = []
    for path in files(*APPS, suffix=".py"):
        app, known = name(path).split("/")[0], imports(tree(path))
        for line, words in writes_in(tree(path)):
            target = known.get(words[0], "")
            if ".models." in target and owners.get(words[0], app) != app:
                strays.append(f"{name(path)}:{line} {'.'.join(words)}")
    assert not strays, "Call the owner app's action instead:\n" + "\n".join(strays)


def test_every_line_of_the_table_has_a_reason_and_is_needed() -> None:
    assert all(len(reason) > 20 for reason in HOMES.values())
    stale = [path for path in HOMES if not (ROOT / path).exists() or not writes_in(tree(ROOT / path))]
    assert not stale, "These do not write (any more). Take their lines out of HOMES."


def test_the_check_knows_a_write_when_it_sees_one() -> None:
    source = """
chat.save(update_fields=["status"])
Site.unscoped.filter(pk=1).update(name="x")
connection.cursor().execute("select 1")
connection.rows_of("insert into site (name) values (%s) returning id", ["x"])
Message.objects.in_workspace(ws).create(body="x")
values.update(a=1)
digest.update(b"x")
form.save()
"""
    assert [line for line, _ in writes_in(ast.parse(source))] == [2, 3, 4, 5, 6]
