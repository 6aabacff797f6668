"""W14, C3: an owner makes keys, chooses what is asked of visitors, and finds out what is wrong with a token."""

import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from accounts.models import Member
from livechat import identities, identity_samples
from livechat.models import IdentityKey, Site
from tests.conftest import ClientOf, prove
from tests.identity import key_of, token

pytestmark = pytest.mark.django_db


def path(site: Site, rest: str = "") -> str:
    return f"/console/sites/{site.id}/identity{rest}"


def test_a_key_is_shown_once_and_signs_from_then_on(client_of: ClientOf, alice: Member, shop: Site) -> None:
    browser = client_of(alice)
    assert "Make a key first" in browser.get(path(shop)).content.decode()
    refused = browser.post(path(shop), {"mode": "require"})
    assert (refused.status_code, "Make a key first" in refused.content.decode()) == (422, True)
    made = browser.post(path(shop, "/keys"))
    key = IdentityKey.unscoped.get()
    assert key.secret.reveal() in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert key.secret.reveal() not in browser.get(path(shop)).content.decode()
    saved = browser.post(path(shop), {"mode": "require"}, follow=True)
    assert "Only people who are logged in" in saved.content.decode()
    shop.refresh_from_db()
    assert shop.requires_identity


def test_a_third_key_and_the_last_ones_end_are_refused_with_a_way_out(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser, first = client_of(alice), key_of(alice, shop)
    refused = browser.post(path(shop, f"/keys/{first.pk}/retire"))
    assert (refused.status_code, "Make a new one first" in refused.content.decode()) == (422, True)
    browser.post(path(shop, "/keys"))
    third = browser.post(path(shop, "/keys"))
    assert (third.status_code, "Retire the older one" in third.content.decode()) == (422, True)
    done = browser.post(path(shop, f"/keys/{first.pk}/retire"), follow=True)
    assert "The key is retired" in done.content.decode()
    assert browser.post(path(shop, f"/keys/{first.pk}/retire")).status_code == 404


def test_a_token_is_looked_at_and_nothing_of_it_is_kept(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser, key = client_of(alice), key_of(alice, shop)
    good = browser.post(path(shop, "/check"), {"token": f" {token(key, attributes={'plan': 'gold'})}\n"})
    assert "This token is good until" in good.content.decode()
    assert all(word in good.content.decode() for word in ("4711", "Carol Nguyen", "gold"))
    bad = browser.post(path(shop, "/check"), {"token": token(key, aud="pk_other")})
    assert (bad.status_code, "aud must be" in bad.content.decode()) == (422, True)
    assert browser.post(path(shop, "/check"), {"token": "<script>"}).status_code == 422


def test_who_may_not_change_sites_makes_no_keys(
    client_of: ClientOf, alice: Member, bob: Member, mallory: Member, shop: Site
) -> None:
    key = key_of(alice, shop)
    shown = client_of(bob).get(path(shop)).content.decode()
    assert ("Owners and admins make and retire keys" in shown, "Check a token" in shown) == (True, False)
    for who, status in ((bob, 403), (mallory, 404)):
        for rest in ("", "/keys", f"/keys/{key.pk}/retire", "/check"):
            assert client_of(who).post(path(shop, rest), {"mode": "off"}).status_code == status
    assert IdentityKey.unscoped.get().is_live()


def test_a_borrowed_session_is_asked_and_no_key_is_made(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser, key = client_of(alice), key_of(alice, shop)
    prove(browser, alice.user, ago=3600)
    for rest in ("", "/keys", f"/keys/{key.pk}/retire"):
        asked = browser.post(
            path(shop, rest), {"mode": "off"}, headers={"Referer": "http://testserver" + path(shop)}
        )
        assert (asked.status_code, "reauthenticate" in asked["Location"]) == (302, True)
    shop.refresh_from_db()
    assert (shop.identity_mode, IdentityKey.unscoped.count()) == ("mark", 1)


def test_the_samples_sign_what_is_taken(alice: Member, shop: Site) -> None:
    """The ones whose language is here."""
    key = key_of(alice, shop)
    samples = identity_samples.of(shop, key.kid)
    env = {**os.environ, "THREADBELL_SECRET": key.secret.reveal()}
    user = SimpleNamespace(id=4711, name="Zoë", email="zoe@customer.example")
    python = (
        f"{samples['Python']}\nfrom types import SimpleNamespace as namespace\nprint(chat_token({user!r}))"
    )
    runs = [[sys.executable, "-c", python]]
    if node := shutil.which("node"):
        wanted = "console.log(chatToken({ id: 4711, name: 'Zoë', email: 'zoe@customer.example' }))"
        runs.append([node, "-e", f"{samples['Node']}\n{wanted}"])
    for run in runs:
        made = subprocess.run(run, env=env, capture_output=True, text=True, check=True, timeout=30)
        person = identities.check(shop, made.stdout.strip())
        assert (person.subject, person.name, person.email) == ("4711", "Zoë", "zoe@customer.example")
    assert not any(key.secret.reveal() in sample for sample in samples.values())
