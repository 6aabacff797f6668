from collections.abc import Callable, Iterator
from functools import cache

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Member, User
from livechat.actions import saved as saved_replies
from livechat.files.pictures import small
from livechat.models import ChatSession, SavedReply, Site
from livechat.tokens import VisitorClaim
from slackapp import door, id_tokens, pictures
from slackapp.models import Connection
from tests.cast import chat_of, newcomer, say, shop_of
from tests.serving import Served
from tests.slackapp.peer import Slack, connected, settle
from tests.slackapp.ways import add


@pytest.fixture(autouse=True)
def no_door_was_just_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that a test began has opened it for minutes, for every test after it."""
    monkeypatch.setattr(door, "_opened_at", None)


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


@pytest.fixture(scope="package")
def small_once() -> Callable[[bytes, int], bytes]:
    """A process decodes each picture, a tenth of a second: the sandbox's few faces need it once."""
    return cache(small)


@pytest.fixture
def slack(
    server: Served,
    _sandbox: Slack,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    small_once: Callable[[bytes, int], bytes],
) -> Slack:
    """Slack as at the start, which sends its events to our web process. Waits are short, the pace is quick."""
    monkeypatch.setattr(pictures, "small", small_once)
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
def console_here(slack: Slack, settings: Settings) -> None:
    """Links to the console are of the domain that Slack tells this app of."""
    settings.CONSOLE_URL = settings.PUBLIC_URL


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


@pytest.fixture
def hours(alice: Member) -> SavedReply:
    """//hours of Acme."""
    return saved_replies.create_saved_reply(
        alice, saved_replies.Draft("Opening hours", "hours", "Hello {{visitor.name}}, 9 to 5. {{agent.name}}")
    )


@pytest.fixture
def known(slack: Slack) -> User:
    """Alice, who came by *Add to Slack*."""
    add(slack, Client())
    return User.objects.get()


@pytest.fixture
def no_keys_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_tokens, "keys", id_tokens.Keys())
