"""Every model is in a migration and in the glossary."""

import pytest
from django.apps import apps
from django.core.management import call_command

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
