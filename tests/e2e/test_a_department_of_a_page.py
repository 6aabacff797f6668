"""S9, W13 in a real browser: what a page says of its department, by snippet or command, is with the next chats."""

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat
from tests.stack import Stack


def shop_for(page: Page, stack: Stack, department: str) -> VisitorPage:
    def fulfil(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer,
            body=answer.text().replace("data-site=", f'data-department="{department}" data-site='),
        )

    page.route(stack.addresses["shop"], fulfil)
    page.goto(stack.addresses["shop"])
    return VisitorPage(page)


def test_a_page_says_whom_its_chats_are_for(stack: Stack, new_context: NewContext, owner) -> None:
    visitor = shop_for(new_context().new_page(), stack, "Billing").open_chat()
    visitor.say("About my invoice")
    visitor.expect_state(0, "stored", "delivered", "seen")
    console = chats(stack, owner)
    open_chat(console, "About my invoice")
    expect(console.locator("#chat-head")).to_contain_text("Billing")


def test_a_command_changes_it_for_the_next_chat(stack: Stack, new_context: NewContext, owner) -> None:
    visitor = shop_for(new_context().new_page(), stack, "Billing").open_chat()
    visitor.page.evaluate("Threadbell('update', { department: 'Sales' })")
    visitor.say("About your prices")
    visitor.expect_state(0, "stored", "delivered", "seen")
    console = chats(stack, owner)
    open_chat(console, "About your prices")
    expect(console.locator("#chat-head")).to_contain_text("Sales")


def test_what_a_page_says_before_the_welcome_counts(stack: Stack, new_context: NewContext, owner) -> None:
    page = new_context().new_page()
    held: list[tuple[WebSocketRoute, str | bytes]] = []

    def hold(visitor: WebSocketRoute) -> None:
        server = visitor.connect_to_server()
        visitor.on_message(server.send)
        server.on_message(lambda frame: held.append((visitor, frame)))

    page.route_web_socket("**/ws/visitor", hold)
    visitor = shop_for(page, stack, "Billing").open_chat()
    while not held:
        page.wait_for_timeout(20)
    page.evaluate("Threadbell('update', { department: 'Sales' })")
    page.wait_for_timeout(200)
    for socket, frame in held:
        socket.send(frame)
    visitor.say("Said early")
    console = chats(stack, owner)
    open_chat(console, "Said early")
    expect(console.locator("#chat-head")).to_contain_text("Sales")
