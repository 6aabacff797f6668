"""S3: log in with Slack: the id token is checked in every way, nothing but (team, user) decides (A3, A5, A8, A10)."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member, User, Workspace
from slackapp import client, id_tokens, signin
from slackapp.models import OAuthState, SlackIdentity
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack
from tests.slackapp.ways import decide, log_in, query_of, start, who_is_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_keys_yet")]
CALLBACK = "/slack/login/callback"
ELSEWHERE = [
    *r"""https://evil.example //evil.example ///evil.example \\evil.example /\evil.example https:evil.example
    javascript:alert(1) http:///evil.example /%0d%0a//evil.example@x //localhost:1@evil.example evil.example""".split(),
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "/console/\x00",
    "/" + "a" * 400,
]


def spoil(slack: Slack, *, kind: str = "claims", **claims: object) -> None:
    slack.fault(kind, method="id_token", count=1, claims=claims)


def no(answer, browser: Client | None = None) -> str:
    assert answer.status_code == 400
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    if browser is not None:
        assert who_is_in(browser) is None
    return str(answer.content.decode())


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_the_address_asks_who_it_is_and_nothing_else(slack: Slack) -> None:
    address = start(Client(), "/slack/login")
    assert address.startswith(f"{slack.url}/openid/connect/authorize?")
    query = query_of(address)
    assert set(query) == {"response_type", "client_id", "scope", "state", "nonce", "redirect_uri"}
    assert (query["response_type"], query["scope"]) == ("code", "openid profile")
    assert query["redirect_uri"].endswith("/slack/login/callback")
    assert query["nonce"] not in str(OAuthState.objects.values())


def test_a_known_person_is_logged_in_with_a_new_session(slack: Slack, known: User) -> None:
    browser = Client()
    browser.session.save()
    before = browser.session.session_key
    answer = log_in(slack, browser)
    assert answer.headers["Location"] == "/console/"
    assert who_is_in(browser) == str(known.pk)
    assert browser.session.session_key != before


def test_logging_in_installs_nothing(slack: Slack, known: User) -> None:
    log_in(slack, Client())
    assert len(slack.calls("oauth.v2.access")) == 1
    assert (User.objects.count(), Workspace.objects.count()) == (1, 1)


def test_another_person_of_the_same_team_is_not_let_in(slack: Slack, known: User) -> None:
    browser = Client()
    page = no(log_in(slack, browser, "bob"), browser)
    assert "This Slack account is not known here" in page
    assert 'href="/slack/install"' in page
    assert 'href="/accounts/login/"' in page
    assert User.objects.count() == 1


def test_the_same_user_id_in_another_team_is_another_person(slack: Slack, known: User) -> None:
    spoil(slack, **{"https://slack.com/team_id": "T0ELSEWHERE"})
    browser = Client()
    assert "not known here" in no(log_in(slack, browser), browser)


@pytest.mark.parametrize("verified", [True, False])
def test_an_e_mail_address_logs_nobody_in(slack: Slack, alice: Member, verified: bool) -> None:
    spoil(slack, email="alice@acme.example", email_verified=verified)
    browser = Client()
    page = no(log_in(slack, browser, "mallory", "Globex"), browser)
    assert "alice@acme.example" not in page
    assert not SlackIdentity.objects.filter(user__isnull=False).exists()


def test_whoever_is_switched_off_stays_out(slack: Slack, known: User) -> None:
    User.objects.update(is_active=False)
    browser = Client()
    assert "switched off" in no(log_in(slack, browser), browser)


def test_logging_in_as_another_ends_the_session_of_the_first(
    slack: Slack, known: User, mallory: Member, client_of: ClientOf
) -> None:
    browser = client_of(mallory)
    before = browser.session.session_key
    log_in(slack, browser)
    assert who_is_in(browser) == str(known.pk)
    assert browser.session.session_key != before


# --- where it leads ---------------------------------------------------------------------------------------------------


def test_it_leads_where_somebody_wanted_to_go(slack: Slack, known: User) -> None:
    assert log_in(slack, Client(), next="/console/sites?x=1").headers["Location"] == "/console/sites?x=1"


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=repr)
def test_it_leads_nowhere_foreign(slack: Slack, known: User, elsewhere: str) -> None:
    answer = log_in(slack, Client(), next=elsewhere)
    where = answer.headers["Location"]
    assert where.startswith("/")
    assert not where.startswith(("//", "/\\"))
    assert "\n" not in where


# --- the token --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bad_signature", "alg_none", "alg_hs256", "unknown_kid"])
def test_a_token_that_slack_did_not_sign_is_refused(slack: Slack, known: User, kind: str) -> None:
    spoil(slack, kind=kind)
    browser = Client()
    assert "does not prove who you are" in no(log_in(slack, browser), browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another.app"},
        {"aud": ["1000000001.2000000002", "another.app"]},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"nonce": "guessed"},
        {"nonce": None},
        {"nonce": 7},
        {"exp": -600},
        {"exp": None},
        {"iat": 600},
        {"iat": None},
        {"sub": None},
        {"https://slack.com/team_id": None},
        {"https://slack.com/user_id": ""},
        {"https://slack.com/user_id": {"x": 1}},
        {"https://slack.com/user_id": "U" * 33},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_here_and_now_is_refused(slack: Slack, known: User, claims: Any) -> None:
    """A number counts from now, in seconds."""
    times = {name: int(time.time()) + claims[name] for name in ("exp", "iat") if claims.get(name)}
    spoil(slack, **{**claims, **times})
    browser = Client()
    assert "Nothing was changed" in no(log_in(slack, browser), browser)


