"""One transcript everywhere, whatever is lost, doubled, late or killed on the way: a machine that looks for the order
of events nobody thought of. Visitors' sockets and Slack's methods are the real ones, called without a wire; time is
turned by hand. FAULTS_PROFILE=campaign looks for minutes instead of seconds (README.md).
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.plays import Chats
from tests.faults.stage import Stage

CAMPAIGN = os.environ.get("FAULTS_PROFILE") == "campaign"
PROFILE = settings(
    max_examples=int(os.environ.get("FAULTS_EXAMPLES", "2000")) if CAMPAIGN else 20,
    stateful_step_count=120 if CAMPAIGN else 40,
    deadline=None,
    derandomize=not CAMPAIGN,
    suppress_health_check=list(HealthCheck),
    database=None,
    # making a play shorter takes minutes: the quick suite only says that there is one
    phases=list(Phase) if CAMPAIGN else [Phase.generate],
)
pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(3600 if CAMPAIGN else 120)]


def test_one_transcript_everywhere(stage: Stage) -> None:
    Chats.stage = stage
    run_state_machine_as_test(Chats, settings=PROFILE)
