"""Slack's keys may be renewed at any moment: whoever calls Slack for an installation lets `slackapp/keys.py` do it."""

import ast

from tests.house.sources import files, name, tree

KEYS = {"bot_token", "refresh_token"}
# Modules that see a key, each with its reason. A new line here is a decision.
MAY_SEE_KEYS = {
    "slackapp/keys.py": "calls with an installation's key",
    "slackapp/rotation.py": "renews it",
    "slackapp/catch_up.py": "reads chats again, on the lane whose other chore renews the key",
    "slackapp/departure.py": "tells Slack that it is no longer wanted",
    "slackapp/last_look.py": "asks whether it is dead, on the lane whose other chore renews it",
    "slackapp/actions/keys.py": "stores it",
    "slackapp/actions/leaving.py": "wipes it",
    "slackapp/management/commands/slack_rotate_keys.py": "finds those that do not end yet",
    "slackapp/management/commands/seed_demo.py": "asks whether there is one",
    "slackapp/models.py": "holds it",
}


def keys_in(module: ast.AST) -> list[int]:
    return [node.lineno for node in ast.walk(module) if isinstance(node, ast.Attribute) and node.attr in KEYS]


def test_keys_are_read_where_they_are_at_home() -> None:
    strays = [
        f"{name(path)}:{line}"
        for path in files("slackapp", suffix=".py")
        if name(path) not in MAY_SEE_KEYS
        for line in keys_in(tree(path))
    ]
    assert not strays, (
        "Call keys.call(installation, method, …) instead of client.call(method, token, …):\n"
        + "\n".join(strays)
    )
