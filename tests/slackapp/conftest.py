from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Member
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp.models import Connection
from tests.cast import chat_of, newcomer, say, shop_of
from tests.serving import Served
from tests.slackapp.peer import Slack, connected, settle


@pytest.fixture(scope="package")
def _process() -> Iterator[Served]:
    served = Served().start()
    yield served
    served.stop()


@pytest.fixture
def server(transactional_db: None, _process: Served) -> Served:
    """The web process on this test's database."""
    return _process


@pytest.fixture(scope="package")
def _sandbox(_process: Served) -> Iterator[Slack]:
    sandbox = Slack(_process.url).start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def slack(server: Served, _sandbox: Slack, settings: Settings) -> Slack:
    """Slack as at the start, which sends its events to our web process. Waits are short, the pace is quick."""
    _sandbox.act("reset")
    _sandbox.act("limits", factor=1000, replies_per_minute=None)
    settings.PUBLIC_URL = server.url
    settings.SLACK_API_URL = f"{_sandbox.url}/api/"
    settings.SLACK_WEB_URL = _sandbox.url
    settings.SLACK_ECHO_WAIT = 0.05
    settings.SLACK_CALL_TIMEOUT = 0.7
    settings.LIMITS_SCALE = 1000
    return _sandbox


@pytest.fixture
def site(alice: Member) -> Site:
    return shop_of(alice)


@pytest.fixture
def claim(site: Site) -> VisitorClaim:
    return newcomer(site)


@pytest.fixture
def connection(slack: Slack, alice: Member, site: Site) -> Connection:
    """Acme's site, connected to #website-chat."""
    return connected(slack, alice, site)


@pytest.fixture
def card(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    """A chat is in Slack already: the channel has its introduction, the card and one line."""
    say(claim, "first")
    settle(slack)


@pytest.fixture
def chat(slack: Slack, connection: Connection, claim: VisitorClaim) -> ChatSession:
    """A chat whose thread is in Slack."""
    say(claim, "Hello?")
    settle(slack)
    return chat_of(claim)
