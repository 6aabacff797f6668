"""Secrets at rest: a text column that is sealed under FIELD_ENCRYPTION_KEY, bound to its row, and fails closed.

django-encrypted-model-fields does the column; as shipped it hands out what it cannot decrypt, decrypts what a form
sends, and stores the text of SQL expressions. Everything it does with values is therefore replaced here.

Inside the sealed text the place (`app.model.field:pk`) stands before the value, so a ciphertext copied into another
row or column does not open there. Renaming such a model or field needs a data migration that seals anew.
"""

from typing import TYPE_CHECKING, Any, NoReturn

from cryptography.fernet import InvalidToken
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from accounts import keyring
from accounts.secret import Secret

if TYPE_CHECKING:
    _PackageField = models.TextField[str | Secret, Secret]
else:
    from encrypted_model_fields.fields import EncryptedTextField as _PackageField


class SealBroken(ImproperlyConfigured):
    """A stored secret that cannot be trusted: no key opens it, or it was sealed for another row or column."""


class Unplaced(Secret):
    """Opened, but not yet known to belong to the row it was read with: only the row's attribute hands it out."""

    __slots__ = ("_place",)

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self._place = place

    def reveal(self) -> str:
        raise FieldError(
            f"{self._place.partition(':')[0]} is read as an attribute of its row, not by values()."
        )

    def at(self, place: str) -> Secret:
        if place != self._place:
            raise SealBroken(f"The secret in {place} was sealed for another row. Set it anew.")
        return Secret(self._text)


class Placed(Secret):
    """On its way to the database, with the place it is sealed for."""

    __slots__ = ("place",)

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self.place = place


class Resealed(Secret):
    """Ciphertext already, from the rotation of keys alone."""

    __slots__ = ()


class SecretAttribute(DeferredAttribute):
    """`row.field` is a Secret, or None; assigned are a str, a Secret or None."""

    field: "EncryptedTextField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Unplaced):
            value = instance.__dict__[self.field.attname] = value.at(self.field.place_of(instance))
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class EncryptedTextField(_PackageField):
    """Text, sealed. `row.field` is a `Secret`; an empty text is stored as it is. See the module's text."""

    descriptor_class = SecretAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    @property
    def label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def place_of(self, instance: models.Model) -> str:
        pk = instance._meta.pk.to_python(instance.pk)
        if pk is None:
            self._refuse("needs a row whose primary key is known before it is saved")
        return f"{self.label}:{pk}"

    # --- Python's side

    def to_python(self, value: Any) -> Secret | None:
        """Never opens anything: what comes from outside stays what it is."""
        if isinstance(value, str):
            return Secret(value)
        if value is not None and not isinstance(value, Secret):
            self._refuse(f"takes a str or a Secret, not {type(value).__name__}")
        return value

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        return None

    def value_to_string(self, obj: models.Model) -> str:
        """Dumps carry an empty text: a restored secret has to be given again."""
        return ""

    # --- the database's side

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Secret | None:
        if not value:
            return None if value is None else Secret("")
        try:
            place, _, text = keyring.unseal(value).partition("\n")
        except InvalidToken:
            raise SealBroken(
                f"{self.label} holds a value that no key of FIELD_ENCRYPTION_KEY opens. "
                "Put the key it was written with back into the list, or set the secret anew."
            ) from None
        if place.partition(":")[0] != self.label:
            raise SealBroken(f"{self.label} holds a secret that was sealed for another column. Set it anew.")
        return Unplaced(place, text)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        return Placed(self.place_of(model_instance), value.reveal()) if value else value

    def get_db_prep_save(self, value: Any, connection: Any) -> str | None:
        if hasattr(value, "resolve_expression"):
            self._refuse(
                "cannot be written by bulk_update() or an SQL expression: set it on the row and save()"
            )
        if value is None:
            return None
        if isinstance(value, Resealed):
            return value.reveal()
        if not isinstance(value, Placed):
            return self._unsealed(value)
        try:
            return keyring.seal(f"{value.place}\n{value.reveal()}")
        except UnicodeEncodeError:
            raise ValueError(f"{self.label}: the secret holds characters that are no text.") from None

    def _unsealed(self, value: Any) -> str:
        if value:
            self._refuse("cannot be written by update(), which knows no row: set it on the row and save()")
        return ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> NoReturn:
        self._refuse("cannot be used in a query")

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """The only place where an upsert shows itself: the row that stays has another key than the one sealed for."""
        if self in (getattr(compiler.query, "update_fields", None) or ()):
            self._refuse("cannot be written by an upsert: set it on the row and save()")
        return "%s"

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            self._refuse("cannot be searched: keep a keyed hash beside it")
        return super().get_lookup(lookup_name)

    def _refuse(self, why: str) -> NoReturn:
        raise FieldError(f"{self.label} {why}.")

    # --- system checks

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return [*super().check(**kwargs), *self._check_searchable(), *self._check_primary_key()]

    def _check_searchable(self) -> list[CheckMessage]:
        meta = self.model._meta
        named = {name for rule in (*meta.indexes, *meta.constraints) for name in getattr(rule, "fields", ())}
        named.update(name for group in meta.unique_together for name in group)
        if self.unique or getattr(self, "db_index", False) or self.name in named:
            why = "A sealed field cannot be unique or indexed: no two ciphertexts are alike."
            return [Error(why, obj=self, id="accounts.E010")]
        return []

    def _check_primary_key(self) -> list[CheckMessage]:
        if isinstance(self.model._meta.pk, models.AutoField):
            why = "A sealed field needs a primary key made before saving, such as a UUID."
            return [Error(why, obj=self, id="accounts.E011")]
        return []
