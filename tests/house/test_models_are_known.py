"""Every model is in a migration and in the glossary, and of every column it is known of whom it tells."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command

from accounts import personal
from tests.house.sources import APPS, ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"


@pytest.mark.django_db
def test_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_glossary_has_a_line_for_every_model() -> None:
    text = GLOSSARY.read_text()
    names = [model.__name__ for app in APPS for model in apps.get_app_config(app).get_models()]
    assert names
    assert not [name for name in names if f"**{name}**" not in text and f"`{name}`" not in text]


def test_the_operator_finds_the_rows_of_every_model() -> None:
    """C12."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    missing = [model.__name__ for model in models if not admin.site.is_registered(model)]
    assert not missing, "Register these in their app's admin.py, below ReadOnlyAdmin."


def test_of_every_column_it_is_known_of_whom_it_tells() -> None:
    """L1: exports go by the table."""
    assert not personal.unknown(), "Say in accounts/personal.py of whom these columns tell (or `other`)."
    assert not personal.stale(), "accounts/personal.py names these, and no model has them (any more)."
