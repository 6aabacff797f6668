"""S24, A2: who posts a link and is not linked is asked in Slack, logs in here, and Slack confirms that it is them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession
from slackapp.models import Connection, Installation, LinkPreview, SlackIdentity
from slackapp.previews import asking
from tests.conftest import ClientOf
from tests.slackapp.links import asked_in, calls, elsewhere, linked, posted, previews_of, to_chat
from tests.slackapp.peer import Slack, settle
from tests.slackapp.ways import Answer, decide, query_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("console_here", "no_keys_yet"),
]
CALLBACK = "/slack/login/callback"
LINK = "/console/slack/identities/link"


@pytest.fixture
def sales(slack: Slack, connection: Connection) -> str:
    return elsewhere(slack)


def path_of(asked: list[dict[str, Any]]) -> str:
    """Where the link leads that the app shows to whoever is asked."""
    (one,) = asked
    parts = urlsplit(one["url"])
    return f"{parts.path}?{parts.query}"


def confirm(slack: Slack, browser: Client, path: str, person: str = "bob", team: str = "Acme") -> Answer:
    """Presses the page's button and says in Slack who it is."""
    answer = browser.post(LINK, {"t": query_of(path)["t"]})
    assert answer.status_code == 302, answer.content.decode()
    return browser.get(CALLBACK, decide(slack, answer.headers["Location"], person, team))


def no(answer: Answer) -> str:
    assert answer.status_code == 400
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return str(answer.content.decode())


def whose() -> set[object]:
    return set(SlackIdentity.objects.filter(user__isnull=False).values_list("slack_user_id", "user_id"))


def test_from_the_question_in_slack_to_the_preview(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, client_of: ClientOf
) -> None:
    url = to_chat(chat)
    first, second = posted(slack, sales, url), posted(slack, sales, f"{url} again")
    path = path_of(asked_in(slack, sales, first))
    browser = client_of(bob)
    page = browser.get(path)
    assert page.headers["Referrer-Policy"] == "same-origin"
    words = page.content.decode()
    for part in (
        "Link your Slack account",
        "<strong>Bob</strong> of <strong>Acme</strong>",
        "bob@acme.example",
        "Confirm with Slack",
    ):
        assert part in words
    address = browser.post(LINK, {"t": query_of(path)["t"]}).headers["Location"]
    assert query_of(address)["team"] == slack.team()["id"]
    answer = browser.get(CALLBACK, decide(slack, address, "bob"))
    assert answer.headers["Location"] == path
    assert "Your Slack account is linked" in browser.get(path).content.decode()
    settle(slack)
    for ts in (first, second):
        assert previews_of(slack, sales, ts)[url].startswith("Chat with ")
        assert asked_in(slack, sales, ts) == []
    assert whose() == {(slack.person("bob"), bob.user.pk)}


def test_who_is_not_logged_in_logs_in_first_and_comes_back(
    slack: Slack, chat: ChatSession, sales: str
) -> None:
    path = path_of(asked_in(slack, sales, posted(slack, sales, to_chat(chat))))
    answer = Client().get(path)
    assert answer.status_code == 302
    assert urlsplit(answer.headers["Location"]).path == "/accounts/login/"
    assert query_of(answer.headers["Location"])["next"] == path


def test_a_link_that_was_passed_on_links_nobody_else(
    slack: Slack, chat: ChatSession, sales: str, alice: Member, client_of: ClientOf
) -> None:
    ts = posted(slack, sales, to_chat(chat))
    path = path_of(asked_in(slack, sales, ts))
    refusal = no(confirm(slack, client_of(alice), path, "alice"))
    assert "Slack says that you are Alice Meyer" in refusal
    assert "was for another person" in refusal
    settle(slack)
    assert whose() == set()
    assert previews_of(slack, sales, ts) == {}


def test_who_looks_at_a_link_changes_nothing(
    slack: Slack, chat: ChatSession, sales: str, mallory: Member, client_of: ClientOf
) -> None:
    path = path_of(asked_in(slack, sales, posted(slack, sales, to_chat(chat))))
    assert client_of(mallory).get(path).status_code == 200
    assert client_of(mallory).post(path).status_code == 405
    assert whose() == set()


def test_linked_to_somebody_who_may_not_see_it_it_stays_silent(
    slack: Slack, chat: ChatSession, sales: str, mallory: Member, client_of: ClientOf
) -> None:
    ts = posted(slack, sales, to_chat(chat))
    before = len(calls(slack))
    answer = confirm(slack, client_of(mallory), path_of(asked_in(slack, sales, ts)))
    assert answer.status_code == 302
    settle(slack)
    assert len(calls(slack)) == before
    assert previews_of(slack, sales, ts) == {}
    assert LinkPreview.objects.count() == 0


