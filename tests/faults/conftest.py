from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.faults.stage import Stage


@pytest.fixture
def stage(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[Stage]:
    settings.LIMITS_SCALE = 1_000_000
    made = Stage(monkeypatch)
    yield made
    # the next test gets a connection whose clock is the machine's
    connection.close()
