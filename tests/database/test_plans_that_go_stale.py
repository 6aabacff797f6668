"""A migration that changes a column under a running process: whoever holds a plan for it works on a new connection."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import NotSupportedError, connection

from config import database
from config.prepared import Prepared
from slackapp import tasks
from slackapp.models import Lane

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's plans"),
]
of_key = Prepared(lambda key: Lane.objects.filter(key=key))


@pytest.fixture(autouse=True)
def back_again() -> Iterator[None]:
    yield
    database.close()
    widen(120)


def widen(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE slackapp_lane ALTER COLUMN key TYPE varchar({size})")


def migrate() -> None:
    """As another process would."""

    def work() -> None:
        widen(130)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_sockets_and_webhooks_notice_nothing() -> None:
    async def play() -> list[int]:
        found = [len(await database.db(of_key.all, key="none")) for _ in range(30)]
        migrate()
        return found + [len(await database.db(of_key.all, key="none")) for _ in range(30)]

    assert asyncio.run(play()) == [0] * 60


def test_a_worker_loses_one_hint_and_no_more() -> None:
    for _ in range(5):
        of_key.all(key="none")

    migrate()
    with pytest.raises(NotSupportedError):
        of_key.all(key="none")
    tasks._care_for_connection()
    assert of_key.all(key="none") == []
