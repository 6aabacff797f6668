"""S25: pages that need no account: each is there, small, our own, and its promises are those that the code keeps."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from livechat.models import Site
from livechat.operators import TO_THE_LOG
from slackapp import actions, oauth, signin
from slackapp.actions import forgetting
from slackapp.models import Connection, Installation
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db

PAGES = "/pricing /privacy /terms /security /support /support/sent /slack/scopes".split()
ENTRANCES = "/ /accounts/login/ /accounts/signup/ /accounts/password/reset/".split()
LINK = re.compile(r"""(?:href|src|action)="([^"]*)\"""")
ASKED = {"name": "Vera", "email": "vera@example.com", "about": "question", "text": "Is my chat kept?"}


def words(client: Client, path: str) -> str:
    """What a person reads: no tags, single spaces."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    text = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return re.sub(r" ([.,])", r"\1", " ".join(text.split()))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_has_one_heading_and_no_script(client: Client, path: str) -> None:
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1") == 1
    assert "<script" not in page
    assert "style=" not in page
    assert len(page) < 20_000
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def links_of(client: Client, path: str) -> set[str]:
    return {unescape(link) for link in LINK.findall(client.get(path).content.decode())}


def links_of_all(client: Client) -> Iterator[tuple[str, str]]:
    for path in [*ENTRANCES, *PAGES, "/nowhere", "/slack/oauth/callback?error=access_denied"]:
        for link in sorted(links_of(client, path)):
            yield path, link


def test_every_link_leads_somewhere_and_to_no_other_host(client: Client) -> None:
    found: dict[str, str] = {}
    for path, link in links_of_all(client):
        parts = urlsplit(link)
        assert not parts.netloc, f"{path} leads to {link}"
        if parts.scheme or not parts.path:
            assert parts.scheme in ("", "mailto"), f"{path} leads to {link}"
        elif parts.path.startswith("/static/"):
            assert finders.find(parts.path.removeprefix("/static/")), f"{path} wants {link}"
        else:
            found[parts.path] = path
    assert {*PAGES} - {"/support/sent"} <= {*found}
    for link, path in found.items():
        assert client.get(link).status_code in (200, 302), f"{path} leads to {link}"


def test_every_page_and_every_no_ends_with_the_way_to_support(
    client: Client, client_of: ClientOf, alice: Member, shop: Site
) -> None:
    for path in [*ENTRANCES, *PAGES, "/nowhere", "/slack/oauth/callback?error=access_denied"]:
        assert {"/support", "/privacy", "/slack/scopes"} <= links_of(client, path), path
    assert {"/support", "/privacy", "/slack/scopes"} <= links_of(client_of(alice), "/console/sites")


def test_who_runs_the_server_is_said_as_the_operator_put_it(client: Client, settings: Settings) -> None:
    settings.OPERATOR_NAME, settings.SUPPORT_EMAIL = "Acme <Ltd>", "help@acme.example"
    settings.OPERATOR_ADDRESS = "1 High Street\nVilnius"
    page = client.get("/privacy").content.decode()
    assert "<strong>Acme &lt;Ltd&gt;</strong> runs this server" in page
    assert "1 High Street<br>Vilnius" in page
    for path in ("/privacy", "/security", "/support"):
        assert "mailto:help@acme.example" in links_of(client, path)


