"""The demo's link lets in from this machine, while it is fresh, and nowhere but in a demo."""

from typing import Any

import pytest
from django.core import signing
from django.test import Client

from accounts.models import Member, User
from livechat import demo
from livechat.models import Site
from slackapp.management.commands.seed_demo import seed_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return seed_rows()


@pytest.fixture(autouse=True)
def _in_a_demo(settings: Any) -> None:
    settings.DEMO = True


def enter(client: Client, key: str | None = None, **extra: Any) -> int:
    asked = {"key": demo.enter_key() if key is None else key}
    return client.get("/demo/enter", asked, **({"HTTP_HOST": "localhost"} | extra)).status_code


def test_the_link_logs_in_the_owner(client: Client, site: Site) -> None:
    assert enter(client) == 302
    owner = User.objects.get(email=demo.OWNER_EMAIL)
    assert client.session["_auth_user_id"] == str(owner.pk)


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "testserver"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    ],
)
def test_the_link_is_nothing_to_anybody_elsewhere(
    client: Client, site: Site, settings: Any, extra: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert enter(client, **extra) == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("key", ["", "forged", "\0"])
def test_a_key_that_is_not_the_owners_opens_nothing(client: Client, site: Site, key: str) -> None:
    assert enter(client, key) == 404


def test_a_key_for_somebody_who_is_not_there_opens_nothing(client: Client, site: Site) -> None:
    assert enter(client, signing.dumps("mallory@globex.example", salt="demo.enter")) == 404


def test_an_old_key_opens_nothing(client: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "KEY_SECONDS", -1)
    assert enter(client) == 404


def test_outside_of_a_demo_there_is_no_shop_and_no_door(client: Client, site: Site, settings: Any) -> None:
    settings.DEMO = False
    assert enter(client) == 404
    assert client.get("/demo").status_code == 404


def test_the_door_takes_no_post(client: Client, site: Site) -> None:
    assert client.post("/demo/enter", {"key": demo.enter_key()}, HTTP_HOST="localhost").status_code == 405


def test_the_shop_carries_the_snippet_of_its_site(client: Client, site: Site) -> None:
    page = client.get("/demo").content.decode()
    assert f'<script async src="/widget.js" data-site="{site.public_token}"></script>' in page


def test_seeding_again_changes_nothing(site: Site) -> None:
    counts = [model.objects.count() for model in (User,)] + [Member.unscoped.count(), Site.unscoped.count()]
    assert seed_rows().pk == site.pk
    assert counts == [2, 2, 1]
    assert [User.objects.count(), Member.unscoped.count(), Site.unscoped.count()] == counts


def test_the_demos_people_have_no_password(site: Site) -> None:
    assert not any(user.has_usable_password() for user in User.objects.all())
