"""A6: people whose only way in is Slack show there again who they are, before something dangerous."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from tests.accounts.factors import code_of, with_app
from tests.conftest import prove
from tests.slackapp.peer import Slack
from tests.slackapp.ways import decide, log_in, who_is_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_keys_yet")]
PAGE = "/accounts/email/"


def change_address(browser: Client) -> str:
    fields = {"action_add": "", "email": "new@acme.example"}
    answer = browser.post(PAGE, fields, headers={"Referer": f"http://testserver{PAGE}"})
    return str(answer["Location"])


def prove_it(slack: Slack, browser: Client, person: str = "alice"):
    begun = browser.post("/slack/prove", {"next": PAGE})["Location"]
    return browser.get("/slack/login/callback", decide(slack, begun, person))


@pytest.fixture
def browser(slack: Slack, known: User) -> Client:
    """Alice came through Slack, a while ago."""
    browser = Client()
    log_in(slack, browser)
    prove(browser, known, ago=3600)
    return browser


def test_slack_is_asked_again_and_the_form_comes_back(slack: Slack, known: User, browser: Client) -> None:
    asked = change_address(browser)
    assert asked == "/slack/prove?next=%2Faccounts%2Femail%2F"
    assert 'name="next" value="/accounts/email/"' in browser.get(asked).content.decode()
    assert prove_it(slack, browser).headers["Location"] == PAGE
    assert change_address(browser) == PAGE
    assert EmailAddress.objects.filter(user=known).exists()


def test_somebody_else_in_slack_proves_nothing(slack: Slack, browser: Client) -> None:
    answer = prove_it(slack, browser, "bob")
    assert answer.status_code == 400
    assert "not the Slack account that you log in with" in answer.content.decode()
    assert change_address(browser).startswith("/slack/prove")


def test_a_log_in_begun_elsewhere_is_no_proof(slack: Slack, browser: Client) -> None:
    log_in(slack, browser)
    assert change_address(browser).startswith("/slack/prove")


def test_a_borrowed_session_makes_itself_no_password(slack: Slack, known: User, browser: Client) -> None:
    """With it the next question could be answered without Slack."""
    page, new = "/accounts/password/set/", "a long enough secret"
    fields = {"password1": new, "password2": new}
    headers = {"Referer": f"http://testserver{page}"}
    asked = "/slack/prove?next=%2Faccounts%2Fpassword%2Fset%2F"
    assert [browser.get(page)["Location"], browser.post(page, fields, headers=headers)["Location"]] == [
        asked,
        asked,
    ]
    known.refresh_from_db()
    assert not known.has_usable_password()
    prove_it(slack, browser)
    assert "password1" in browser.get(page).content.decode()
    browser.post(page, fields)
    known.refresh_from_db()
    assert known.check_password(new)


def test_a_link_alone_does_not_begin_it(slack: Slack, browser: Client) -> None:
    assert browser.get("/slack/prove", {"next": "//evil.example"}).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/slack/prove").status_code == 403


def test_slack_alone_no_longer_logs_in(slack: Slack, known: User) -> None:
    """B6: the second factor is asked for on this way, too."""
    secret, browser = with_app(known), Client()
    assert log_in(slack, browser).headers["Location"] == "/accounts/2fa/authenticate/"
    assert who_is_in(browser) is None
    assert browser.get("/console/").status_code == 302
    answer = browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert (answer["Location"], who_is_in(browser)) == ("/console/", str(known.pk))
