"""The cast: Acme with its owner Alice and agent Bob; Globex with Mallory, who must see nothing of Acme."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from accounts import access, actions, limits
from accounts.models import Member, Role, User, Workspace
from tests import migrated
from tests.emptying import empty_after_each_test
from tests.thorough import THOROUGH

PASSWORD = "correct horse battery staple"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ClientOf = Callable[[User | Member], Client]


def pytest_configure() -> None:
    # a real hasher costs 100 ms a password; static files are not collected for tests
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    wait_for_no_disk(django_settings.DATABASES["default"])
    empty_after_each_test()


def wait_for_no_disk(database: dict[str, Any]) -> None:
    """A database of these tests need not outlive a power cut; those of whole processes are as they are shipped."""
    if command := database["OPTIONS"].get("init_command"):
        database["OPTIONS"]["init_command"] = f"{command}PRAGMA synchronous=OFF;"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.partition("::")[0] in THOROUGH:
            item.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A migrated database for each worker."""
    named = connection.settings_dict
    name_of = connection.creation._get_test_db_name  # type: ignore[attr-defined]
    kept, named["NAME"] = named["NAME"], name_of()
    if connection.vendor == "sqlite":
        migrated.new_file(Path(named["NAME"]))
    else:
        migrated.new_database(os.environ["DATABASE_URL"], named["NAME"])
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    remove_database(named["NAME"])
    named["NAME"] = kept


def remove_database(name: str) -> None:
    if connection.vendor == "sqlite":
        migrated.remove_file(Path(name))
    else:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            migrated.drop(server, name)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stored")


@pytest.fixture(autouse=True)
def nothing_is_stored_yet(stored: Path, settings: Settings) -> None:
    """Every test has a storage of its own: a folder that is made when something is put into it."""
    kept = settings.STORAGES["default"]
    options = {**kept["OPTIONS"], "location": str(stored / uuid.uuid4().hex)}
    settings.STORAGES = {**settings.STORAGES, "default": {**kept, "OPTIONS": options}}


@pytest.fixture(autouse=True)
def nobody_has_done_anything_yet() -> None:
    """Counters of earlier tests are out of sight. Clearing the cache would empty a Redis that others use, too."""
    limits.forget_everything()
    prefix = uuid.uuid4().hex
    django_settings.CACHES["default"]["KEY_PREFIX"] = prefix  # for threads that come later
    cache.key_prefix = prefix


def person(name: str, email: str) -> User:
    """Somebody whose address is proved."""
    user = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def member_of(workspace: Workspace, email: str) -> Member:
    user = User.objects.get(email=email)
    return access.member_for(user, workspace.pk)


@pytest.fixture
def acme(db: None) -> Workspace:
    workspace = actions.create_workspace("Acme", person("Alice", "alice@acme.example")).workspace
    actions.add_member(workspace, person("Bob", "bob@acme.example"), Role.AGENT)
    return workspace


@pytest.fixture
def globex(db: None) -> Workspace:
    return actions.create_workspace("Globex", person("Mallory", "mallory@globex.example")).workspace


@pytest.fixture
def alice(acme: Workspace) -> Member:
    return member_of(acme, "alice@acme.example")


@pytest.fixture
def bob(acme: Workspace) -> Member:
    return member_of(acme, "bob@acme.example")


@pytest.fixture
def victor(acme: Workspace) -> Member:
    """Acme's viewer: reads everything, changes nothing."""
    return actions.add_member(acme, person("Victor", "victor@acme.example"), Role.VIEWER)


@pytest.fixture
def mallory(globex: Workspace) -> Member:
    return member_of(globex, "mallory@globex.example")


def prove(browser: Client, user: User, ago: float = 0) -> None:
    """This browser has shown so many seconds ago, and not since, that it is this person who uses it."""
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.fixture
def client_of() -> ClientOf:
    """A browser in which this person has just logged in."""

    def open_browser(who: User | Member) -> Client:
        browser = Client()
        user = who.user if isinstance(who, Member) else who
        browser.force_login(user, backend=BACKEND)
        prove(browser, user)
        return browser

    return open_browser
