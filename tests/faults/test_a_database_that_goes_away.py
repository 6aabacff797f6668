"""PostgreSQL refuses everybody for a while: Slack is answered all the same, nothing it said is lost or overtaken."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from house.running import SANDBOX_APP
from slack_sandbox.delivery import signed_headers
from tests import web
from tests.stack import Stack, running, wait_until

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="about PostgreSQL"
    ),
]
SLACKS_PATIENCE = 3.0
RECORDED = (
    "from slackapp.models import InboundEvent as E;"
    "print(','.join(E.objects.filter(kind='hello').order_by('pk').values_list('event_id', flat=True)) or '-')"
)


@contextmanager
def away(url: str) -> Iterator[None]:
    """The database accepts nobody and those inside are put out; other databases of the server go on."""
    place = urlsplit(url)
    name = sql.Identifier(place.path.lstrip("/"))
    allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
    everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(place._replace(path="/postgres").geturl(), autocommit=True) as outside:
        outside.execute(allow.format(name, sql.SQL("false")))
        outside.execute(everybody, [place.path.lstrip("/")])
        try:
            yield
        finally:
            outside.execute(allow.format(name, sql.SQL("true")))


def tell(stack: Stack, event_id: str) -> tuple[int, float]:
    said = {"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": {"type": "hello"}}
    body = json.dumps({**said, "api_app_id": SANDBOX_APP["SLACK_APP_ID"]}).encode()
    headers = signed_headers(SANDBOX_APP["SLACK_SIGNING_SECRET"], body, "application/json")
    begun = time.monotonic()
    answer = web.post(f"{stack.product}/slack/events", content=body, headers=headers, timeout=20)
    return answer.status_code, time.monotonic() - begun


@pytest.mark.parametrize("killed", [False, True], ids=["it lives", "it is killed"])
def test_slack_is_answered_while_the_database_is_away_and_nothing_is_lost(
    tmp_path: Path, killed: bool
) -> None:
    """Also when the process is killed between its answers and the database's return."""
    with running(tmp_path) as stack:
        assert tell(stack, "Ev0")[0] == 200
        with away(stack.env["DATABASE_URL"]):
            for number in (1, 2, 3):
                status, seconds = tell(stack, f"Ev{number}")
                assert (status, seconds < SLACKS_PATIENCE) == (200, True)
            assert web.get(f"{stack.product}/readyz", timeout=20).status_code == 503
            if killed:
                stack.stop_product(signal.SIGKILL)
        if killed:
            stack.start_product()
        assert tell(stack, "Ev4")[0] == 200
        wanted = "Ev0,Ev1,Ev2,Ev3,Ev4"
        wait_until(lambda: stack.manage("shell", "-v", "0", "-c", RECORDED).split()[-1] == wanted, wanted)
