"""`.unscoped` reaches everybody's rows; the places that may say it are listed."""

import ast

from tests.house.sources import PRODUCT, ROOT, files, name, tree

# Modules beside access, actions, admin and migrations, each with its reason. A new line here is a decision.
MAY_SEE_ALL = {
    "livechat/visitor_reads.py": "a visitor is proved by the visitor token and belongs to no member's workspace",
    "livechat/views/demo.py": "the demo's one shop, named by its owner's fixed address",
    "slackapp/readiness.py": "a site asks whether its own connection carries chats",
    "livechat/missed_rings.py": "compares every chat that moved with the sockets of this process",
    "slackapp/notices.py": "a connection in trouble names the workspace whose owners are told",
    "slackapp/handlers.py": "an event names a Slack team; the connection found there decides the workspace",
    "slackapp/promises.py": "a chat's site decides the connection; no member asks",
}


def may_see_all(path: str) -> bool:
    rest = path.partition("/")[2]
    own = rest in ("access.py", "actions.py", "admin.py", "models.py", "scoping.py") or rest.startswith(
        "actions/"
    )
    return own or path in MAY_SEE_ALL


def unscoped_in(module: ast.AST) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr == "unscoped"
    ]


def test_unscoped_is_said_in_listed_modules_only() -> None:
    strays = [
        f"{name(path)}:{line}"
        for path in files(*PRODUCT, suffix=".py")
        if not may_see_all(name(path))
        for line in unscoped_in(tree(path))
    ]
    assert not strays, "Use Model.objects.in_workspace(…), or give the module a reason:\n" + "\n".join(strays)


def test_pages_of_members_are_never_in_the_list() -> None:
    pages = [path for path in MAY_SEE_ALL if "/views/" in path or path.endswith(("queries.py", "forms.py"))]
    assert pages == ["livechat/views/demo.py"]


def test_every_line_of_the_table_is_needed() -> None:
    stale = [path for path in MAY_SEE_ALL if not (ROOT / path).exists() or not unscoped_in(tree(ROOT / path))]
    assert not stale, "These do not say unscoped (any more). Take their lines out of MAY_SEE_ALL."


def test_the_check_sees_the_word() -> None:
    assert unscoped_in(ast.parse("rows = Site.unscoped.all()")) == [1]
