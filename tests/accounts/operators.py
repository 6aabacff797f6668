"""Olga, who runs the server, and her browser."""

import time

from django.test import Client

from accounts.models import User
from tests.accounts.factors import with_app
from tests.conftest import ClientOf, person


def an_operator() -> User:
    user = person("Olga", "olga@threadbell.example")
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    return User.objects.get(pk=user.pk)


def shows_factor(browser: Client) -> None:
    session = browser.session
    session["account_authentication_methods"] += [{"method": "mfa", "type": "totp", "at": time.time()}]
    session.save()


def operators_browser(client_of: ClientOf) -> Client:
    """She has shown her second factor."""
    olga = an_operator()
    with_app(olga)
    browser = client_of(olga)
    shows_factor(browser)
    return browser
