"""C2: tags – made while typing, on and off a chat, renamed, merged and deleted with an undo, each within its limits."""

import pytest
from django.test import Client

from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat import chat_lists
from livechat.actions import tagging
from livechat.models import ChatSession, ChatTag, Site, Tag
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def on(chat: ChatSession) -> list[str]:
    found = ChatTag.unscoped.filter(chat=chat, tag__deleted_at=None).order_by("pk")
    return list(found.values_list("tag__name", flat=True))


def press(browser: Client, chat: ChatSession, **data: str) -> str:
    answer = browser.post(f"/console/chats/{chat.pk}/tags", data, headers=HTMX)
    return answer.content.decode()


def test_a_tag_is_made_while_typing_and_taken_off_again(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    browser = client_of(bob)
    assert 'class="tag tag-' in press(browser, chat, name="  Billing ")
    press(browser, chat, name="billing")
    assert on(chat) == ["Billing"]
    tag = Tag.unscoped.get()
    page = browser.get(f"/console/chats/{chat.pk}").content.decode()
    assert page.count(">Billing<") >= 2, "in the list and above the chat"
    found = chat_lists.chat_page(bob, chat_lists.choice_of({"tag": str(tag.pk)}))
    assert [row.chat.pk for row in found.rows] == [chat.pk]
    press(browser, chat, remove=str(tag.pk))
    assert on(chat) == []


def test_what_is_too_much_or_nameless_is_refused_with_the_way_out(bob: Member, chat: ChatSession) -> None:
    for number in range(50):
        tagging.tag_named(bob, f"tag {number}")
    tags = list(Tag.unscoped.all())
    for tag in tags[:10]:
        tagging.put_on(chat.pk, tag)
    for deed, sentence in (
        (lambda: tagging.tag_named(bob, "one more"), "Merge or delete some"),
        (lambda: tagging.put_on(chat.pk, tags[10]), "Take one off first"),
        (lambda: tagging.tag_named(bob, " \u202e "), "needs a name"),
        (lambda: tagging.change_tag(bob, tags[0], "x", "url(evil)"), "one of the colours"),
        (lambda: tagging.change_tag(bob, tags[0], tags[1].name.upper(), "red"), "You can merge the two"),
        (lambda: tagging.delete_tag(bob, tags[0], tags[0]), "another tag"),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert sentence in refused.value.sentence
    assert (Tag.unscoped.count(), len(on(chat))) == (50, 10)


def test_a_refusal_is_told_in_the_dialog(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    answer = client_of(bob).post(f"/console/chats/{chat.pk}/tags", {"name": ""}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#tag-error")


def test_merging_moves_the_chats_and_its_undo_moves_them_back(
    client_of: ClientOf, alice: Member, shop: Site, write: Write
) -> None:
    first, both = write(shop, "first").chat, write(shop, "both").chat
    cash, money = tagging.tag_named(alice, "cash"), tagging.tag_named(alice, "money")
    tagging.put_on(first.pk, cash)
    for tag in (cash, money):
        tagging.put_on(both.pk, tag)
    browser = client_of(alice)
    address = f"/console/settings/tags/{cash.pk}"
    page = browser.post(f"{address}/delete", {"into": str(money.pk)}, follow=True).content.decode()
    assert "cash is part of money now." in page
    assert f'action="{address}/restore"' in page
    assert (on(first), on(both)) == (["money"], ["money"])
    browser.post(f"{address}/restore")
    assert (on(first), sorted(on(both))) == (["cash"], ["cash", "money"])
    verbs = AuditEntry.unscoped.filter(verb__startswith="tag.").values_list("verb", flat=True)
    assert sorted(verbs) == ["tag.created", "tag.created", "tag.merged", "tag.restored"]


def test_renaming_and_deleting_can_be_taken_back(
    client_of: ClientOf, alice: Member, chat: ChatSession
) -> None:
    tag = tagging.tag_named(alice, "cash")
    tagging.put_on(chat.pk, tag)
    browser, address = client_of(alice), f"/console/settings/tags/{tag.pk}"
    changed = browser.post(f"{address}/change", {"name": "money", "colour": "red"}, follow=True)
    assert 'name="name" value="cash"' in changed.content.decode()
    assert on(chat) == ["money"]
    browser.post(f"{address}/delete")
    assert on(chat) == []
    browser.post(f"{address}/restore")
    assert on(chat) == ["money"]
    # an undo is offered once
    browser.get("/console/settings/tags")
    assert "Undo" not in browser.get("/console/settings/tags").content.decode()


def test_agents_use_tags_and_change_none_and_viewers_only_read(
    client_of: ClientOf, alice: Member, bob: Member, victor: Member, chat: ChatSession
) -> None:
    tag = tagging.tag_named(alice, "cash")
    for who, address, expected in (
        (bob, f"/console/settings/tags/{tag.pk}/delete", 403),
        (bob, "/console/settings/tags/new", 403),
        (victor, f"/console/chats/{chat.pk}/tags", 403),
    ):
        assert client_of(who).post(address, {"name": "x"}).status_code == expected
    for who in (bob, victor):
        page = client_of(who).get("/console/settings/tags").content.decode()
        assert "cash" in page
        assert "Delete the tag" not in page


def test_mallory_reaches_neither_a_tag_nor_a_chat_of_acmes(
    client_of: ClientOf, alice: Member, mallory: Member, foreign_shop: Site, write: Write, chat: ChatSession
) -> None:
    tag, hers = tagging.tag_named(alice, "cash"), write(foreign_shop, "hers").chat
    browser = client_of(mallory)
    addresses = [f"/console/settings/tags/{tag.pk}/{deed}" for deed in ("change", "delete", "restore")]
    for address in (*addresses, f"/console/chats/{chat.pk}/tags"):
        assert browser.post(address, {"name": "x"}).status_code == 404
    assert browser.post(f"/console/chats/{hers.pk}/tags", {"add": str(tag.pk)}).status_code == 404
    own = tagging.tag_named(mallory, "own")
    merged = browser.post(f"/console/settings/tags/{own.pk}/delete", {"into": str(tag.pk)})
    assert merged.status_code == 404
    assert Tag.unscoped.filter(deleted_at=None).count() == 2
