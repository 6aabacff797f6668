"""A6: a workspace asks everybody for a second factor; whoever has none sees nothing of it before they set one up."""

import pytest
from allauth.mfa.models import Authenticator

from accounts.actions import own_account
from accounts.errors import NotFound
from accounts.models import AuditEntry, Member
from livechat import console_socket
from tests.accounts.factors import with_app
from tests.conftest import ClientOf, prove

pytestmark = pytest.mark.django_db
PAGE, DEED = "/console/settings/security", "/console/settings/security/second-factor"
ON = {"required": "on"}


@pytest.fixture
def asks(alice: Member) -> Member:
    with_app(alice.user)
    own_account.require_second_factor(alice, True)
    return alice


def test_the_owner_asks_for_it_and_the_trail_says_so(alice: Member, bob: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    assert "Set one up for yourself first" in browser.get(PAGE).content.decode()
    refused = browser.post(DEED, ON, follow=True).content.decode()
    assert "Set up a second factor for yourself first" in refused
    with_app(alice.user)
    page = browser.get(PAGE).content.decode()
    assert "1 of your people has none yet" in page
    assert "Bob" in page
    assert "Everybody here needs a second factor" in browser.post(DEED, ON, follow=True).content.decode()
    browser.post(DEED, ON)
    browser.post(DEED, {})
    trail = AuditEntry.objects.in_workspace(alice.workspace).filter(verb__contains="second_factor")
    assert list(trail.order_by("pk").values_list("verb", flat=True)) == [
        "workspace.second_factor_required",
        "workspace.second_factor_optional",
    ]


def test_others_and_borrowed_sessions_change_nothing(alice: Member, bob: Member, client_of: ClientOf) -> None:
    with_app(alice.user)
    assert client_of(bob).post(DEED, ON).status_code == 403
    borrowed = client_of(alice)
    prove(borrowed, alice.user, ago=3600)
    assert "/reauthenticate/" in borrowed.post(DEED, ON)["Location"]
    alice.workspace.refresh_from_db()
    assert not alice.workspace.requires_second_factor


def test_whoever_has_none_is_led_to_set_one_up(asks: Member, bob: Member, client_of: ClientOf) -> None:
    browser = client_of(bob)
    for path in ("/console/", "/console/chats", "/console/sites", PAGE, "/console/slack", "/console/team"):
        assert browser.get(path, follow=True).redirect_chain[-1][0] == "/console/account/security"
    part = browser.get("/console/chats/list", headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == "/console/account/security"
    assert (
        "Your workspace asks for a second factor" in browser.get("/console/account/security").content.decode()
    )
    with_app(bob.user)
    assert browser.get("/console/chats").status_code == 200


def test_neither_the_socket_nor_slack_let_them_in(asks: Member, bob: Member, client_of: ClientOf) -> None:
    with pytest.raises(NotFound):
        console_socket._enter(bob.user, None)
    assert console_socket._enter(asks.user, None)[0] == asks
    assert client_of(bob).get("/slack/install", {"connection": "1"}).status_code == 403


def test_nobody_removes_the_last_one_that_is_asked_for(asks: Member, client_of: ClientOf) -> None:
    browser = client_of(asks)
    answer = browser.post("/accounts/2fa/totp/deactivate/").content.decode()
    assert "this is your last one" in answer
    assert Authenticator.objects.filter(user=asks.user).exists()


def test_other_workspaces_ask_for_nothing(asks: Member, mallory: Member, client_of: ClientOf) -> None:
    assert client_of(mallory).get("/console/chats").status_code == 200
