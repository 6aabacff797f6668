"""S1, S2: whatever goes wrong on the way through Slack ends on a calm page, and nothing was made (A1–A3)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member, User, Workspace
from livechat.models import Site
from slackapp import giving_back
from slackapp.models import Installation, OAuthState, SlackIdentity
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack
from tests.slackapp.ways import Answer, add, decide, query_of, start

pytestmark = pytest.mark.django_db(transaction=True)
CALLBACK = "/slack/oauth/callback"


def nothing_was_made() -> bool:
    return (
        not any(model.objects.exists() for model in (User, Workspace, Installation, SlackIdentity))
        and not Site.unscoped.exists()
    )


def no(answer: Answer) -> str:
    """Every refusal is a calm private page with a way on, which tells its address to nobody."""
    assert answer.status_code == 400
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = str(answer.content.decode())
    assert 'href="/slack/install"' in page
    return page


def test_declining_changes_nothing(slack: Slack) -> None:
    assert "declined in Slack. Nothing was changed." in no(add(slack, Client(), decision="deny"))
    assert nothing_was_made()


def test_a_return_is_good_once(slack: Slack) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"))
    browser.get(CALLBACK, back)
    assert Client().get(CALLBACK, back).status_code == 400
    assert User.objects.count() == 1


def test_another_browser_gets_nothing_and_uses_it_up(slack: Slack) -> None:
    browser, other = Client(), Client()
    back = decide(slack, start(browser, "/slack/install"))
    start(other, "/slack/install")
    assert "another browser" in no(other.get(CALLBACK, back))
    assert "used before" in no(browser.get(CALLBACK, back))
    assert nothing_was_made()


def test_two_tabs_of_one_browser_both_find_back(slack: Slack) -> None:
    browser = Client()
    first = decide(slack, start(browser, "/slack/install"))
    start(browser, "/slack/install")
    assert browser.get(CALLBACK, first).status_code == 302


def test_after_ten_minutes_it_is_too_late(slack: Slack) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"))
    OAuthState.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert "longer than ten minutes" in no(browser.get(CALLBACK, back))
    assert nothing_was_made()


def test_a_state_of_logging_in_is_no_state_of_installing(slack: Slack) -> None:
    browser = Client()
    state = query_of(start(browser, "/slack/login"))["state"]
    code = decide(slack, start(browser, "/slack/install"))["code"]
    assert "something else" in no(browser.get(CALLBACK, {"state": state, "code": code}))
    assert nothing_was_made()


def test_who_logged_in_meanwhile_is_not_taken_for_who_began(
    slack: Slack, alice: Member, client_of: ClientOf
) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"))
    browser.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get(CALLBACK, back).status_code == 400
    assert not Installation.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{}, {"state": "x"}, {"code": "x"}, {"error": "access_denied"}, {"state": "\x00", "code": "\x00"}],
)
def test_a_junk_return_is_a_calm_page(slack: Slack, query: dict[str, str]) -> None:
    assert "Nothing was changed" in no(Client().get(CALLBACK, query))


@pytest.mark.parametrize("method", ["oauth.v2.access", "auth.test"])
@pytest.mark.parametrize("kind", ["garbage", "status", "drop_after_commit", "ratelimit"])
def test_slack_in_trouble_makes_nothing_and_it_can_be_done_again(
    slack: Slack, method: str, kind: str
) -> None:
    slack.fault(kind, method=method)
    browser = Client()
    assert "did not answer" in no(add(slack, browser))
    assert nothing_was_made()
    assert add(slack, browser).status_code == 302


def test_a_code_that_slack_does_not_know_is_told(slack: Slack) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"))
    assert "expired" in no(browser.get(CALLBACK, {**back, "code": "guessed"}))
    assert nothing_was_made()


def test_a_missing_permission_is_named(slack: Slack) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"), scope="chat:write,users:read")
    page = no(browser.get(CALLBACK, back))
    assert "channels:manage" in page
    assert giving_back.GIVEN_BACK in page
    assert nothing_was_made()
    assert slack.calls("auth.revoke")[-1]["answered"]["revoked"] is True


def test_a_key_that_slack_gave_is_given_back_where_keys_rotate_too(slack: Slack) -> None:
    slack.act("rotation")
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"), scope="chat:write,users:read")
    assert giving_back.GIVEN_BACK in no(browser.get(CALLBACK, back))
    assert slack.calls("apps.uninstall")[-1]["answered"]["ok"] is True


def test_a_key_that_could_not_be_looked_at_is_given_back(slack: Slack) -> None:
    slack.fault("status", method="auth.test", status=503)
    page = no(add(slack, Client()))
    assert "Slack did not answer" in page
    assert giving_back.GIVEN_BACK in page


def test_a_key_that_slack_does_not_take_back_is_told_of(slack: Slack) -> None:
    slack.fault("status", method="auth.revoke", status=503, count=None)
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"), scope="chat:write,users:read")
    assert giving_back.LEFT_THERE in no(browser.get(CALLBACK, back))
    assert nothing_was_made()


def test_a_key_that_somebody_is_answered_with_stays(slack: Slack) -> None:
    """Bob's account is switched off here; the site of Alice goes on."""
    assert add(slack, Client()).status_code == 302
    known = {"slack_team_id": slack.team()["id"], "slack_user_id": slack.person("bob")}
    gone = User.objects.create(email="bob@acme.example", is_active=False)
    SlackIdentity.objects.update_or_create(**known, defaults={"user": gone})
    page = no(add(slack, Client(), "bob"))
    assert "switched off" in page
    assert giving_back.IN_USE in page
    assert slack.calls("auth.revoke") == []
    assert Installation.objects.get().state == "active"


def test_a_server_without_a_slack_app_says_so(slack: Slack, settings: Settings) -> None:
    settings.SLACK_CLIENT_ID = ""
    assert "no Slack app" in no(Client().get("/slack/install"))


def test_too_many_from_one_address_wait(slack: Slack, settings: Settings) -> None:
    settings.LIMITS_SCALE = 1
    answers = [Client().get("/slack/install").status_code for _ in range(61)]
    assert (set(answers[:60]), answers[60]) == ({302}, 429)
    assert OAuthState.objects.count() == 60


@pytest.mark.parametrize("path", ["/slack/install", CALLBACK, "/slack/login", "/slack/login/callback"])
def test_these_pages_take_no_post(slack: Slack, path: str) -> None:
    assert Client().post(path).status_code == 405
