"""S25: the least scopes. Each is what Slack documents for a method that we call or an event that we hear."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from slackapp import oauth
from slackapp.features import features
from tests.slackapp.test_the_manifest import SCOPE_OF_EVENT

ROOT = Path(__file__).resolve().parents[2]
METHODS = ROOT.parent / "shared" / "samples" / "slack" / "slack-api-ref" / "docs.slack.dev" / "methods"
pytestmark = pytest.mark.skipif(
    not METHODS.is_dir(), reason="Slack's documents of its methods do not lie beside the project"
)
# what Slack documents elsewhere than at a method or an event
OTHERWISE = {
    "chat:write.customize": "chat.postMessage with a username",
    "metadata.message:read": "metadata of what conversations.history and replies give",
    "commands": "slash_commands and shortcuts of the manifest",
}


def words() -> Iterator[str]:
    """Every text that stands in the product's own code for Slack."""
    for path in (ROOT / "slackapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def called() -> dict[str, set[str]]:
    """By method: any of the bot's scopes that Slack lets it be called with; none if it needs none."""
    found = {}
    for name in {word for word in words() if "." in word and word.replace(".", "").isalpha()}:
        if (document := METHODS / f"{name}.json").is_file():
            found[name] = set(json.loads(document.read_text()).get("scope", {}).get("bot", []))
    return found


def test_every_scope_has_a_use() -> None:
    used = {scope for scopes in called().values() for scope in scopes}
    used |= {scope for scope in (SCOPE_OF_EVENT[event] for event in oauth.BOT_EVENTS) if scope}
    assert set(oauth.ALL_SCOPES) - used - set(OTHERWISE) == set()
    assert {"slash_commands", "shortcuts"} <= features("Threadbell", socket_mode=False).keys()


def test_a_scope_that_nothing_needs_would_be_noticed() -> None:
    assert not any("team:read" in scopes or "users:read.email" in scopes for scopes in called().values())


def test_nothing_is_asked_that_a_review_turns_away() -> None:
    kinds = {scope.partition(":")[0] for scope in oauth.ALL_SCOPES}
    assert kinds.isdisjoint({"im", "mpim", "admin", "search", "identity", "identify", "client"})


def test_every_method_that_is_called_has_its_scope() -> None:
    methods = called()
    assert len(methods) > 30
    lacking = {
        name: scopes for name, scopes in methods.items() if scopes and not scopes & set(oauth.ALL_SCOPES)
    }
    assert lacking == {}
