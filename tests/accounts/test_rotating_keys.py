"""Keys are exchanged while the product runs: stopped anywhere, begun anew, and never a secret lost (H2)."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from pytest_django import Settings

from accounts import keyring
from accounts.factor_adapter import FactorAdapter
from accounts.models import Member
from accounts.rotation import sealed_columns
from slackapp.models import Installation
from tests.accounts.factors import with_app

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def five(settings: Settings) -> list[Installation]:
    """Five secrets under the old key; the new one has just been put first."""
    settings.FIELD_ENCRYPTION_KEY = [OLD]
    rows = [installed(n) for n in range(5)]
    settings.FIELD_ENCRYPTION_KEY = [NEW, OLD]
    return rows


def installed(number: int) -> Installation:
    return Installation.objects.create(
        app_id=f"A{number}",
        bot_token=f"token {number}",
        bot_user_id="U1",
        bot_id="B1",
        installed_by_slack_user_id="U2",
        installed_at=datetime.now(UTC),
    )


def rotate(batch: int = 2) -> str:
    said = StringIO()
    call_command("rotate_keys", batch=batch, stdout=said)
    return said.getvalue()


def how_many_current() -> int:
    sealed = Installation.objects.annotate(stored=Cast("bot_token", TextField())).values_list(
        "stored", flat=True
    )
    return sum(keyring.is_current(text) for text in sealed)


def tokens() -> list[str]:
    return [row.bot_token.reveal() for row in Installation.objects.order_by("app_id")]


def test_the_secrets_of_second_factors_move_too(
    five: list[Installation], alice: Member, settings: Settings
) -> None:
    settings.FIELD_ENCRYPTION_KEY = [OLD]
    secret = with_app(alice.user)
    settings.FIELD_ENCRYPTION_KEY = [NEW, OLD]
    assert "second factors: 1 moved, 0 current already" in rotate()
    assert "second factors: 0 moved, 1 current already" in rotate()
    settings.FIELD_ENCRYPTION_KEY = [NEW]
    assert FactorAdapter().decrypt(Authenticator.objects.get().data["secret"]) == secret
    settings.FIELD_ENCRYPTION_KEY = [OLD]
    with pytest.raises(CommandError, match=r"mfa\.authenticator\.data:"):
        rotate()


def after(number: int, act: Callable[[], None]) -> Callable[..., object]:
    """A wrapper of the database that acts before the n-th update."""
    left = number

    def wrap(execute: Callable[..., object], sql: str, *rest: object) -> object:
        nonlocal left
        if sql.startswith("UPDATE"):
            left -= 1
            if left == 0:
                act()
        return execute(sql, *rest)

    return wrap


def test_every_secret_moves_and_the_old_key_can_go(five: list[Installation], settings: Settings) -> None:
    assert "5 moved, 0 current already, 0 unreadable" in rotate()
    settings.FIELD_ENCRYPTION_KEY = [NEW]
    assert tokens() == [f"token {n}" for n in range(5)]


def test_running_it_again_moves_nothing(five: list[Installation]) -> None:
    rotate()
    assert "0 moved, 5 current already" in rotate()


def test_killed_in_the_middle_it_goes_on_where_it_stopped(five: list[Installation]) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    with connection.execute_wrapper(after(4, die)), pytest.raises(KeyboardInterrupt):
        rotate()
    assert how_many_current() == 3
    assert tokens() == [f"token {n}" for n in range(5)]
    assert "2 moved, 3 current already" in rotate()


def test_a_secret_written_meanwhile_is_not_overwritten(five: list[Installation]) -> None:
    last = Installation.objects.order_by("pk").last()
    assert last is not None

    def reinstall() -> None:
        last.bot_token = "given meanwhile"
        last.save()

    with connection.execute_wrapper(after(5, reinstall)):
        rotate()
    assert Installation.objects.get(pk=last.pk).bot_token.reveal() == "given meanwhile"
    assert how_many_current() == 5


def test_a_secret_that_no_key_opens_is_named_and_the_others_move(
    five: list[Installation], settings: Settings
) -> None:
    settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode()]
    lost = installed(9)
    settings.FIELD_ENCRYPTION_KEY = [NEW, OLD]
    with pytest.raises(CommandError, match=f"No key opens some secrets.*installation.bot_token:{lost.pk}"):
        rotate()
    assert how_many_current() == 5


def test_empty_secrets_are_left_alone(five: list[Installation]) -> None:
    Installation.objects.update(bot_token="")
    assert "0 moved, 0 current already" in rotate()


def test_a_senseless_batch_is_refused() -> None:
    with pytest.raises(CommandError, match="at least 1"):
        rotate(batch=0)


def test_the_columns_are_found_by_their_kind() -> None:
    assert "slackapp.installation.bot_token" in [column.label for _, column in sealed_columns()]
