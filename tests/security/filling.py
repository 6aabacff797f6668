"""One row of every model for one workspace, whatever models there are: what comes later is crawled unasked."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from livechat.models import Message

APPS = ("accounts", "livechat", "slackapp", "billing")
Row = models.Model


def our_models() -> list[type[Row]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


class Rows:
    """Makes the rows that do not exist yet; those given are used as they are.

    Texts carry `canary`, which must appear nowhere in what others read. `odd` holds columns that cannot be guessed, by
    model and name: a value, or a function of these rows.
    """

    def __init__(self, canary: str, given: list[Row], odd: dict[str, dict[str, Any]]) -> None:
        self.canary, self.odd = canary, odd
        self.rows: dict[type[Row], Row] = {type(row): row for row in given}

    def of(self, model: type[Row]) -> Row:
        if model not in self.rows:
            columns = {
                field.name: value
                for field in model._meta.concrete_fields
                if (value := self._value(model, field)) is not None
            }
            odd = self.odd.get(model.__name__, {})
            columns |= {name: value(self) if callable(value) else value for name, value in odd.items()}
            self.rows[model] = self._that_is_there(model, columns) or model._base_manager.create(**columns)
        return self.rows[model]

    def _that_is_there(self, model: type[Row], columns: dict[str, Any]) -> Row | None:
        """Of some kinds there is one for each row of another, and it was made with that."""
        once = {field.name for field in model._meta.concrete_fields if field.one_to_one and not field.null}
        same = {name: value for name, value in columns.items() if name in once}
        return model._base_manager.filter(**same).first() if same else None

    def _value(self, model: type[Row], field: Any) -> Any:
        """None where the column looks after itself."""
        if field.name in self.odd.get(model.__name__, {}) or getattr(field, "generated", False):
            return None
        if field.is_relation:
            return None if field.null else self.of(field.related_model)
        if isinstance(field, models.AutoField) or (field.primary_key and field.has_default()):
            return None
        if isinstance(field, models.CharField | models.TextField):
            return self._text(model, field)
        return None if field.null or field.has_default() else self._other(field)

    def _text(self, model: type[Row], field: Any) -> str | None:
        if field.choices:
            return None if field.has_default() else str(field.choices[0][0])
        if any("Regex" in type(one).__name__ for one in field.validators) or (
            field.unique and field.has_default()
        ):
            return None
        text = f"{self.canary} {model.__name__}" if field.unique else self.canary
        return text[: field.max_length]

    def _other(self, field: Any) -> Any:
        if isinstance(field, models.DateTimeField):
            return None if field.auto_now_add or field.auto_now else timezone.now() + timedelta(days=1)
        if isinstance(field, models.DateField):
            return timezone.now().date()
        if isinstance(field, models.IntegerField | models.FloatField):
            return 1
        if isinstance(field, models.BooleanField):
            return False
        if isinstance(field, models.BinaryField):
            return self.canary.encode()
        if isinstance(field, models.UUIDField):
            return field.to_python("00000000-0000-4000-8000-00000000cafe")
        if isinstance(field, models.JSONField):
            return {"text": self.canary}
        raise TypeError(f"{field}: say in ODD what it holds")


# what the columns of these cannot be guessed to hold
ODD: dict[str, dict[str, Any]] = {
    "Message": {"seq": 1, "after_seq": 0},
    "MessageLink": {"message": lambda rows: rows.of(Message)},
    "Visitor": {"verified_at": timezone.now()},
}


def everything(canary: str, given: list[Row]) -> Rows:
    rows = Rows(canary, given, ODD)
    for model in our_models():
        rows.of(model)
    return rows


def snapshot() -> dict[str, dict[Any, dict[str, Any]]]:
    """Every row of every model of ours, by its key."""
    return {
        model.__name__: {row.pk: _values(row) for row in model._base_manager.all()} for model in our_models()
    }


def _values(row: Row) -> dict[str, Any]:
    return {field.attname: str(getattr(row, field.attname)) for field in row._meta.concrete_fields}
