"""A transaction never waits for another company: a slow Slack would hold our rows locked."""

import ast
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import transaction

from slackapp import client
from slackapp.errors import NotSent
from tests.house.sources import PRODUCT, chain, files, imports, name, tree

NETWORK = (
    "requests",
    "slackapp.client",
    "slackapp.setup",
    "slackapp.whispers",
    "billing.gateway",
    "billing.inbox",
    "billing.orders",
    "stripe",
    "smtplib",
    "django.core.mail",
    "httpx",
    "urllib.request",
)


def atomic_bodies(module: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statements of every `with transaction.atomic()` and of every function decorated with it."""
    for node in ast.walk(module):
        if any("atomic" in chain(expression) for expression in surroundings(node)):
            yield node.body  # type: ignore[attr-defined]


def surroundings(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.context_expr for item in node.items]
    return node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []


def network_calls_in(module: ast.AST) -> list[int]:
    known = imports(module)
    reached = {word: target for word, target in known.items() if is_network(target)}
    return [
        node.lineno
        for body in atomic_bodies(module)
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and chain(node.func)[0] in reached and not is_only_a_type(node, reached)
    ]


def is_network(target: str) -> bool:
    return any(target == module or target.startswith(f"{module}.") for module in NETWORK)


def is_only_a_type(call: ast.Call, reached: dict[str, str]) -> bool:
    """Making a value of a client's class (an error, an outcome) speaks to nobody."""
    return chain(call.func)[-1][:1].isupper()


def test_no_module_speaks_to_the_network_inside_a_transaction() -> None:
    strays = [
        f"{name(path)}:{line}"
        for path in files(*PRODUCT, suffix=".py")
        for line in network_calls_in(tree(path))
    ]
    assert not strays, (
        "Commit first, then call (architecture: effects leave only after commit):\n" + "\n".join(strays)
    )


@pytest.mark.parametrize(
    "source",
    [
        "from slackapp import client\nwith transaction.atomic():\n    client.call('chat.postMessage')",
        "from slackapp.client import call\n@transaction.atomic\ndef act():\n    call('auth.test')",
        "import requests\n@atomic(durable=True)\ndef act():\n    if True:\n        requests.post('https://slack.com')",
    ],
)
def test_the_check_sees_a_call_inside_a_transaction(source: str) -> None:
    assert network_calls_in(ast.parse(source))


def test_the_check_lets_a_call_after_the_commit_pass() -> None:
    source = "from slackapp import client\nwith transaction.atomic():\n    row = take()\nclient.call(row)"
    assert not network_calls_in(ast.parse(source))


@pytest.fixture
def _slack_away(settings: LazySettings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_slack_away")
def test_the_client_itself_refuses_to_be_called_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        client.call("auth.test", "xoxb-1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_slack_away")
def test_after_the_commit_the_client_does_call() -> None:
    with transaction.atomic():
        pass
    with pytest.raises(NotSent):
        client.call("auth.test", "xoxb-1")
