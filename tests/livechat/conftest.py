from collections.abc import Iterator

import pytest

from accounts.models import Member
from livechat.models import Site
from livechat.tokens import VisitorClaim
from tests.cast import newcomer, shop_of
from tests.serving import Served


@pytest.fixture
def site(alice: Member) -> Site:
    return shop_of(alice)


@pytest.fixture
def globex_site(mallory: Member) -> Site:
    return shop_of(mallory, "Globex Shop")


@pytest.fixture
def claim(site: Site) -> VisitorClaim:
    return newcomer(site)


@pytest.fixture(scope="package")
def _process() -> Iterator[Served]:
    served = Served().start()
    yield served
    served.stop()


@pytest.fixture
def server(transactional_db: None, _process: Served) -> Served:
    """The web process on this test's database."""
    return _process
