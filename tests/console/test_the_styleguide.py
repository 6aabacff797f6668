"""C11: the parts of pages, shown to whoever builds the next one and to nobody else."""

import re

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts.models import Member
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
TOKENS = django_settings.BASE_DIR / "static" / "console" / "tokens.css"


def test_it_is_there_in_development_alone(client_of: ClientOf, alice: Member, settings: Settings) -> None:
    browser = client_of(alice)
    assert browser.get("/console/styleguide").status_code == 404
    settings.DEBUG = True
    assert browser.get("/console/styleguide").status_code == 200


def test_it_shows_every_icon_and_no_colour_that_is_gone(
    client_of: ClientOf, alice: Member, settings: Settings
) -> None:
    settings.DEBUG = True
    page = client_of(alice).get("/console/styleguide").content.decode()
    for icon in (django_settings.BASE_DIR / "templates" / "console" / "icons").glob("*.svg"):
        assert icon.name in page
    shown = set(re.findall(r'data-colour="(--[a-z0-9-]+)"', page))
    assert shown <= set(re.findall(r"^  (--[a-z0-9-]+):", TOKENS.read_text(), re.MULTILINE))
