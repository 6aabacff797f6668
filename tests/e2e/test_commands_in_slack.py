"""S16, S21 in a real browser: the command and its hints, who is there, the list with its buttons, a choice, a note."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.slack_page import in_slack, link_alice, typed
from tests.stack import Stack, wait_until


def takes_it_back_in_the_console(stack: Stack, owner: BrowserContext) -> None:
    console = owner.new_page()
    console.goto(f"{stack.product}/console/sites")
    console.get_by_role("link").filter(has_text="Seen on your website").first.click()
    console.get_by_role("link", name="Hours").click()
    card = console.locator("section", has=console.get_by_role("heading", name="Availability"))
    expect(card).to_contain_text("Bob said so in Slack, until ")
    picture(card, "availability")
    card.get_by_label("Automatic").check()
    card.get_by_role("button", name="Save the availability").click()
    expect(console.get_by_label("Automatic")).to_be_checked()
    expect(card).not_to_contain_text("said so")


def test_an_agent_works_by_command(
    stack: Stack,
    new_context: NewContext,
    visit: Callable[[], VisitorPage],
    owner: BrowserContext,
) -> None:
    visitors = [visit().open_chat() for _ in range(2)]
    for number, visitor in enumerate(visitors):
        visitor.say(f"Hello number {number}")
    wait_until(
        lambda: len([m for m in stack.in_slack() if m.get("thread_ts") not in (None, m["ts"])]) >= 2, "lines"
    )

    slack = in_slack(stack, new_context, viewport={"width": 1180, "height": 900})
    slack.get_by_test_id("composer").fill("/thr")
    slack.get_by_test_id("command-hint").click()
    expect(slack.get_by_test_id("composer")).to_have_value("/threadbell ")
    told = typed(slack, "help")
    expect(told).to_contain_text("/threadbell close [name or number]")
    picture(told, "help-by-command")
    expect(typed(slack, "Dance")).to_contain_text("There is no “dance”.")

    expect(typed(slack, "online")).to_contain_text("Online. Bob said so in Slack, until it is changed.")
    expect(typed(slack, "auto")).not_to_contain_text("said so")
    away = typed(slack, "away for 2h")
    expect(away).to_contain_text("Away. Bob said so in Slack, until ")
    status = typed(slack, "status")
    expect(status).to_contain_text("2 open chats, 2 waiting")
    picture(status, "status-by-command")
    takes_it_back_in_the_console(stack, owner)

    chats = typed(slack, "list")
    expect(chats).to_contain_text("2 open chats")
    picture(chats, "list-of-chats")
    chats.get_by_role("button", name="Take").first.click()
    expect(slack.get_by_test_id("messages")).to_contain_text("You have this chat now.")

    choice = typed(slack, "close visitor")
    expect(choice).to_contain_text("Which chat?")
    choice.get_by_role("button", name="Close").first.click()
    expect(slack.get_by_test_id("messages")).to_contain_text(
        "The chat is closed. An answer to the visitor opens it"
    )
    expect(typed(slack, "close visitor")).to_contain_text(
        "is closed. An answer to the visitor opens it again."
    )
    expect(typed(slack, "list")).to_contain_text("No open chats.")
    expect(typed(slack, "note hello")).to_contain_text("begin the line with ;;")
    expect(typed(slack, "settings")).to_contain_text("Link your Slack account")


def test_an_owner_changes_settings_by_command(
    stack: Stack, new_context: NewContext, owner: BrowserContext
) -> None:
    link_alice(stack, owner)
    slack = in_slack(stack, new_context, "alice")
    slack.get_by_test_id("composer").fill("/threadbell settings")
    slack.get_by_test_id("composer").press("Enter")
    expect(slack.get_by_test_id("modal-title")).to_have_text("Settings")
    slack.get_by_test_id("modal").get_by_label("Silent thread").check()
    slack.get_by_test_id("modal-submit").click()
    expect(slack.get_by_test_id("modal")).to_have_count(0)
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.locator("main section.card").first.get_by_role("link", name="Open").click()
    expect(page.get_by_label("Silent thread")).to_be_checked()
