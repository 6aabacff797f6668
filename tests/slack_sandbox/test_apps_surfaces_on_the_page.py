"""S16, S17, S21: on the page a person types commands, fills in modals, uses shortcuts, the Home tab and previews."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.slack_sandbox.block_kit import field, option, plain
from tests.slack_sandbox.conftest import App, Bot, Heard, Slack, wait_until

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium")]
PATH = "/slack/interactivity"


WHY = field("why", {"type": "plain_text_input", "action_id": "why.text", "multiline": True})
WHO = field("who", {"type": "users_select", "action_id": "who.pick"}, optional=True, hint=plain("Your team"))
SPAM = field(
    "spam",
    {"type": "radio_buttons", "action_id": "spam.pick", "options": [option("yes"), option("no")]},
    optional=True,
)
REPLY = field(
    "reply", {"type": "external_select", "action_id": "reply.pick", "min_query_length": 0}, optional=True
)
DAY = field("day", {"type": "datepicker", "action_id": "day.pick"}, optional=True)
MODAL = {
    "type": "modal",
    "title": plain("Close chat"),
    "submit": plain("Close it"),
    "blocks": [WHY, WHO, SPAM, REPLY, DAY],
}
CONFIRM = {
    "title": plain("Block Ana?"),
    "text": plain("She cannot write any more."),
    "confirm": plain("Block"),
    "deny": plain("Keep"),
}
BLOCK = {"type": "button", "action_id": "chat.block", "text": plain("Block"), "confirm": CONFIRM}
ASSIGN = {"type": "users_select", "action_id": "chat.assign", "placeholder": plain("Assign")}
MORE = {"type": "overflow", "action_id": "chat.more", "options": [option("close"), option("snooze")]}
CARD = [{"type": "actions", "elements": [BLOCK, ASSIGN, MORE]}]


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def channel(bot: Bot) -> str:
    return bot.create()


@pytest.fixture
def page(slack: Slack, bot: Bot, channel: str, browser_page: Page) -> Iterator[Page]:
    problems: list[str] = []
    browser_page.on("pageerror", lambda error: problems.append(str(error)))
    browser_page.goto(f"{slack.url}/client/{slack.team()['id']}/{channel}?user=bob")
    browser_page.wait_for_selector("body[data-ready]")
    yield browser_page
    assert problems == []


def opens(app: App, bot: Bot, path: str) -> None:
    def open_it(heard: Heard) -> None:
        told = heard.form if path == "/slack/commands" else heard.payload
        assert bot.call("views.open", trigger_id=told["trigger_id"], view=MODAL)["ok"]

    app.says[path] = open_it


def test_a_command_is_hinted_at_and_answered(app: App, page: Page) -> None:
    app.says["/slack/commands"] = lambda heard: f"You said {heard.form['text']}."
    page.get_by_test_id("composer").fill("/thr")
    page.get_by_test_id("command-hint").click()
    page.get_by_test_id("composer").type("status")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("message-text").last).to_have_text("You said status.")
    expect(page.get_by_test_id("message").last).to_contain_text("Only visible to you")
    expect(page.get_by_test_id("message-author").last).to_have_text("Threadbell")


def test_a_modal_is_filled_in_corrected_and_submitted(slack: Slack, app: App, bot: Bot, page: Page) -> None:
    opens(app, bot, "/slack/commands")
    app.says["/slack/options"] = lambda heard: {"options": [option("hello"), option("goodbye")]}
    page.get_by_test_id("composer").fill("/threadbell close")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("modal-title")).to_have_text("Close chat")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal-error").first).to_have_text("Please complete this required field.")
    page.get_by_test_id("modal-field-why").fill("Solved")
    page.get_by_test_id("modal-field-who").select_option(label="Carol")
    page.get_by_test_id("modal-field-spam").get_by_label("No").check()
    page.get_by_test_id("modal-field-day").fill("2026-05-31")
    page.get_by_test_id("modal-field-reply").focus()
    page.get_by_test_id("suggestion").first.click()
    app.says[PATH] = lambda heard: {"response_action": "errors", "errors": {"why": "Say more."}}
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal-error").first).to_have_text("Say more.")
    app.says.pop(PATH)
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal")).to_have_count(0)
    values = app.payloads("view_submission")[-1]["view"]["state"]["values"]
    assert values["why"]["why.text"]["value"] == "Solved"
    assert values["who"]["who.pick"]["selected_user"] == slack.person("carol")
    assert values["spam"]["spam.pick"]["selected_option"]["value"] == "no"
    assert values["reply"]["reply.pick"]["selected_option"]["value"] == "hello"
    assert values["day"]["day.pick"]["selected_date"] == "2026-05-31"


def test_what_was_typed_survives_trouble_and_an_update(app: App, bot: Bot, page: Page) -> None:
    opens(app, bot, "/slack/commands")
    page.get_by_test_id("composer").fill("/threadbell close")
    page.get_by_test_id("composer").press("Enter")
    page.get_by_test_id("modal-field-why").fill("Solved")
    app.fails[PATH] = 500
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal-problem")).to_have_text("We had some trouble connecting. Try again?")
    view = app.payloads("view_submission")[-1]["view"]
    assert bot.call("views.update", view_id=view["id"], view={**MODAL, "title": plain("Newer")})["ok"]
    expect(page.get_by_test_id("modal-title")).to_have_text("Newer")
    expect(page.get_by_test_id("modal-field-why")).to_have_value("Solved")
    page.get_by_test_id("modal-close").click()
    expect(page.get_by_test_id("modal")).to_have_count(0)


def test_shortcuts_are_in_the_composer_and_on_every_message(
    app: App, bot: Bot, channel: str, page: Page
) -> None:
    bot.post(channel, "Hello")
    message = page.get_by_test_id("message").last
    message.hover()
    message.get_by_test_id("more-actions").click()
    page.get_by_test_id("shortcut-chat.manage").click()
    wait_until(lambda: app.payloads("message_action"))
    opens(app, bot, PATH)
    page.get_by_test_id("shortcuts").click()
    page.get_by_test_id("shortcut-chats.open").click()
    expect(page.get_by_test_id("modal")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_have_count(0)


def test_a_card_asks_first_and_has_people_to_choose(
    slack: Slack, app: App, bot: Bot, channel: str, page: Page
) -> None:
    bot.post(channel, "New chat", blocks=CARD)
    page.get_by_test_id("block-action").click()
    page.get_by_test_id("confirm-deny").click()
    assert app.payloads("block_actions") == []
    page.get_by_test_id("block-action").click()
    page.get_by_test_id("confirm-ok").click()
    wait_until(lambda: app.payloads("block_actions"))
    page.get_by_test_id("block-field").select_option(label="Carol")
    wait_until(lambda: len(app.payloads("block_actions")) == 2)
    assert app.payloads("block_actions")[-1]["actions"][0]["selected_user"] == slack.person("carol")
    page.get_by_test_id("block-menu").select_option("snooze")
    wait_until(lambda: len(app.payloads("block_actions")) == 3)
    assert app.payloads("block_actions")[-1]["actions"][0]["selected_option"]["value"] == "snooze"


def test_the_home_tab_is_opened_filled_and_pressed(slack: Slack, app: App, bot: Bot, page: Page) -> None:
    page.get_by_test_id("open-home").click()
    expect(page.get_by_test_id("home-empty")).to_be_visible()
    wait_until(lambda: app.events("app_home_opened"))
    button = {"type": "button", "action_id": "chat.open", "text": plain("Open")}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
    assert bot.call("views.publish", user_id=slack.person("bob"), view=home)["ok"]
    page.get_by_test_id("home").get_by_test_id("block-action").click()
    wait_until(lambda: app.payloads("block_actions"))
    assert app.payloads("block_actions")[-1]["view"]["type"] == "home"


def test_a_preview_stands_below_the_message_and_a_wish_to_sign_in_for_one_alone(
    slack: Slack, bot: Bot, channel: str, page: Page
) -> None:
    slack.control("unfurl_domains", domains=["example.com"])
    url = "https://example.com/c/1"
    ts = slack.control("say", user="bob", channel=channel, text=url)["ts"]
    bot.call(
        "chat.unfurl",
        channel=channel,
        ts=ts,
        user_auth_required=True,
        user_auth_url="https://example.com/link",
    )
    expect(page.get_by_test_id("unfurl-connect")).to_have_attribute("href", "https://example.com/link")
    card = {"type": "section", "text": plain("Chat with Ana")}
    bot.call("chat.unfurl", channel=channel, ts=ts, unfurls={url: {"blocks": [card]}})
    expect(page.get_by_test_id("unfurl")).to_have_text("Chat with Ana")
    expect(page.get_by_test_id("unfurl-auth")).to_have_count(0)


def test_a_link_in_the_composer_is_previewed_until_it_is_sent(
    slack: Slack, app: App, bot: Bot, page: Page
) -> None:
    slack.control("unfurl_domains", domains=["example.com"])
    url = "https://example.com/c/1"
    page.get_by_test_id("composer").fill(f"See {url}")
    wait_until(lambda: app.events("link_shared"))
    unfurl_id = app.events("link_shared")[-1]["unfurl_id"]
    unfurls = {url: {"preview": {"title": plain("Chat with Ana")}}}
    assert bot.call("chat.unfurl", unfurl_id=unfurl_id, source="composer", unfurls=unfurls)["ok"]
    expect(page.get_by_test_id("composer-preview")).to_have_text("Chat with Ana")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("composer-preview")).to_have_count(0)


def test_a_command_in_a_thread_is_refused_there(bot: Bot, channel: str, app: App, page: Page) -> None:
    root = bot.post(channel, "Hello?")["ts"]
    bot.post(channel, "Anybody?", thread_ts=root)
    page.get_by_test_id("thread-open").click()
    page.get_by_test_id("thread-composer").fill("/threadbell status")
    page.get_by_test_id("thread-composer").press("Enter")
    expect(page.locator("#thread").get_by_test_id("message-text").last).to_have_text(
        "/threadbell is not supported in threads. Sorry!"
    )
    assert [one for one in app.heard if one.path == "/slack/commands"] == []