def test_a_token_of_another_sign_in_is_refused(slack: Slack, known: User) -> None:
    """Somebody's code, planted with a state of the victim's own browser: the nonce is another."""
    victim, attacker = Client(), Client()
    planted = decide(slack, start(attacker, "/slack/login"))["code"]
    state = query_of(start(victim, "/slack/login"))["state"]
    no(victim.get(CALLBACK, {"state": state, "code": planted}), victim)


def test_new_keys_are_fetched_once_when_an_unknown_one_signs(slack: Slack, known: User) -> None:
    for _ in range(2):
        assert log_in(slack, Client()).status_code == 302
    assert len(slack.calls("openid.keys")) == 1
    slack.act("rotate_keys")
    for _ in range(2):
        assert log_in(slack, Client()).status_code == 302
    assert len(slack.calls("openid.keys")) == 2


def test_old_keys_are_fetched_anew(slack: Slack, known: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_tokens, "KEYS_LIVE", -1)
    for _ in range(2):
        log_in(slack, Client())
    assert len(slack.calls("openid.keys")) == 2


@pytest.mark.parametrize("kind", ["status", "garbage"])
def test_without_keys_nobody_gets_in_and_it_can_be_done_again(slack: Slack, known: User, kind: str) -> None:
    slack.fault(kind, method="openid.keys")
    browser = Client()
    assert "did not answer" in no(log_in(slack, browser), browser)
    assert log_in(slack, browser).status_code == 302


def test_keys_without_end_are_not_read(slack: Slack, known: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_PUBLISHED", 100)
    browser = Client()
    assert "did not answer" in no(log_in(slack, browser), browser)


@pytest.mark.parametrize("kind", ["status", "garbage", "drop_after_commit", "ratelimit", "hang"])
def test_slack_away_is_a_calm_page(slack: Slack, known: User, kind: str) -> None:
    slack.fault(kind, method="openid.connect.token")
    browser = Client()
    assert "did not answer" in no(log_in(slack, browser), browser)


@pytest.mark.parametrize(
    "published",
    [
        None,
        [],
        "x",
        {"keys": 1},
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}],
        [{"kty": "RSA", "kid": "a"}],
        [7],
    ],
)
def test_keys_that_are_none_are_not_used(published: object) -> None:
    assert id_tokens._usable(published) == {}


# --- the state --------------------------------------------------------------------------------------------------------


def test_declining_leads_to_a_page_with_both_doors(slack: Slack, known: User) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/login"), decision="deny")
    page = no(browser.get(CALLBACK, back), browser)
    assert "declined in Slack" in page
    assert 'href="/slack/login"' in page
    assert 'href="/accounts/login/"' in page


def test_a_return_is_good_once(slack: Slack, known: User) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/login"))
    assert browser.get(CALLBACK, back).status_code == 302
    assert browser.get(CALLBACK, back).status_code == 400


def test_another_browser_is_refused(slack: Slack, known: User) -> None:
    other = Client()
    start(other, "/slack/login")
    back = decide(slack, start(Client(), "/slack/login"))
    assert "another browser" in no(other.get(CALLBACK, back), other)


def test_a_browser_without_the_cookie_is_refused(slack: Slack, known: User) -> None:
    back = decide(slack, start(Client(), "/slack/login"))
    other = Client()
    no(other.get(CALLBACK, back), other)
    other.cookies["slack-state"] = ""
    no(other.get(CALLBACK, back), other)


def test_after_ten_minutes_it_is_too_late(slack: Slack, known: User) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/login"))
    OAuthState.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert "longer than ten minutes" in no(browser.get(CALLBACK, back), browser)


def test_a_state_of_installing_is_no_state_of_logging_in(slack: Slack, known: User) -> None:
    browser = Client()
    state = query_of(start(browser, "/slack/install"))["state"]
    code = decide(slack, start(browser, "/slack/login"))["code"]
    assert "something else" in no(browser.get(CALLBACK, {"state": state, "code": code}), browser)


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"code": "x"}, {"state": "\x00", "code": "\x00"}])
def test_a_junk_return_is_a_calm_page(slack: Slack, query: dict[str, str]) -> None:
    no(Client().get(CALLBACK, query))


def test_a_code_that_slack_does_not_know_is_told(slack: Slack, known: User) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/login"))
    assert "expired" in no(browser.get(CALLBACK, {**back, "code": "guessed"}), browser)


def test_a_server_without_a_slack_app_says_so_and_shows_no_button(slack: Slack, settings: Settings) -> None:
    assert "Log in with Slack" in Client().get("/accounts/login/").content.decode()
    settings.SLACK_CLIENT_ID = ""
    assert "no Slack app" in no(Client().get("/slack/login"))
    assert "Log in with Slack" not in Client().get("/accounts/login/").content.decode()


def test_the_log_in_page_hands_on_where_somebody_wanted_to_go(slack: Slack) -> None:
    page = Client().get("/accounts/login/?next=/console/sites").content.decode()
    assert 'href="/slack/login?next=/console/sites"' in page


def test_the_nonce_belongs_to_one_state_and_one_browser() -> None:
    nonces = {signin._nonce(state, browser) for state in ("a", "b") for browser in ("x", "y")}
    assert len(nonces) == 4