def test_an_account_in_slack_that_is_anothers_here_is_not_taken(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, mallory: Member, client_of: ClientOf
) -> None:
    path = path_of(asked_in(slack, sales, posted(slack, sales, to_chat(chat))))
    linked(slack, bob, "bob")
    assert "belongs to another account" in no(confirm(slack, client_of(mallory), path))
    assert whose() == {(slack.person("bob"), bob.user.pk)}


def test_linking_in_the_console_delivers_it_as_well(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, client_of: ClientOf
) -> None:
    ts = posted(slack, sales, to_chat(chat))
    browser = client_of(bob)
    browser.get(CALLBACK, decide(slack, browser.post(LINK).headers["Location"], "bob"))
    settle(slack)
    assert to_chat(chat) in previews_of(slack, sales, ts)


def test_who_never_wants_to_be_asked_is_not_and_may_link_all_the_same(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, client_of: ClientOf
) -> None:
    slack.act(
        "dismiss", user="bob", channel=sales, ts=posted(slack, sales, to_chat(chat)), never=True, team="Acme"
    )
    ts = posted(slack, sales, to_chat(chat))
    assert asked_in(slack, sales, ts) == []
    browser = client_of(bob)
    browser.get(CALLBACK, decide(slack, browser.post(LINK).headers["Location"], "bob"))
    settle(slack)
    assert to_chat(chat) in previews_of(slack, sales, ts)


def test_after_an_hour_what_waited_is_forgotten(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, client_of: ClientOf
) -> None:
    ts = posted(slack, sales, to_chat(chat))
    path = path_of(asked_in(slack, sales, ts))
    hour_ago = timezone.now() - timedelta(hours=1, seconds=1)
    LinkPreview.objects.update(due_at=timezone.now(), heard_at=hour_ago)
    confirm(slack, client_of(bob), path)
    settle(slack)
    assert previews_of(slack, sales, ts) == {}
    assert to_chat(chat) in previews_of(slack, sales, posted(slack, sales, to_chat(chat)))


def test_who_parts_from_the_account_is_asked_again(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, client_of: ClientOf
) -> None:
    identity = linked(slack, bob, "bob")
    assert "Bob" in client_of(bob).get("/console/slack").content.decode()
    client_of(bob).post(f"/console/slack/identities/{identity.pk}/unlink")
    ts = posted(slack, sales, to_chat(chat))
    assert len(asked_in(slack, sales, ts)) == 1
    assert previews_of(slack, sales, ts) == {}


def asked(slack: Slack) -> asking.Asked:
    return asking.Asked(Installation.objects.get().pk, slack.team()["id"], slack.person("bob"))


@pytest.mark.parametrize("spoil", ["", "x", "{t}x", "x{t}", "{t}\x00"])
def test_a_link_that_was_changed_leads_to_nothing(
    slack: Slack, connection: Connection, bob: Member, client_of: ClientOf, spoil: str
) -> None:
    token = spoil.format(t=asking.token_for(asked(slack)))
    browser = client_of(bob)
    assert "not complete" in no(browser.get("/slack/link", {"t": token}))
    if token:
        answer = browser.post(LINK, {"t": token})
        assert (answer.status_code, "not complete" in answer.content.decode()) == (400, True)


def test_what_we_signed_for_something_else_is_no_link(bob: Member, client_of: ClientOf) -> None:
    token = signing.dumps(["0" * 32, "T1", "U1"], salt="something.else")
    assert "not complete" in no(client_of(bob).get("/slack/link", {"t": token}))


def test_an_old_link_says_what_to_do(
    slack: Slack, connection: Connection, bob: Member, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = asking.token_for(asked(slack))
    monkeypatch.setattr(asking, "LIFE", timedelta(seconds=-1))
    refusal = no(client_of(bob).get("/slack/link", {"t": token}))
    assert "older than an hour" in refusal
    assert "Paste your link in Slack once more" in refusal


def test_a_link_of_a_slack_that_the_app_has_left(
    slack: Slack, connection: Connection, bob: Member, client_of: ClientOf
) -> None:
    token = asking.token_for(asked(slack))
    Installation.objects.update(state=Installation.State.REVOKED)
    assert "no longer in that Slack" in no(client_of(bob).get("/slack/link", {"t": token}))


def test_while_slack_does_not_tell_the_name_the_page_names_the_id(
    slack: Slack, connection: Connection, bob: Member, client_of: ClientOf
) -> None:
    slack.fault("status", "users.info", None, status=503)
    page = client_of(bob).get("/slack/link", {"t": asking.token_for(asked(slack))}).content.decode()
    assert slack.person("bob") in page
