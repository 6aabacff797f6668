"""`.unscoped` reaches everybody's rows; the places that may say it are listed."""

import ast

from tests.house.sources import PRODUCT, files, name, tree

# Modules beside access, actions, admin and migrations, each with its reason. A new line here is a decision.
MAY_SEE_ALL = {
    "accounts/adapters.py": "sign-up and log-in happen before anybody is in a workspace",
    "accounts/fields.py": "rotation of keys reads every row of a column, whoever owns it",
    "accounts/management/commands/rotate_keys.py": "rotation of keys reads every row of a column, whoever owns it",
    "accounts/rotation.py": "rotation of keys reads every row of a column, whoever owns it",
    "livechat/doors.py": "public doors: the site is named by its public token, readiness looks at all",
    "livechat/visitor_reads.py": "a visitor is proved by the visitor token and belongs to no member's workspace",
    "livechat/views/demo.py": "the demo's one shop, named by its owner's fixed address",
    "slackapp/handlers.py": "an event names a Slack team; the connection found there decides the workspace",
    "slackapp/intake.py": "an event names a Slack team; the connection found there decides the workspace",
    "slackapp/lanes.py": "the engine works through everybody's promises",
    "slackapp/mirror.py": "the engine works through everybody's promises",
    "slackapp/oauth.py": "the state row, bound to browser and person, names the connection",
    "slackapp/people.py": "people of a Slack team, found by team and user id",
    "slackapp/promises.py": "a chat's site decides the connection; no member asks",
    "slackapp/tasks.py": "the engine works through everybody's promises",
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


def test_the_check_sees_the_word() -> None:
    assert unscoped_in(ast.parse("rows = Site.unscoped.all()")) == [1]
