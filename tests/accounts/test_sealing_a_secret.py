"""A secret goes into its row sealed, comes out of that row alone, and shows itself to nobody else (H1)."""

import copy
import json
import pickle
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models, transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat
from django.forms import modelform_factory
from django.test.utils import isolate_apps
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import keyring
from accounts.fields import EncryptedTextField, SealBroken
from accounts.secret import Secret
from slackapp.models import Installation

TOKEN = "xoxb-very-secret-1"

pytestmark = pytest.mark.django_db


def installed(**fields: Any) -> Installation:
    people = {"bot_user_id": "U1", "bot_id": "B1", "installed_by_slack_user_id": "U2"}
    given = {"app_id": "A1", "bot_token": TOKEN, **people}
    return Installation.objects.create(installed_at=datetime.now(UTC), **(given | fields))


def stored(row: Installation) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT bot_token FROM slackapp_installation WHERE id = %s", [key(row)])
        return str(cursor.fetchone()[0])


def store(row: Installation, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE slackapp_installation SET bot_token = %s WHERE id = %s", [text, key(row)])


def key(row: Installation) -> str | uuid.UUID:
    return row.pk if connection.vendor == "postgresql" else row.pk.hex


def fresh(row: Installation) -> Installation:
    return Installation.objects.get(pk=row.pk)


# --- in and out


def test_a_secret_comes_back_and_lies_sealed() -> None:
    row = installed()
    assert fresh(row).bot_token.reveal() == TOKEN
    assert TOKEN not in stored(row)


def test_a_secret_is_readable_before_and_after_saving() -> None:
    row = installed(bot_token=Secret("given as a secret"))
    assert row.bot_token.reveal() == "given as a secret"
    row.save()
    row.refresh_from_db()
    assert row.bot_token.reveal() == "given as a secret"


def test_saving_a_loaded_row_keeps_its_secret() -> None:
    row = installed()
    again = fresh(row)
    again.team_name = "Acme"
    again.save()
    assert fresh(row).bot_token.reveal() == TOKEN


def test_the_same_secret_never_looks_the_same() -> None:
    assert stored(installed()) != stored(installed(app_id="A2"))


def test_an_empty_secret_is_stored_empty_and_is_false() -> None:
    row = installed(bot_token="")
    assert stored(row) == ""
    assert not fresh(row).bot_token


def test_a_deferred_secret_is_fetched_when_it_is_read(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    installed()
    row = Installation.objects.defer("bot_token").get()
    with django_assert_num_queries(1):
        assert row.bot_token.reveal() == TOKEN


def test_rows_made_in_bulk_are_sealed_each_for_itself() -> None:
    now = datetime.now(UTC)
    rows = [Installation(app_id=f"A{n}", bot_token=f"token {n}", installed_at=now) for n in range(3)]
    Installation.objects.bulk_create(rows)
    found = Installation.objects.order_by("app_id")
    assert [row.bot_token.reveal() for row in found] == ["token 0", "token 1", "token 2"]


def test_long_texts_and_every_alphabet_survive() -> None:
    text = "снег 雪 🏔️\n" * 2000
    assert fresh(installed(bot_token=text)).bot_token.reveal() == text


def test_what_is_no_text_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="no text") as caught:
        installed(bot_token="secret \ud800")
    assert "secret \\ud800" not in str(caught.value)
    with pytest.raises(FieldError, match="not int"):
        Installation(bot_token=7)  # type: ignore[misc]


# --- fails closed


def test_a_plain_text_in_the_column_raises_and_is_not_told() -> None:
    row = installed()
    store(row, "xoxb-plain")
    with pytest.raises(SealBroken, match=r"slackapp\.installation\.bot_token") as caught:
        fresh(row)
    assert "xoxb-plain" not in str(caught.value)


def test_a_lost_key_raises_and_ruins_nothing(settings: Settings) -> None:
    row, keys = installed(), settings.FIELD_ENCRYPTION_KEY
    before = stored(row)
    settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode()]
    with pytest.raises(SealBroken):
        fresh(row)
    settings.FIELD_ENCRYPTION_KEY = keys
    assert stored(row) == before
    assert fresh(row).bot_token.reveal() == TOKEN


def test_a_ciphertext_moved_to_another_row_does_not_open() -> None:
    row, other = installed(), installed(app_id="A2", bot_token="other")
    store(other, stored(row))
    with pytest.raises(SealBroken, match="another row"):
        fresh(other).bot_token  # noqa: B018  reading is the act


def test_a_moved_ciphertext_is_not_saved_on_either() -> None:
    row, other = installed(), installed(app_id="A2", bot_token="other")
    store(other, stored(row))
    loaded = fresh(other)
    with pytest.raises(SealBroken, match="another row"):
        loaded.save()


def test_a_ciphertext_of_another_column_does_not_open() -> None:
    row = installed()
    store(row, keyring.seal(f"slackapp.installation.other:{row.pk}\nx"))
    with pytest.raises(SealBroken, match="another column"):
        fresh(row)


