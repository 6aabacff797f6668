"""B9: a server whose keys of Stripe are mixed up says so at its start, with the mend and without the key."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from billing.checks import STRIPES_OWN


def found() -> dict[str | None, str]:
    said = (one for one in run_checks() if str(one.id).startswith("billing."))
    return {one.id: f"{one.msg} {one.hint}" for one in said}


@pytest.fixture
def live(paid_for: Settings) -> Settings:
    paid_for.STRIPE_SECRET_KEY, paid_for.STRIPE_LIVEMODE = "rk_live_canary", True
    paid_for.STRIPE_API_URL = STRIPES_OWN
    return paid_for


def test_keys_that_are_sound_are_not_mentioned(live: Settings) -> None:
    assert found() == {}


def test_without_a_key_nothing_is_asked_for(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "", []
    assert found() == {}


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("STRIPE_SECRET_KEY", "pk_live_canary", "billing.E001"),
        ("STRIPE_SECRET_KEY", "whsec_canary", "billing.E001"),
        ("STRIPE_WEBHOOK_SECRETS", ["whsec_canary", "sk_live_canary"], "billing.E002"),
        ("STRIPE_API_URL", "http://localhost:8002", "billing.E003"),
    ],
)
def test_keys_that_are_mixed_up_are_refused_with_the_mend(
    live: Settings, name: str, value: object, error: str
) -> None:
    setattr(live, name, value)
    assert list(found()) == [error]
    assert "canary" not in found()[error]


def test_a_test_key_may_go_to_a_stripe_of_ones_own(paid_for: Settings) -> None:
    paid_for.STRIPE_API_URL = "http://localhost:8002"
    assert found() == {}


def test_a_library_that_prints_who_pays_is_refused(live: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_LOG", "debug")
    assert "STRIPE_LOG" in found()["billing.E004"]
