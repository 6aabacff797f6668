"""S11: a copy that Slack lets only a person change is listed with its address until somebody says that it is done."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Member
from livechat.actions import changes
from livechat.models import Message, Site
from livechat.tokens import new_claim
from slackapp.models import ChatLink, Connection, Installation, LeftCopy
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


@pytest.fixture
def copy(connection: Connection, installation: Installation, shop: Site, write: Write) -> LeftCopy:
    Installation.objects.update(team_url="https://acme.slack.com/")
    claim = new_claim(shop.pk)
    line = write(shop, "my password is hunter2", claim)
    changes.withdraw_by_visitor(claim, line.pk)
    link = ChatLink.objects.get(pk=line.chat_id)
    ChatLink.objects.update(root_ts="1700000000.000100")
    return LeftCopy.objects.create(
        link=link,
        message=Message.unscoped.get(pk=line.pk),
        channel_id=link.channel_id,
        ts="1700000001.000200",
        reason="Slack does not allow it (edit_window_closed).",
        created_at=timezone.now(),
    )


def page(browser: Client, connection: Connection) -> str:
    return browser.get(f"/console/slack/{connection.pk}").content.decode()


def done(browser: Client, copy: LeftCopy, method: str = "post"):
    return getattr(browser, method)(f"/console/slack/copies/{copy.pk}/done")


def test_the_list_says_what_where_and_why_without_the_words(
    client_of: ClientOf, bob: Member, connection: Connection, copy: LeftCopy
) -> None:
    shown = page(client_of(bob), connection)
    address = (
        "https://acme.slack.com/archives/C0CHAT/p1700000001000200?thread_ts=1700000000.000100&amp;cid=C0CHAT"
    )
    assert address in shown
    assert "withdrawn" in shown
    assert "edit_window_closed" in shown
    assert f"#m-{copy.message_id}" in shown
    assert "hunter2" not in shown


def test_the_list_of_sites_says_how_many_wait(
    client_of: ClientOf, bob: Member, connection: Connection, copy: LeftCopy
) -> None:
    assert "1 copy for you to change in Slack" in client_of(bob).get("/console/slack").content.decode()
    done(client_of(bob), copy)
    assert "for you to change" not in client_of(bob).get("/console/slack").content.decode()


def test_done_takes_it_off_the_list_and_is_written_down(
    client_of: ClientOf, bob: Member, connection: Connection, copy: LeftCopy
) -> None:
    browser = client_of(bob)
    for _ in range(2):
        assert done(browser, copy).status_code == 302
    assert "For you to change in Slack" not in page(browser, connection)
    copy.refresh_from_db()
    assert copy.done_by == bob.user
    entries = AuditEntry.objects.in_workspace(bob.workspace).filter(verb="slack.copy_done")
    assert entries.count() == 1


def test_without_any_there_is_no_list(client_of: ClientOf, bob: Member, connection: Connection) -> None:
    assert "For you to change in Slack" not in page(client_of(bob), connection)


def test_a_viewer_reads_the_list_and_mallory_nothing(
    client_of: ClientOf, victor: Member, mallory: Member, connection: Connection, copy: LeftCopy
) -> None:
    assert "copies/" not in page(client_of(victor), connection)
    assert done(client_of(victor), copy).status_code == 403
    assert done(client_of(mallory), copy).status_code == 404
    assert done(client_of(mallory), LeftCopy(pk=10**9)).status_code == 404
    copy.refresh_from_db()
    assert copy.done_at is None


def test_done_needs_post(client_of: ClientOf, bob: Member, copy: LeftCopy) -> None:
    assert done(client_of(bob), copy, "get").status_code == 405
