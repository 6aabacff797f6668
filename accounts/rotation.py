"""Moving every sealed secret under the first key, row by row, while the product runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from accounts import keyring
from accounts.fields import EncryptedTextField, Resealed


@dataclass
class Count:
    """What became of the rows of one column. `unreadable` holds places (`app.model.field:pk`), never values."""

    moved: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def sealed_columns() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if isinstance(column, EncryptedTextField):
                yield model, column


def rotate(model: type[models.Model], column: EncryptedTextField, batch: int) -> Count:
    """Idempotent, and stopped anywhere it can be begun anew: each row is moved by one conditional update."""
    count, last = Count(), None
    while keys := _next_keys(model, column, last, batch):
        for pk in keys:
            _move(model, column, pk, count)
        last = keys[-1]
    return count


def rotate_second_factors() -> Count:
    """The secrets of apps and recovery codes, which lie inside a column of allauth's. Idempotent like `rotate`."""
    count = Count()
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        _move_second_factor(pk, count)
    return count


def _move_second_factor(pk: int, count: Count) -> None:
    """Under the row's lock: a recovery code that is used meanwhile is noted in the same column."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(pk=pk).first()
        name = next((name for name in ("secret", "seed") if row and name in row.data), None)
        if row is None or name is None:
            return
        if keyring.is_current(row.data[name]):
            count.current += 1
            return
        try:
            row.data[name] = keyring.seal(keyring.unseal(row.data[name]))
        except InvalidToken:
            count.unreadable.append(f"mfa.authenticator.data:{pk}")
            return
        row.save(update_fields=["data"])
        count.moved += 1


def _stored(model: type[models.Model], column: EncryptedTextField) -> models.QuerySet[Any]:
    """Rows with the ciphertext as `stored`; those without a secret are left out."""
    rows = model._base_manager.annotate(stored=Cast(column.name, models.TextField()))
    return rows.filter(stored__gt="").order_by("pk")


def _next_keys(model: type[models.Model], column: EncryptedTextField, last: Any, batch: int) -> list[Any]:
    rows = _stored(model, column) if last is None else _stored(model, column).filter(pk__gt=last)
    return list(rows.values_list("pk", flat=True)[:batch])


def _move(model: type[models.Model], column: EncryptedTextField, pk: Any, count: Count) -> None:
    row = _stored(model, column).filter(pk=pk)
    while (stored := row.values_list("stored", flat=True).first()) is not None:
        if keyring.is_current(stored):
            count.current += 1
            return
        try:
            text = keyring.unseal(stored)
        except InvalidToken:
            count.unreadable.append(f"{column.label}:{pk}")
            return
        # nothing moved: the product wrote the row in between, so it is looked at again
        if row.filter(stored=stored).update(**{column.name: Resealed(keyring.seal(text))}):
            count.moved += 1
            return
