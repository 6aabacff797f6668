from collections.abc import Iterator

import pytest
from pytest_django import Settings

from billing import gateway
from tests.billing.calendar import Calendar
from tests.billing.saying import Saying
from tests.billing.stripe_says import OLD_SECRET, SECRET
from tests.billing.till import KEY, Till
from tests.serving import Served


@pytest.fixture(scope="package")
def _process() -> Iterator[Served]:
    served = Served().start()
    yield served
    served.stop()


@pytest.fixture
def paid_for(settings: Settings) -> Settings:
    """A server whose operator has given it Stripe's keys."""
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, OLD_SECRET]
    settings.STRIPE_LIVEMODE = False
    return settings


@pytest.fixture
def server(transactional_db: None, _process: Served, paid_for: Settings) -> Served:
    """The web process on this test's database."""
    return _process


@pytest.fixture(scope="package")
def _sandbox(_process: Served) -> Iterator[Till]:
    sandbox = Till(_process.url).start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def till(server: Served, _sandbox: Till, paid_for: Settings) -> Iterator[Till]:
    """Stripe as at the start, which sends its events to our web process."""
    paid_for.STRIPE_API_URL = _sandbox.url
    gateway.client.cache_clear()
    gateway.price_ids.cache_clear()
    _sandbox.act("reset")
    yield _sandbox
    gateway.client.cache_clear()


@pytest.fixture
def prices(till: Till) -> dict[str, str]:
    """What our plans cost, in its catalogue."""
    return till.prices()


@pytest.fixture
def saying(transactional_db: None, paid_for: Settings) -> Iterator[Saying]:
    """A Stripe that says whatever a test wants to hear."""
    said = Saying()
    paid_for.STRIPE_API_URL = said.url
    gateway.client.cache_clear()
    yield said
    said.stop()
    gateway.client.cache_clear()


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    return Calendar(monkeypatch)
