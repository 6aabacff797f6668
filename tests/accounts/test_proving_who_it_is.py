"""A6: what is dangerous asks who is there, unless they have shown it within 15 minutes (B10)."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts import actions, proof
from accounts.gate import recently_proved
from accounts.models import Member, User
from tests.accounts.test_signing_up import link_in_mail, sign_up
from tests.conftest import PASSWORD, ClientOf, prove

pytestmark = pytest.mark.django_db
LONG_AGO = 15 * 60 + 1
FORM = "http://testserver/accounts/email/?from=profile"


def change_address(browser: Client, **headers: str) -> Any:
    fields = {"action_add": "", "email": "new@acme.example"}
    return browser.post("/accounts/email/", fields, headers={"Referer": FORM, **headers})


def addresses(member: Member) -> set[str]:
    return set(EmailAddress.objects.filter(user=member.user).values_list("email", flat=True))


def test_a_fresh_log_in_is_proof_enough(alice: Member) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": "alice@acme.example", "password": PASSWORD})
    change_address(browser)
    assert "new@acme.example" in addresses(alice)


def test_whoever_has_just_signed_up_has_shown_it_by_their_new_password_and_their_mail(client: Client) -> None:
    sign_up(client)
    client.post(link_in_mail())
    change_address(client)
    assert EmailAddress.objects.filter(email="new@acme.example").exists()


def test_a_sign_up_of_long_ago_is_asked_again(client: Client) -> None:
    sign_up(client)
    client.post(link_in_mail())
    prove(client, User.objects.get(), ago=LONG_AGO)
    assert "/reauthenticate/" in change_address(client)["Location"]


def test_later_the_password_is_asked_and_the_form_comes_back(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=LONG_AGO)
    sent = change_address(browser)["Location"]
    assert sent == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F%3Ffrom%3Dprofile"
    assert addresses(alice) == {"alice@acme.example"}
    assert "Confirm that it is you" in browser.get(sent).content.decode()
    wrong = browser.post(sent, {"password": "not this one"})
    assert (wrong.status_code, change_address(browser)["Location"]) == (200, sent)
    assert browser.post(sent, {"password": PASSWORD})["Location"] == "/accounts/email/?from=profile"
    change_address(browser)
    assert "new@acme.example" in addresses(alice)


def test_what_was_posted_before_is_not_done_behind_the_persons_back(
    alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=LONG_AGO)
    browser.post(change_address(browser)["Location"], {"password": PASSWORD})
    assert addresses(alice) == {"alice@acme.example"}


def test_a_part_of_a_page_sends_the_whole_page(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=LONG_AGO)
    answer = change_address(browser, **{"HX-Request": "true", "HX-Current-URL": FORM})
    assert answer["HX-Redirect"].startswith("/accounts/reauthenticate/?next=%2Faccounts%2Femail")


def test_the_way_back_leads_nowhere_foreign(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=LONG_AGO)
    answer = change_address(browser, Referer="https://evil.example/trap")
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fconsole%2F"


def test_a_proof_is_nobody_elses(alice: Member, bob: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    prove(browser, bob.user)
    assert "/reauthenticate/" in change_address(browser)["Location"]


def test_who_has_no_way_to_prove_it_is_told_what_to_do(client_of: ClientOf, db: None) -> None:
    carol = actions.sign_up_by_identity("Carol", "Acme")
    browser = client_of(carol)
    prove(browser, carol.user, ago=LONG_AGO)
    answer = change_address(browser)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Log in again first" in page
    assert "You may not do this" not in page
    assert "bin/run" not in page
    assert 'action="/accounts/logout/"' in page
    back = "/accounts/login/?next=%2Faccounts%2Femail%2F%3Ffrom%3Dprofile"
    assert f'value="{back}"' in page
    assert browser.post("/accounts/logout/", {"next": back})["Location"] == back
    assert browser.get("/console/chats").status_code == 302


def test_the_demos_owner_is_told_which_link_logs_in_again(
    client_of: ClientOf, settings: Settings, db: None
) -> None:
    settings.DEMO = True
    carol = actions.sign_up_by_identity("Carol", "Acme")
    browser = client_of(carol)
    prove(browser, carol.user, ago=LONG_AGO)
    assert (
        "open the console link that <code>bin/run</code> printed" in change_address(browser).content.decode()
    )


def test_a_view_behind_the_gate_is_run_only_with_proof(
    alice: Member, client_of: ClientOf, rf: RequestFactory
) -> None:
    browser, done = client_of(alice), []

    @recently_proved
    def deed(request: Any) -> HttpResponse:
        done.append(request.user)
        return HttpResponse()

    for ago in (LONG_AGO, proof.FRESH.total_seconds() - 5):
        prove(browser, alice.user, ago=ago)
        request: Any = rf.post("/console/deed")
        request.user, request.session = alice.user, browser.session
        deed(request)
    assert done == [alice.user]
