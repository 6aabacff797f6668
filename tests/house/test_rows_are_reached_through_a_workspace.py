"""`.unscoped` reaches everybody's rows; the places that may say it are listed."""

import ast

from tests.house.sources import PRODUCT, ROOT, files, name, tree

# Modules beside access, actions, admin and migrations, each with its reason. A new line here is a decision.
MAY_SEE_ALL = {
    "billing/figures.py": "counts subscriptions for whoever runs the server; no member asks",
    "accounts/own_data.py": "what is held about one person, whichever workspaces they are in",
    "livechat/visitor_reads.py": "a visitor is proved by the visitor token and belongs to no member's workspace",
    "livechat/views/demo.py": "the demo's one shop, named by its owner's fixed address",
    "billing/nearing.py": "the sweep counts every workspace that has a limit; each is told of itself alone",
    "slackapp/availability.py": "a site asks whether its own connection carries chats; a team, which of its are open",
    "livechat/exports/jobs.py": "makes the exports that are due, whosever they are",
    "livechat/presence.py": "a visitor's site asks whether it answers",
    "livechat/missed_rings.py": "compares every chat that moved with the sockets of this process",
    "slackapp/notices.py": "a connection in trouble names the workspace whose owners are told",
    "slackapp/handlers/channels.py": "an event names a Slack team; the connection found there decides the workspace",
    "slackapp/handlers/invited.py": "an event names a Slack team; the connections there decide whose sites are named",
    "slackapp/presses/places.py": "a press names a Slack team and a connection of it; only its managers may go on",
    "slackapp/rights.py": "a person of a Slack team: their linked accounts, and where they ask, decide what they see",
    "slackapp/sharing.py": "says whether other workspaces use a Slack team or channel, and nothing else of them",
    "slackapp/healing.py": "broken connections of an installation are looked at again, whosever they are",
    "slackapp/installers.py": "a connection in trouble names the person in Slack who is told",
    "slackapp/linking.py": "a chat's site decides the connection; no member asks",
    "slackapp/reminders.py": "a chat's own site has the plan by which somebody is reminded; no member asks",
    "slackapp/reminding.py": "the sweep finds visitors who wait, whosever they are",
    "slackapp/rooms.py": "notes on a chat's own connection what Slack refused; no member asks",
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
