"""M3: saved replies in the console: written, found, changed, deleted and taken back, previewed, and used in a reply."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Member
from livechat.actions.saved import Draft, create_saved_reply, delete_saved_reply
from livechat.models import ChatSession, Message, SavedReply, Site, Visitor
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db

TYPED = {"title": "Opening hours", "name": "//Hours", "body": "Hi {{visitor.name}}, 9 to 5."}


@pytest.fixture
def hours(alice: Member) -> SavedReply:
    return create_saved_reply(alice, Draft("Opening hours", "hours", "Hi {{visitor.name}}, 9 to 5."))


@pytest.fixture
def foreign(mallory: Member) -> SavedReply:
    return create_saved_reply(mallory, Draft("Globex hours", "globex", "Globex alone."))


def in_use(member: Member) -> list[str]:
    found = SavedReply.objects.in_workspace(member.workspace).filter(deleted_at=None)
    return sorted(found.values_list("name", flat=True))


def said(chat: ChatSession) -> list[tuple[str, bool]]:
    found = Message.unscoped.filter(chat=chat, author_kind="agent").order_by("created_at")
    return list(found.values_list("body", "is_note"))


def test_before_the_first_one_the_page_says_what_they_are_for(client_of: ClientOf, bob: Member) -> None:
    page = client_of(bob).get("/console/replies").content.decode()
    assert "Say it once, use it often" in page
    assert "/console/replies/new" in page


def test_an_agent_writes_one_and_finds_it(client_of: ClientOf, bob: Member) -> None:
    browser = client_of(bob)
    page = browser.post("/console/replies/new", TYPED, follow=True).content.decode()
    assert "//hours is saved" in page
    assert in_use(bob) == ["hours"]
    assert "Opening hours" in browser.get("/console/replies?q=open+//ho").content.decode()
    assert "Nothing has these words" in browser.get("/console/replies?q=open+refund").content.decode()
    assert AuditEntry.objects.in_workspace(bob.workspace).filter(verb="saved_reply.created").exists()


def test_a_title_gives_the_shortcut_where_nobody_does(client_of: ClientOf, bob: Member) -> None:
    client_of(bob).post("/console/replies/new", {**TYPED, "name": ""})
    assert in_use(bob) == ["opening-hours"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Give the reply a title"),
        ({"body": " "}, "Write what the visitor is to read"),
        ({"body": "x" * 2501}, "longer than 2,500 characters"),
        ({"body": "Hi {{visitor.nmae}}"}, "{{visitor.nmae}} is no variable. These are: visitor.name"),
        ({"name": "two words"}, "A shortcut is one word"),
        ({"site": str(uuid.uuid4())}, "That choice is not one of the available choices"),
    ],
)
def test_what_cannot_be_kept_says_why(
    client_of: ClientOf, bob: Member, shop: Site, wrong: dict[str, str], sentence: str
) -> None:
    answer = client_of(bob).post("/console/replies/new", {**TYPED, **wrong})
    assert answer.status_code == 422
    if "site" not in wrong:
        assert sentence in answer.content.decode()
    assert in_use(bob) == []


def test_a_shortcut_is_given_once_for_all_sites_and_once_for_each(
    client_of: ClientOf, bob: Member, hours: SavedReply, shop: Site
) -> None:
    answer = client_of(bob).post("/console/replies/new", TYPED)
    assert "//hours is another saved reply already" in answer.content.decode()
    for status in (302, 422):
        assert client_of(bob).post("/console/replies/new", {**TYPED, "site": shop.pk}).status_code == status
    assert in_use(bob) == ["hours", "hours"]


def test_a_change_is_kept(client_of: ClientOf, bob: Member, hours: SavedReply) -> None:
    browser = client_of(bob)
    assert "//hours" in browser.get(f"/console/replies/{hours.pk}").content.decode()
    browser.post(f"/console/replies/{hours.pk}/change", {**TYPED, "name": "open", "body": "Always."})
    hours.refresh_from_db()
    assert (hours.name, hours.body) == ("open", "Always.")


def test_deleting_can_be_undone(client_of: ClientOf, bob: Member, hours: SavedReply) -> None:
    browser = client_of(bob)
    page = browser.post(f"/console/replies/{hours.pk}/delete", follow=True).content.decode()
    assert in_use(bob) == []
    assert "//hours is deleted." in page
    assert f"/console/replies/{hours.pk}/restore" in page
    assert browser.get(f"/console/replies/{hours.pk}").status_code == 404
    late = browser.post(f"/console/replies/{hours.pk}/change", TYPED)
    assert "Somebody deleted this reply meanwhile" in late.content.decode()
    assert (
        "//hours is back"
        in browser.post(f"/console/replies/{hours.pk}/restore", follow=True).content.decode()
    )
    assert in_use(bob) == ["hours"]


def test_the_undo_does_not_take_anothers_shortcut(
    client_of: ClientOf, bob: Member, hours: SavedReply
) -> None:
    delete_saved_reply(bob, hours)
    create_saved_reply(bob, Draft("New hours", "hours", "10 to 4."))
    page = client_of(bob).post(f"/console/replies/{hours.pk}/restore", follow=True).content.decode()
    assert "another saved reply already" in page


def test_what_was_deleted_long_ago_goes_for_good(bob: Member, hours: SavedReply) -> None:
    delete_saved_reply(bob, hours)
    SavedReply.unscoped.update(deleted_at=timezone.now() - timedelta(days=31))
    delete_saved_reply(bob, create_saved_reply(bob, Draft("Other", "other", "x")))
    assert list(SavedReply.unscoped.values_list("name", flat=True)) == ["other"]


def test_a_viewer_reads_and_changes_nothing(client_of: ClientOf, victor: Member, hours: SavedReply) -> None:
    browser = client_of(victor)
    page = browser.get("/console/replies").content.decode()
    assert "Opening hours" in page
    assert "/console/replies/new" not in page
    for path in ("new", f"{hours.pk}/change", f"{hours.pk}/delete", f"{hours.pk}/restore"):
        assert browser.post(f"/console/replies/{path}", TYPED).status_code == 403
    assert in_use(victor) == ["hours"]


def test_another_company_meets_nothing(
    client_of: ClientOf, mallory: Member, hours: SavedReply, foreign: SavedReply, chat: ChatSession
) -> None:
    browser = client_of(mallory)
    assert "Opening hours" not in browser.get("/console/replies").content.decode()
    assert browser.get(f"/console/replies/{hours.pk}").status_code == 404
    for path in ("change", "delete", "restore"):
        assert browser.post(f"/console/replies/{hours.pk}/{path}", TYPED).status_code == 404
    assert browser.get(f"/console/chats/{chat.pk}/replies").status_code == 404
    shown = browser.post("/console/replies/preview", {"chat": chat.pk, "body": "{{visitor.name}}"})
    assert "There is nothing here" in shown.content.decode()
    assert (
        f"/console/replies/{hours.pk}/restore"
        not in browser.get(f"/console/replies?deleted={hours.pk}").content.decode()
    )


def test_the_preview_reads_as_in_a_real_chat(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    Visitor.unscoped.update(name="<b>Ana</b>")
    shown = client_of(bob).post(
        "/console/replies/preview", {"chat": chat.pk, "body": "Hi {{visitor.name}}, {{agent.name}}"}
    )
    assert "Hi &lt;b&gt;Ana&lt;/b&gt;, Bob" in shown.content.decode()
    assert said(chat) == []


def test_a_chat_is_offered_its_own_with_names_filled_in(
    client_of: ClientOf,
    bob: Member,
    alice: Member,
    shop: Site,
    hours: SavedReply,
    foreign: SavedReply,
    write: Write,
) -> None:
    other = create_saved_reply(
        alice, Draft("Other shop", "other", "x", site=Site.unscoped.create(workspace=alice.workspace))
    )
    create_saved_reply(alice, Draft("Shop hours", "hours", "{{site.name}}: 8 to 4.", site=shop))
    chat = write(shop, "When?").chat
    offered = client_of(bob).get(f"/console/chats/{chat.pk}/replies").json()["replies"]
    assert offered == [{"name": "hours", "title": "Shop hours", "body": "Acme shop: 8 to 4."}]
    there = write(other.site, "When?").chat
    offered = client_of(bob).get(f"/console/chats/{there.pk}/replies").json()["replies"]
    assert [one["body"] for one in offered] == ["Hi there, 9 to 5.", "x"]


def test_a_viewer_is_offered_nothing(client_of: ClientOf, victor: Member, chat: ChatSession) -> None:
    assert client_of(victor).get(f"/console/chats/{chat.pk}/replies").status_code == 403


def test_a_whole_line_is_expanded_as_it_is_sent(
    client_of: ClientOf, bob: Member, chat: ChatSession, hours: SavedReply
) -> None:
    create_saved_reply(bob, Draft("Remember", "remember", ";; {{visitor.name}} pays late"))
    browser = client_of(bob)
    for body in (" //Hours ", "//remember", "it is //hours"):
        browser.post(f"/console/chats/{chat.pk}/reply", {"body": body, "client_message_id": uuid.uuid4()})
    assert said(chat) == [
        ("Hi there, 9 to 5.", False),
        (";; there pays late", True),
        ("it is //hours", False),
    ]


def test_a_name_that_nobody_gave_is_not_sent(
    client_of: ClientOf, bob: Member, chat: ChatSession, hours: SavedReply, foreign: SavedReply
) -> None:
    browser = client_of(bob)
    for body, hint in (("//hour", "Did you mean //hours?"), ("//globex", "The console lists yours")):
        answer = browser.post(
            f"/console/chats/{chat.pk}/reply", {"body": body}, headers={"hx-request": "true"}
        )
        assert answer.status_code == 422
        assert f"There is no saved reply {body}. {hint}" in answer.content.decode()
    assert said(chat) == []
