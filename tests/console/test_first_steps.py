"""The first run (C1) and the pages for everybody: each says what comes next."""

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession, Site
from slackapp.models import Connection
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def done(page: str) -> int:
    return page.count("(done)")


def test_each_step_shows_as_soon_as_it_works(client_of: ClientOf, alice: Member, shop: Site) -> None:
    browser = client_of(alice)
    assert done(browser.get("/console/chats/setup").content.decode()) == 0
    Connection.unscoped.create(workspace=shop.workspace, site=shop, state=Connection.State.READY)
    assert done(browser.get("/console/chats/setup").content.decode()) == 1
    Site.unscoped.filter(pk=shop.pk).update(snippet_seen_at=timezone.now())
    assert done(browser.get("/console/chats/setup").content.decode()) == 2


def test_the_checklist_leaves_when_everything_is_done(
    client_of: ClientOf, alice: Member, chat: ChatSession, connection: Connection
) -> None:
    browser = client_of(alice)
    assert 'id="setup"' in browser.get("/console/chats").content.decode()
    Site.unscoped.update(snippet_seen_at=timezone.now())
    assert 'id="setup"' not in browser.get("/console/chats").content.decode()


def test_a_channel_in_trouble_does_not_bring_the_first_steps_back(
    client_of: ClientOf, alice: Member, chat: ChatSession, connection: Connection
) -> None:
    Site.unscoped.update(snippet_seen_at=timezone.now())
    Connection.unscoped.update(state=Connection.State.BROKEN)
    assert 'id="setup"' not in client_of(alice).get("/console/chats").content.decode()
    assert "Not connected to Slack" not in client_of(alice).get("/console/sites").content.decode()


def test_globexs_progress_is_not_acmes(client_of: ClientOf, alice: Member, foreign_shop: Site) -> None:
    Site.unscoped.filter(pk=foreign_shop.pk).update(snippet_seen_at=timezone.now())
    page = client_of(alice).get("/console/chats/setup").content.decode()
    assert done(page) == 0
    assert "Make the site" in page


@pytest.mark.parametrize(
    "address",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/confirm-email/"],
)
def test_public_pages_carry_no_script_and_stay_small(client: Client, db: None, address: str) -> None:
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<script") == (address == "/accounts/login/")  # a passkey takes one
    assert len(page) < 20_000
    assert "Threadbell" in page


def test_the_first_page_has_one_loud_button_and_one_script(client: Client, db: None) -> None:
    page = client.get("/").content.decode()
    assert page.count("button-primary") == 1
    assert page.count("<script") == 1
    assert len(page) < 20_000


def test_the_panel_to_try_stands_in_our_own_page_only_and_reaches_nobody(client: Client, db: None) -> None:
    answer = client.get("/tryout")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "connect-src 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "pretend/landing.js" in answer.content.decode()


def test_somebody_logged_in_is_taken_to_their_chats(client_of: ClientOf, alice: Member) -> None:
    assert client_of(alice).get("/").headers["Location"] == "/console/chats"


def test_only_a_demo_says_that_it_is_one(client: Client, db: None) -> None:
    assert "demo" not in client.get("/").content.decode()
    with override_settings(DEMO=True):
        assert "This is a demo" in client.get("/").content.decode()


def test_a_lost_reader_finds_a_way_on(client: Client, client_of: ClientOf, alice: Member) -> None:
    assert "/accounts/login/" in client.get("/nowhere").content.decode()
    page = client_of(alice).get("/nowhere")
    assert page.status_code == 404
    assert "Go to your chats" in page.content.decode()


def test_a_page_that_breaks_tells_that_messages_are_safe(
    client_of: ClientOf, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_of(alice)
    browser.raise_request_exception = False
    monkeypatch.setattr("livechat.queries.sites_of", lambda workspace: 1 / 0)
    answer = browser.get("/console/sites")
    assert answer.status_code == 500
    assert "Chats that were already sent are safe" in answer.content.decode()


def test_every_console_page_is_light_and_runs_only_our_own_scripts(
    client_of: ClientOf, alice: Member, chat: ChatSession, connection: Connection
) -> None:
    browser = client_of(alice)
    pages = ["chats", f"chats/{chat.id}", "sites", f"sites/{chat.site_id}", "slack", f"slack/{connection.pk}"]
    for page in pages:
        answer = browser.get(f"/console/{page}")
        text = answer.content.decode()
        assert answer.status_code == 200, page
        assert len(text) < 60_000, page
        assert "style=" not in text, page
        assert " onclick=" not in text, page
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"], page
        assert "unsafe-eval" not in answer.headers["Content-Security-Policy"], page


def test_somebody_who_asks_too_much_is_told_to_wait(client_of: ClientOf, alice: Member, shop: Site) -> None:
    browser = client_of(alice)
    with override_settings(LIMITS_SCALE=0.02):
        answers = [browser.get("/console/sites") for _ in range(8)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "Nothing was changed" in answers[-1].content.decode()


# --- a site is made, and tried, where the steps are -------------------------------------------------------------------


def test_a_site_made_from_the_steps_leads_back_to_them(client_of: ClientOf, alice: Member) -> None:
    answer = client_of(alice).post("/console/sites/new", {"name": "Tea house", "back": "chats"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/chats")
    assert Site.unscoped.get().name == "Tea house"


def test_who_may_not_make_one_is_told_who_may(client_of: ClientOf, bob: Member) -> None:
    page = client_of(bob).get("/console/chats/setup").content.decode()
    assert "An owner or admin of Acme makes the first site" in page
    assert "Make the site" not in page


def test_a_connection_is_tested_from_the_steps(
    client_of: ClientOf, alice: Member, bob: Member, connection: Connection
) -> None:
    test = f"/console/slack/{connection.pk}/test"
    assert test in client_of(alice).get("/console/chats/setup").content.decode()
    assert test not in client_of(bob).get("/console/chats/setup").content.decode()


def test_trying_it_oneself_shows_the_real_widget(client_of: ClientOf, alice: Member, shop: Site) -> None:
    page = client_of(alice).get(f"/console/sites/{shop.pk}/try").content.decode()
    assert f'data-site="{shop.public_token}"' in page


def test_a_site_that_names_its_websites_is_tried_there(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    Site.unscoped.update(allowed_origins=["https://shop.example"])
    page = client_of(alice).get(f"/console/sites/{shop.pk}/try").content.decode()
    assert "https://shop.example" in page
    assert shop.public_token not in page


def test_trying_it_oneself_is_not_the_website(client: Client, shop: Site) -> None:
    for page, counts in (("/console/sites/1/try", False), ("/demo", True)):
        where = {"Referer": f"{django_settings.CONSOLE_URL}{page}", "Sec-Fetch-Dest": "iframe"}
        client.get(f"/widget/frame?site={shop.public_token}", headers=where)
        assert (Site.unscoped.get().snippet_seen_at is not None) is counts
