"""D1, D2 in real browsers: whatever a visitor types or comes from stays text, for colleagues and for the visitor."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats
from tests.payloads.hostile import TEXTS
from tests.stack import Stack

TAGS = [
    "script",
    "img src=x",
    "svg",
    "iframe",
    "body",
    "input autofocus",
    "video src=x",
    "details open",
    "math",
    "a",
]
HANDLERS = ["onerror", "onload", "onfocus", "ontoggle", "onclick", "onanimationstart"]
MARKUP = [f"<{tag} {handler}=alert(1)>x</{tag.split()[0]}>" for tag in TAGS for handler in HANDLERS]
ADDRESSES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", "vbscript:x",
    "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "https://a.example/\"onmouseover=alert(1)//", "https://a.example/'><script>alert(1)</script>",
    "https://a.example/<svg/onload=alert(1)>", "blob:https://a.example/x", "file:///etc/passwd",
    "//evil.example/x.js", "https:evil.example", "feed:javascript:alert(1)", "view-source:javascript:alert(1)",
]  # fmt: skip
BROKEN = [
    "</script><script>alert(1)</script>", "--><script>alert(1)</script>", "]]><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "<scr<script>ipt>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}", "${alert(1)}", "<% alert(1) %>", "#{alert(1)}", "'-alert(1)-'",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<template><script>alert(1)</script></template>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=javascript:alert(1)><button>x", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=//evil.example>", "<style>*{background:url(//evil.example)}</style>",
]  # fmt: skip
CORPUS = [text for text in [*MARKUP, *ADDRESSES, *BROKEN, *TEXTS] if "\n" not in text and "\r" not in text]
WATCH = """
  window.broken = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    broken.push(event.violatedDirective + event.blockedURI));
"""
NEVER = "script, iframe, base, style, [onerror], [onload], [onfocus], [onclick], [ontoggle]"


def pieces(texts: list[str], most: int = 6000) -> list[str]:
    """As few messages as they fit in, each text on a line of its own."""
    found = [""]
    for text in texts:
        if len(found[-1]) + len(text) > most:
            found.append("")
        found[-1] += f"{text}\n"
    return [piece.strip("\n") for piece in found]


@pytest.fixture
def dialogs() -> list[str]:
    return []


def watched(page: Page, dialogs: list[str]) -> Page:
    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.add_init_script(WATCH)
    return page


def test_two_hundred_hostile_lines_stay_text_for_colleague_and_visitor(
    stack: Stack, new_context: NewContext, owner: BrowserContext, dialogs: list[str]
) -> None:
    assert len(CORPUS) > 150
    page = watched(new_context().new_page(), dialogs)
    strange = "?q=%3Cscript%3Ealert(1)%3C/script%3E&next=javascript:alert(1)#<img src=x onerror=alert(1)>"
    page.goto(stack.addresses["shop"] + strange)
    page.evaluate("document.title = '<img src=x onerror=alert(1)> </title><script>alert(1)</script>'")
    visitor = VisitorPage(page).open_chat()
    said = pieces(CORPUS)
    for place, text in enumerate(said):
        visitor.say(text)
        visitor.expect_state(place, "delivered", "seen")
    console = watched(chats(stack, owner), dialogs)
    console.reload()
    console.locator("#list a").first.click()
    lines = console.locator("#lines")
    expect(lines).to_contain_text(CORPUS[-1])
    for text in (*MARKUP[:3], BROKEN[0], BROKEN[6]):
        expect(lines).to_contain_text(text)
    addresses = lines.locator("a").evaluate_all("all => all.map(one => one.href)")
    assert addresses
    assert [one for one in addresses if not one.startswith(("http://", "https://"))] == []
    assert lines.locator(NEVER).count() == 0
    assert visitor.panel.locator(f"[data-testid=tb-message] :is({NEVER})").count() == 0
    assert [one for shown in (console, page) for one in shown.evaluate("window.broken")] == []
    assert dialogs == []


def test_an_address_that_reads_like_another_says_where_it_leads(
    stack: Stack, visit: Callable[..., VisitorPage], owner: BrowserContext
) -> None:
    visit().open_chat().say("Is https://shop.example@evil.example/ yours?")
    page = chats(stack, owner)
    page.locator("#list a").filter(has_text="yours?").click()
    expect(page.locator("#lines .host")).to_have_text("(leads to evil.example)")
