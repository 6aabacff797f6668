"""Plain text becomes segments that browsers render as nodes; only safe addresses become links (D1, D2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat.segments import Segment, from_text, safe_url, to_text, true_host

LINKS = {
    "see https://shop.example now": ["https://shop.example"],
    "https://shop.example.": ["https://shop.example"],
    "(https://shop.example/a)": ["https://shop.example/a"],
    "https://en.example/wiki/A_(b)": ["https://en.example/wiki/A_(b)"],
    "https://a.example/?q=1&r=<b>": ["https://a.example/?q=1&r="],
    "HTTPS://SHOP.example/": ["HTTPS://SHOP.example/"],
    "http://a.example,http://b.example": ["http://a.example,http://b.example"],
    "http://a.example\nhttp://b.example": ["http://a.example", "http://b.example"],
    'say "https://a.example"': ["https://a.example"],
    "https://bücher.example/ä": ["https://bücher.example/ä"],
    "javascript:alert(1)": [],
    "data:text/html,<script>": [],
    "vbscript:x ftp://a.example file:///etc/passwd": [],
    "https:// https:///path": [],
    "https://[": [],
    "www.shop.example": [],
    "<https://evil.example|https://bank.example>": ["https://evil.example", "https://bank.example"],
    "[bank](https://evil.example)": ["https://evil.example"],
}
UNSAFE = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
    "java\tscript:alert(1)", "\x01javascript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:x",
    "blob:https://a.example/1", "file:///etc/passwd", "ftp://a.example", "//evil.example", "/path", "", "https:",
    "https://", "http:///x", "https://[::1", "https://a.example/\x00", "https://a .example", "about:blank", "x",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LINKS.items())
def test_only_web_addresses_become_links(text: str, expected: list[str]) -> None:
    found = [segment for segment in from_text(text) if segment["type"] == "link"]
    assert [segment["url"] for segment in found] == expected
    assert all(segment["text"] == segment["url"] for segment in found)


@pytest.mark.parametrize("url", UNSAFE)
def test_an_unsafe_address_is_none(url: str) -> None:
    assert safe_url(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "http://a.example/x?y#z",
        "mailto:bob@acme.example",
        "tel:+3701",
        "HTTPS://A.EXAMPLE",
    ],
)
def test_a_safe_address_stays_as_it_is(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url, leads_to",
    [
        ("https://\u0430pple.com/x", "xn--pple-43d.com"),
        ("https://b\u00fccher.example", "xn--bcher-kva.example"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://bank.example:443@\u0435vil.example", "xn--vil-qdd.example"),
        ("https://stra\u00dfe.example", "xn--strae-oqa.example"),
        ("https://\U0001f4a9.la", "xn--ls8h.la"),
        ("https://\u0430pple\u3002com", "xn--pple-43d.com"),
        ("https://sub.\uff41pple.com", "sub.apple.com"),
        ("HTTPS://Shop.Example/a?b=@c", ""),
        ("https://shop.example/@user", ""),
        ("https://xn--pple-43d.com", ""),
        ("mailto:a@b.example", ""),
        ("https://[::1", ""),
        ("https://" + "\u0430" * 80 + ".example", ""),
    ],
)
def test_an_address_that_reads_like_another_says_where_it_leads(url: str, leads_to: str) -> None:
    """D2"""
    assert true_host(url) == leads_to


def test_lines_are_breaks() -> None:
    kinds = [(segment["type"], segment["text"]) for segment in from_text("a\r\nb\n\nc")]
    assert kinds == [
        ("text", "a"), ("break", "\n"), ("text", "b"), ("break", "\n"), ("break", "\n"), ("text", "c"),
    ]  # fmt: skip


def test_markup_is_only_text() -> None:
    typed = "<b>*bold*</b> `code` > quote &amp; <!here> @channel"
    assert from_text(typed) == [{"type": "text", "text": typed}]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_nothing_typed_is_lost(text: str) -> None:
    whole = "".join(segment["text"] for segment in from_text(text))
    assert whole == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(alphabet="htps:/.()<>\"' \n,;!a", max_size=60))
def test_every_link_is_safe(text: str) -> None:
    links = [segment for segment in from_text(text) if segment["type"] == "link"]
    assert all(safe_url(segment["url"]) == segment["url"] for segment in links)


def test_lists_quotes_and_code_have_words_too() -> None:
    word = {"type": "text", "text": "one"}
    segments: list[Segment] = [
        {"type": "list", "text": "", "ordered": True, "offset": 4, "items": [[word], [word]]},
        {"type": "list", "text": "", "ordered": False, "items": [[word]]},
        {"type": "quote", "text": "", "items": [word, {"type": "break", "text": "\n"}, word]},
        {"type": "codeblock", "text": "x = 1"},
    ]
    assert to_text(segments) == "5. one\n6. one\n• one\n> one\n> one\nx = 1"