def test_an_operator_without_a_name_is_called_by_the_servers_host(client: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://chat.acme.example"
    for path in ("/privacy", "/terms", "/pricing"):
        assert "This server, chat.acme.example, is run by whoever gave you its address" in words(client, path)


def test_pricing_names_the_plan_that_every_workspace_has(client: Client, alice: Member) -> None:
    assert alice.workspace.plan_name in words(client, "/pricing")


def test_every_permission_stands_on_the_page_with_its_reason(client: Client) -> None:
    page = words(client, "/slack/scopes")
    for scope, reason in {**oauth.ALL_SCOPES, **signin.REASONS}.items():
        assert f"{scope} {reason}" in page


@pytest.mark.parametrize("days", [14, 30])
def test_what_slack_left_is_deleted_in_the_time_that_the_pages_promise(
    client: Client, alice: Member, connection: Connection, settings: Settings, days: int
) -> None:
    settings.SLACK_KEEP_DAYS = days
    for path in ("/privacy", "/slack/scopes"):
        assert re.findall(r"(\d+) days (?:after|later)", words(client, path)) == [str(days)]
    assert connection.installation is not None
    actions.revoke(connection.installation, "The app was removed from Slack.")
    left = Installation.objects.get(delete_at__isnull=False)
    assert left.delete_at is not None
    assert left.revoked_at is not None
    assert left.delete_at - left.revoked_at == timedelta(days=days)
    assert left.bot_token.reveal() == ""


def test_events_are_kept_as_long_as_the_page_says(client: Client) -> None:
    kept = forgetting.EVENTS_KEPT_FOR.days, forgetting.FAILED_EVENTS_KEPT_FOR.days
    assert f"{kept[0]} days; {kept[1]} if it could not be handled" in words(client, "/privacy")


def test_programs_that_look_for_holes_find_whom_to_tell(client: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://chat.acme.example"
    answer = client.get("/.well-known/security.txt")
    told = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert told["Contact"] == "https://chat.acme.example/support?about=security"
    left = datetime.fromisoformat(told["Expires"]) - timezone.now()
    assert timedelta(days=30) < left < timedelta(days=365)


# --- writing to the operator ----------------------------------------------------------------------------------------


def test_a_stranger_writes_to_the_operator(client: Client, settings: Settings) -> None:
    settings.SUPPORT_EMAIL, settings.PUBLIC_URL = "help@acme.example", "https://chat.acme.example"
    answer = client.post("/support", ASKED)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/support/sent")
    assert "on its way" in words(client, "/support/sent")
    sent = mail.outbox[0]
    assert (sent.to, sent.reply_to) == (["help@acme.example"], ["vera@example.com"])
    assert sent.subject == "Support: A question (chat.acme.example)"
    assert str(sent.body).startswith("Is my chat kept?\n")
    assert "Vera <vera@example.com>" in sent.body


def test_without_an_address_of_its_own_support_is_read_where_mails_come_from(
    client: Client, settings: Settings
) -> None:
    settings.SUPPORT_EMAIL, settings.DEFAULT_FROM_EMAIL = "", "Threadbell <chat@acme.example>"
    client.post("/support", ASKED)
    assert mail.outbox[0].to == ["chat@acme.example"]


def test_a_link_may_say_what_it_is_about(client: Client) -> None:
    assert '<option value="security" selected>' in client.get("/support?about=security").content.decode()
    assert '<option value="question" selected>' in client.get("/support?about=<b>").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": ""}, "Without an address nobody can answer you."),
        ({"email": "vera"}, "Enter a valid email address."),
        ({"email": "vera@example.com\nBcc: all@example.com"}, "Enter a valid email address."),
        ({"text": "  "}, "Write what you would like to ask."),
        ({"text": "a" * 5001}, "at most 5000 characters"),
        ({"about": "prize"}, "prize is not one of the available choices"),
        ({"name": "a" * 81}, "at most 80 characters"),
        ({"name": "Ve\x00ra"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_sent_is_said_beside_the_field_and_nothing_is_lost(
    client: Client, wrong: dict[str, str], sentence: str
) -> None:
    answer = client.post("/support", {**ASKED, **wrong})
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in page
    assert "Nothing was sent yet" in page
    assert "text" in wrong or ASKED["text"] in page
    assert mail.outbox == []


def test_a_name_cannot_add_lines_or_turn_the_text(client: Client) -> None:
    client.post("/support", {**ASKED, "name": "Vera\r\nBcc: all@example.com\u202e"})
    assert "Vera Bcc: all@example.com <vera@example.com>" in mail.outbox[0].body
    assert mail.outbox[0].recipients() == mail.outbox[0].to


def test_a_mail_server_that_is_away_is_told_and_the_words_are_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", away)
    answer = client.post("/support", ASKED)
    assert answer.status_code == 503
    assert "could not be sent just now" in answer.content.decode()
    assert ASKED["text"] in answer.content.decode()


def test_who_writes_too_often_is_asked_to_wait(client: Client) -> None:
    answers = [client.post("/support", ASKED) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 60
    assert ASKED["text"] in answers[-1].content.decode()
    assert len(mail.outbox) == 5


def test_the_operators_mailbox_is_not_flooded_from_many_addresses(client: Client) -> None:
    answers = [
        client.post("/support", ASKED, REMOTE_ADDR=f"192.0.2.{last}").status_code for last in range(61)
    ]
    assert answers == [302] * 60 + [429]


def test_where_mail_goes_nowhere_no_form_pretends_otherwise(client: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = TO_THE_LOG
    assert "<textarea" not in client.get("/support").content.decode()
    assert "sends no mail yet" in words(client, "/support")
    assert client.post("/support", ASKED).status_code == 503


def test_a_form_that_another_site_sends_is_refused() -> None:
    assert Client(enforce_csrf_checks=True).post("/support", ASKED).status_code == 403
    assert mail.outbox == []
