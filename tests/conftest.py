"""The cast: Acme with its owner Alice and agent Bob; Globex with Mallory, who must see nothing of Acme."""

import uuid
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client

from accounts import access, actions, limits
from accounts.models import Member, Role, User, Workspace

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


@pytest.fixture
def client_of() -> ClientOf:
    """A browser in which this person is logged in."""

    def open_browser(who: User | Member) -> Client:
        browser = Client()
        browser.force_login(who.user if isinstance(who, Member) else who, backend=BACKEND)
        return browser

    return open_browser