def test_a_copied_row_does_not_take_the_secret_along_unseen() -> None:
    row = fresh(installed())
    row.pk = uuid.uuid4()
    with pytest.raises(SealBroken, match="another row"):
        row.save(force_insert=True)


def test_a_ciphertext_given_from_outside_stays_what_it_is() -> None:
    row = installed()
    other = installed(app_id="A2", bot_token=stored(row))
    assert fresh(other).bot_token.reveal() == stored(row)


# --- what it refuses


def test_writes_that_know_no_row_are_refused() -> None:
    row = installed()
    for value in ("x", Secret("x"), F("app_id"), Value("x"), Concat("app_id", Value("x"))):
        with pytest.raises(FieldError, match="set it on the row"), transaction.atomic():
            Installation.objects.update(bot_token=value)
    with pytest.raises(FieldError, match="bulk_update"), transaction.atomic():
        Installation.objects.bulk_update([row], ["bot_token"])
    assert fresh(row).bot_token.reveal() == TOKEN


def test_an_upsert_is_refused() -> None:
    row = installed()
    with pytest.raises(FieldError, match="upsert"):
        Installation.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=["bot_token"]
        )


def test_taking_a_secret_away_needs_no_row() -> None:
    row = installed()
    Installation.objects.update(bot_token="")
    assert not fresh(row).bot_token


@pytest.mark.parametrize("lookup", ["", "__in", "__icontains", "__startswith", "__gt", "__lower"])
def test_secrets_cannot_be_searched(lookup: str) -> None:
    with pytest.raises(FieldError):
        Installation.objects.filter(**{f"bot_token{lookup}": ["x"] if lookup == "__in" else "x"}).count()


def test_whether_there_is_a_column_value_may_be_asked() -> None:
    installed()
    assert Installation.objects.filter(bot_token__isnull=False).count() == 1


def test_values_and_aggregates_hand_out_nothing() -> None:
    installed()
    for found in (
        Installation.objects.values("bot_token").get()["bot_token"],
        Installation.objects.aggregate(top=Max("bot_token"))["top"],
        Installation.objects.annotate(copy=F("bot_token")).get().copy,
    ):
        assert str(found) == "***"
        with pytest.raises(FieldError, match="attribute of its row"):
            found.reveal()


def complaints(
    pk: bool = True, constraints: tuple[models.BaseConstraint, ...] = (), **options: Any
) -> list[str | None]:
    """What the system checks say to a model with such a field."""
    meta = type("Meta", (), {"app_label": "accounts", "constraints": list(constraints)})
    columns: dict[str, Any] = {"__module__": __name__, "Meta": meta, "token": EncryptedTextField(**options)}
    if pk:
        columns["id"] = models.UUIDField(primary_key=True, default=uuid.uuid4)
    with isolate_apps("accounts"):
        vault: Any = type("Vault", (models.Model,), columns)
        return [found.id for found in vault._meta.get_field("token").check()]


def test_system_checks_refuse_what_could_not_work() -> None:
    assert complaints() == []
    assert complaints(pk=False) == ["accounts.E011"]
    assert complaints(unique=True) == ["accounts.E010"]
    assert complaints(db_index=True) == ["accounts.E010"]
    assert complaints(constraints=(models.UniqueConstraint(fields=["token"], name="once"),)) == [
        "accounts.E010"
    ]


# --- shows itself to nobody


def test_a_secret_is_masked_wherever_it_is_printed() -> None:
    secret = fresh(installed()).bot_token
    assert {str(secret), repr(secret), f"{secret}", f"{secret:>30}", str([secret])[1:-1]} == {"***"}
    assert TOKEN not in str(vars(fresh(installed(app_id="A2"))))


def test_a_secret_goes_into_no_json_and_no_pickle() -> None:
    row = fresh(installed())
    with pytest.raises(TypeError):
        json.dumps({"token": row.bot_token})
    for thing in (row, row.bot_token, fresh(row)):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)
    assert copy.deepcopy(row).bot_token.reveal() == TOKEN


def test_secrets_compare_with_secrets_and_texts() -> None:
    secret = fresh(installed()).bot_token
    assert secret == TOKEN
    assert secret == Secret(TOKEN)
    assert secret != "xoxb-other"
    assert secret != 7
    assert hash(secret) == hash(Secret(TOKEN))


def test_dumps_carry_neither_text_nor_ciphertext() -> None:
    row = installed()
    dump = serializers.serialize("json", Installation.objects.all())
    assert TOKEN not in dump
    assert stored(row) not in dump
    [restored] = serializers.deserialize("json", dump)
    restored.save()
    assert not fresh(row).bot_token


def test_forms_neither_show_nor_take_it() -> None:
    form = modelform_factory(Installation, fields="__all__")
    assert "bot_token" not in form.base_fields


def test_migrations_describe_the_column_without_noise() -> None:
    _, path, args, options = EncryptedTextField(blank=True).deconstruct()
    assert (path, args, options) == ("accounts.fields.EncryptedTextField", [], {"blank": True})
