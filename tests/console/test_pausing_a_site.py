"""C3: a site is paused or removed, and taken back; a website that was not let in is shown to its owner."""

import uuid

import pytest
from django.test import Client

from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat import access, queries
from livechat.actions import resting
from livechat.actions.messages import VisitorDraft, post_visitor_message
from livechat.models import Site
from livechat.tokens import new_claim
from tests.cast import shop_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def rest(client: Client, site: Site, do: str) -> str:
    answer = client.post(f"/console/sites/{site.id}/rest", {"do": do}, follow=True)
    site.refresh_from_db()
    return answer.content.decode()


def is_hidden(client: Client, site: Site) -> bool:
    return '"hidden": true' in client.get(f"/widget/frame?site={site.public_token}").content.decode()


@pytest.mark.parametrize(("do", "undo"), [("pause", "resume"), ("remove", "restore")])
def test_nobody_new_meets_a_resting_site_and_whoever_has_a_chat_goes_on(
    client_of: ClientOf, client: Client, alice: Member, shop: Site, do: str, undo: str
) -> None:
    known = new_claim(shop.id)
    post_visitor_message(known, VisitorDraft(client_message_id=uuid.uuid4(), body="Hello?"))
    rest(client_of(alice), shop, do)
    assert is_hidden(client, shop)
    with pytest.raises(Refused, match="closed for now") as refused:
        access.arrive(shop.public_token, None, None)
    assert refused.value.code == "refused"  # nobody is to think that they are blocked
    assert access.arrive(shop.public_token, known.visitor_token, None).visitor is not None
    rest(client_of(alice), shop, undo)
    assert not is_hidden(client, shop)
    assert access.arrive(shop.public_token, None, None).visitor is None


def test_a_removed_site_leaves_the_list_and_can_be_taken_back(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser = client_of(alice)
    page = rest(browser, shop, "remove")
    assert "Take Acme shop back" in page
    assert queries.sites_of(alice.workspace) == []
    assert queries.setup_of(alice.workspace).site is None
    assert "This site was removed" in browser.get(f"/console/sites/{shop.id}").content.decode()
    assert "Acme shop is back." in rest(browser, shop, "restore")
    assert [row.site for row in queries.sites_of(alice.workspace)] == [shop]


def test_a_removed_site_is_offered_only_where_something_of_it_is_left(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    def offered() -> list[bool]:
        pages = ("chats", "reports", "replies/new", "slack")
        return ["Old shop" in browser.get(f"/console/{page}").content.decode() for page in pages]

    browser, old = client_of(alice), shop_of(alice, "Old shop")
    assert offered() == [True] * 4
    rest(browser, old, "remove")
    browser.get("/console/sites")  # which tells once that it was removed
    assert offered() == [False] * 4
    post_visitor_message(new_claim(old.id), VisitorDraft(client_message_id=uuid.uuid4(), body="Hello?"))
    in_chats, in_reports, _, in_slack = offered()
    assert (in_chats, in_reports, in_slack) == (True, True, False)
    assert f'value="{old.pk}"' not in browser.get("/console/replies/new").content.decode()


def test_pressed_twice_is_written_down_once(client_of: ClientOf, alice: Member, shop: Site) -> None:
    for _ in range(2):
        assert "This chat was paused" in rest(client_of(alice), shop, "pause")
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="site.paused").count() == 1
    assert "Choose what is to be done" in rest(client_of(alice), shop, "explode")


def test_others_neither_pause_nor_remove(
    client_of: ClientOf, bob: Member, victor: Member, mallory: Member, shop: Site
) -> None:
    for member, status in ((bob, 403), (victor, 403), (mallory, 404)):
        answer = client_of(member).post(f"/console/sites/{shop.id}/rest", {"do": "remove"})
        assert answer.status_code == status
    shop.refresh_from_db()
    assert not shop.is_resting


def test_a_website_that_was_refused_is_shown_and_allowed_with_one_press(
    client_of: ClientOf, client: Client, alice: Member, shop: Site
) -> None:
    Site.unscoped.filter(pk=shop.pk).update(allowed_origins=["https://shop.example"])
    for page in ("https://new.shop.example/kettles", "https://made.up.example/"):
        shown = {"Sec-Fetch-Dest": "iframe", "Referer": page}
        client.get(f"/widget/frame?site={shop.public_token}", headers=shown)
    browser = client_of(alice)
    page = browser.get(f"/console/sites/{shop.id}").content.decode()
    assert "<strong>https://new.shop.example</strong> asked for this chat" in page
    assert "made.up.example" not in page  # one a minute: whoever makes websites up writes no more rows
    browser.post(
        f"/console/sites/{shop.id}/origins", {"origins": "https://shop.example\nhttps://new.shop.example"}
    )
    shop.refresh_from_db()
    assert (shop.allowed_origins[1], shop.refused_origin) == ("https://new.shop.example", "")


def test_a_refused_website_is_noted_again_after_a_minute(shop: Site) -> None:
    resting.note_refused(shop, "https://one.example")
    Site.unscoped.update(refused_at="2026-01-01T00:00:00Z")
    resting.note_refused(shop, "https://two.example")
    shop.refresh_from_db()
    assert shop.refused_origin == "https://two.example"
