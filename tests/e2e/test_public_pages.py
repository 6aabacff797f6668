"""S25: somebody without an account reads about the product from page to page, and writes to whoever runs it."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import NewContext, picture
from tests.stack import Stack, wait_until

TITLES = {
    "Support": "Support",
    "Privacy": "Privacy",
    "Security": "Security",
    "Permissions in Slack": "Permissions in Slack",
    "Terms": "Terms",
    "Pricing": "Pricing",
}
DESK = {"viewport": {"width": 1100, "height": 860}}
HEAVIEST = 100_000


class Loaded:
    """What a page asked for, from whom, and what of it came over the wire."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        self.errors: list[str] = []
        page.on("requestfinished", self.note)
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)

    def note(self, request: Request) -> None:
        self.requests.append(request)

    def weight(self) -> int:
        return sum(request.sizes()["responseBodySize"] for request in self.requests)

    def hosts(self) -> set[str]:
        return {urlsplit(request.url).netloc for request in self.requests}


def test_a_stranger_reads_every_page_and_nothing_comes_from_elsewhere(
    stack: Stack, new_context: NewContext
) -> None:
    for name, title in {"": "Chat on your website, answered in Slack", **TITLES}.items():
        page = new_context(**DESK).new_page()
        loaded = Loaded(page)
        page.goto(stack.product)
        if name:
            loaded.requests.clear()
            page.get_by_role("contentinfo").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state("networkidle")
        assert loaded.hosts() == {urlsplit(stack.product).netloc}, name
        assert loaded.weight() < HEAVIEST, f"{name} weighs {loaded.weight()}"
        assert loaded.errors == [], name
        if name == "Permissions in Slack":
            picture(page, "permissions-page")


def test_a_stranger_writes_to_whoever_runs_the_server(stack: Stack, new_context: NewContext) -> None:
    page = new_context(**DESK).new_page()
    page.goto(f"{stack.product}/security")
    page.get_by_role("link", name="Tell of a hole").click()
    expect(page.get_by_label("What is it about?")).to_have_value("security")
    page.get_by_label("Your message").fill("A page of yours says too much.")
    page.get_by_role("button", name="Send").click()
    field = page.get_by_label("Your e-mail address")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent yet")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Your message")).to_have_value("A page of yours says too much.")
    picture(page, "support-page")
    field.fill("vera@example.com")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message is on its way")
    expect(page).to_have_url(re.compile("/support/sent$"))
    log = stack.folder / "product.log"
    wait_until(lambda: "Reply-To: vera@example.com" in log.read_text(), "the mail in the demo's log")
    assert "A page of yours says too much." in log.read_text()


def test_leaving_on_slacks_page_leads_to_a_page_with_a_way_back_and_to_support(
    stack: Stack, new_context: NewContext
) -> None:
    page = new_context(**DESK).new_page()
    page.goto(f"{stack.product}/slack/install")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Threadbell was not added to Slack")
    expect(page.get_by_role("link", name="Add to Slack")).to_be_visible()
    expect(page.get_by_role("contentinfo").get_by_role("link", name="Support")).to_be_visible()
