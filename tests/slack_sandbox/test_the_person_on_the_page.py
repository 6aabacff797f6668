"""S21, S13: on the page a person sets their presence, and reads their company's own emoji."""

from playwright.sync_api import Page, expect

from tests.slack_sandbox.conftest import Slack, wait_until
from tests.slack_sandbox.test_chatting_on_the_page import (  # noqa: F401
    browser_page,
    card,
    channel,
    page,
    pytestmark,
)


def presence_of(slack: Slack, name: str) -> str:
    people = slack.team()["people"]
    return str(next(person["presence"] for person in people if person["name"] == name))


def test_a_person_sets_themselves_away_and_back(slack: Slack, page: Page) -> None:  # noqa: F811
    button = page.get_by_test_id("presence")
    expect(button).to_have_text("Active")
    button.click()
    expect(button).to_have_text("Away")
    wait_until(lambda: presence_of(slack, "bob") == "away")
    button.click()
    expect(button).to_have_text("Active")
    wait_until(lambda: presence_of(slack, "bob") == "active")


def test_an_own_emoji_is_drawn_as_its_picture(slack: Slack, page: Page) -> None:  # noqa: F811
    slack.control("emoji", team="Acme", name="our_logo")
    page.get_by_test_id("composer").fill("look :our_logo:")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("message-text").last.get_by_alt_text(":our_logo:")).to_be_visible()


def test_strangers_are_marked(slack: Slack, page: Page, channel: str) -> None:  # noqa: F811
    slack.control("people", team="Acme", name="gus", real_name="Gus", is_restricted=True)
    slack.control("share", channel=channel, **{"with": "Globex"})
    people = page.get_by_test_id("person-switch").locator("option")
    expect(people.filter(has_text="Gus – guest")).to_have_count(1)
    expect(people.filter(has_text="Mallory – Globex")).to_have_count(1)
