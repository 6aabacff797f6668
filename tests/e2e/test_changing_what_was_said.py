"""S11 in real browsers: a visitor edits and deletes their own words; every tab and the console follow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import NewContext, VisitorPage
from tests.stack import Stack

Visit = Callable[..., VisitorPage]


def message(visitor: VisitorPage, place: int) -> Locator:
    return visitor.panel.get_by_test_id("tb-message").nth(place)


def choose(visitor: VisitorPage, place: int, what: str) -> None:
    """Opens the menu of a message and takes *Edit* or *Delete*."""
    line = message(visitor, place)
    line.hover()
    line.get_by_test_id("tb-more").click()
    line.get_by_test_id(f"tb-{what}").click()


def edit(visitor: VisitorPage, place: int, text: str) -> None:
    choose(visitor, place, "edit")
    visitor.panel.get_by_test_id("tb-composer").fill(text)
    visitor.panel.get_by_test_id("tb-send").click()


def delete(visitor: VisitorPage, place: int) -> None:
    choose(visitor, place, "delete")
    message(visitor, place).get_by_test_id("tb-sure").click()


@pytest.fixture
def visitor(visit: Visit) -> VisitorPage:
    found = visit().open_chat()
    found.say("I have teh wrong size")
    found.expect_state(0, "delivered", "seen")
    return found


def test_an_edit_shows_at_once_in_every_tab_and_after_a_reload(visit: Visit, visitor: VisitorPage):
    second = visit(visitor.page.context).open_chat()
    second.expect_lines("I have teh wrong size")
    edit(visitor, 0, "I have the wrong size")
    for tab in (visitor, second):
        tab.expect_lines("I have the wrong size")
        expect(message(tab, 0)).to_contain_text("edited")
    visitor.page.reload()
    visitor.open_chat().expect_lines("I have the wrong size")
    expect(message(visitor, 0)).to_contain_text("edited")


def test_a_deleted_message_leaves_a_mark_in_every_tab(visit: Visit, visitor: VisitorPage):
    second = visit(visitor.page.context).open_chat()
    delete(visitor, 0)
    for tab in (visitor, second):
        tab.expect_lines("Message deleted")
        expect(tab.panel.locator("#rows")).not_to_contain_text("wrong size")
        expect(message(tab, 0).get_by_test_id("tb-more")).to_have_count(0)


def test_deleting_asks_once_more_and_takes_no_for_an_answer(visitor: VisitorPage):
    choose(visitor, 0, "delete")
    expect(message(visitor, 0)).to_contain_text("Delete it for everybody?")
    expect(message(visitor, 0).get_by_test_id("tb-keep")).to_be_focused()
    message(visitor, 0).get_by_test_id("tb-keep").click()
    expect(message(visitor, 0).get_by_test_id("tb-edit")).to_be_visible()
    visitor.expect_lines("I have teh wrong size")


def test_escape_gives_the_edit_up_keeps_the_draft_and_the_panel(visitor: VisitorPage):
    composer = visitor.panel.get_by_test_id("tb-composer")
    composer.fill("half a thought")
    choose(visitor, 0, "edit")
    expect(composer).to_have_value("I have teh wrong size")
    composer.fill("something else")
    composer.press("Escape")
    expect(composer).to_have_value("half a thought")
    expect(composer).to_be_visible()
    visitor.expect_lines("I have teh wrong size")


def test_an_edit_that_is_being_written_survives_a_reload(visitor: VisitorPage):
    choose(visitor, 0, "edit")
    visitor.panel.get_by_test_id("tb-composer").fill("I have the wr")
    visitor.page.reload()
    visitor.open_chat()
    composer = visitor.panel.get_by_test_id("tb-composer")
    expect(composer).to_have_value("I have the wr")
    composer.press("Enter")
    visitor.expect_lines("I have the wr")


def test_everything_can_be_done_with_the_keyboard(visitor: VisitorPage):
    composer = visitor.panel.get_by_test_id("tb-composer")
    composer.press("ArrowUp")
    expect(composer).to_have_value("I have teh wrong size")
    composer.fill("By key")
    composer.press("Enter")
    visitor.expect_lines("By key")
    more = message(visitor, 0).get_by_test_id("tb-more")
    more.focus()
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    visitor.page.keyboard.press("Tab")
    expect(message(visitor, 0).get_by_test_id("tb-edit")).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")


def test_what_is_changed_offline_waits_and_goes_out_in_order(visitor: VisitorPage):
    visitor.say("Second line")
    visitor.expect_state(1, "delivered", "seen")
    context = visitor.page.context
    context.set_offline(True)
    edit(visitor, 0, "I have the wrong size")
    delete(visitor, 1)
    visitor.say("Written in the tunnel")
    visitor.expect_lines("I have the wrong size", "Message deleted", "Written in the tunnel")
    visitor.expect_state(0, "pending")
    context.set_offline(False)
    visitor.expect_state(2, "sent", "delivered", "seen")
    visitor.expect_state(0, "sent", "delivered", "seen")
    visitor.page.reload()
    visitor.open_chat().expect_lines("I have the wrong size", "Message deleted", "Written in the tunnel")


def test_a_line_that_never_left_is_changed_and_deleted_where_it_lies(visitor: VisitorPage, stack: Stack):
    context = visitor.page.context
    context.set_offline(True)
    visitor.say("Tpyo")
    visitor.say("Never mind this")
    edit(visitor, 1, "Typo")
    delete(visitor, 2)
    context.set_offline(False)
    visitor.expect_lines("I have teh wrong size", "Typo")
    visitor.expect_state(1, "delivered", "seen")
    expect(message(visitor, 1)).not_to_contain_text("edited")
    assert not {"Tpyo", "Never mind this"} & {line["text"] for line in stack.in_slack()}


AGED = "from livechat.models import Message; from datetime import timedelta; from django.db.models import F; "
AGED += "Message.unscoped.update(created_at=F('created_at') - timedelta(minutes=11))"


def test_a_refusal_stands_beside_the_message_and_the_words_can_be_given_up(
    visitor: VisitorPage, stack: Stack
):
    stack.manage("shell", "-c", AGED)
    edit(visitor, 0, "Too late")
    line = message(visitor, 0)
    expect(line).to_contain_text("Not changed. A message can be changed for 10 minutes")
    visitor.expect_state(0, "failed")
    line.get_by_test_id("tb-discard").click()
    visitor.expect_lines("I have teh wrong size")
    delete(visitor, 0)
    expect(line).to_contain_text("Not deleted. A message can be changed for 10 minutes")
    visitor.expect_lines("I have teh wrong size")


def test_after_ten_minutes_nothing_is_offered(visitor: VisitorPage, stack: Stack):
    expect(message(visitor, 0).get_by_test_id("tb-more")).to_have_count(1)
    stack.manage("shell", "-c", AGED)
    visitor.page.reload()
    visitor.open_chat().expect_lines("I have teh wrong size")
    expect(message(visitor, 0).get_by_test_id("tb-more")).to_have_count(0)


def test_a_finger_reaches_it_too(visit: Visit, new_context: NewContext):
    phone = new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    visitor = visit(phone).open_chat()
    visitor.say("From a phoen")
    visitor.expect_state(0, "delivered", "seen")
    more = message(visitor, 0).get_by_test_id("tb-more")
    box = more.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24
    more.tap()
    message(visitor, 0).get_by_test_id("tb-edit").tap()
    visitor.panel.get_by_test_id("tb-composer").fill("From a phone")
    visitor.panel.get_by_test_id("tb-send").tap()
    visitor.expect_lines("From a phone")


def test_the_console_shows_the_newest_words(visitor: VisitorPage, stack: Stack, new_context: NewContext):
    edit(visitor, 0, "The console sees this")
    console = new_context().new_page()
    console.goto(stack.addresses["console"])
    console.locator("#list a").filter(has_text="The console sees this").click()
    expect(console.locator(".line-visitor")).to_contain_text("The console sees this")
    delete(visitor, 0)
    expect(console.locator(".line-visitor .bubble")).not_to_contain_text("The console sees this")
