"""S24: an address of the console is read strictly, and whatever is not one leads to nothing."""

import uuid
from typing import Any

import pytest

from slackapp.previews import addresses
from slackapp.previews.addresses import Address, Kind

HOME = "https://chat.acme.example"
CHAT, LINE = uuid.UUID(int=1), uuid.UUID(int=2)
URL = f"{HOME}/console/chats/{CHAT}"


@pytest.fixture(autouse=True)
def _home(settings: Any) -> None:
    settings.PUBLIC_URL = settings.CONSOLE_URL = HOME


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        (URL, Address(Kind.CHAT, CHAT)),
        (f"{URL}#m-{LINE}", Address(Kind.CHAT, CHAT, LINE)),
        (f"{URL}?at={LINE}#m-{LINE}", Address(Kind.CHAT, CHAT, LINE)),
        (f"{URL}?tab=closed&amp;page=2", Address(Kind.CHAT, CHAT)),
        (f"{URL}#main", Address(Kind.CHAT, CHAT)),
        (f"https://CHAT.acme.example/console/chats/{CHAT}", Address(Kind.CHAT, CHAT)),
        (f"{HOME}/console/sites/{CHAT}", Address(Kind.SITE, CHAT)),
        (f"{HOME}/console/reports", Address(Kind.REPORTS)),
    ],
)
def test_pages_are_known_by_their_address(url: str, leads_to: Address) -> None:
    assert addresses.read(url) == leads_to


@pytest.mark.parametrize(
    "url",
    [
        f"http://chat.acme.example/console/chats/{CHAT}",
        f"https://chat.acme.example:8443/console/chats/{CHAT}",
        f"https://chat.acme.example.evil.example/console/chats/{CHAT}",
        f"https://evil.example/{URL}",
        f"https://chat.acme.example@evil.example/console/chats/{CHAT}",
        f"https://alice:secret@chat.acme.example/console/chats/{CHAT}",
        f"https://chat.acme.example\\@evil.example/console/chats/{CHAT}",
        f"https://chat.acme.example\t/console/chats/{CHAT}",
        f"https://\u0441hat.acme.example/console/chats/{CHAT}",
        f"{HOME}//console/chats/{CHAT}",
        f"{HOME}/console/../console/chats/{CHAT}",
        f"{HOME}/console/%63hats/{CHAT}",
        f"{URL}/",
        f"{URL}/close",
        f"{URL}\n",
        f"{URL} ",
        f"{URL}#m-{LINE}x",
        f"{URL}#m-1",
        f"{URL}?next=<script>",
        f"{HOME}/console/sites/{CHAT}#m-{LINE}",
        f"{HOME}/console/chats/{CHAT.hex}",
        f"{HOME}/console/chats",
        f"{HOME}/console/slack",
        f"{HOME}/",
        f"{URL}?a={'a' * 500}",
        "https://[",
        "",
        None,
        7,
    ],
)
def test_anything_else_leads_to_nothing(url: object) -> None:
    assert addresses.read(url) is None


def test_of_many_links_the_first_five_of_ours_count_each_once() -> None:
    ours = [f"{HOME}/console/chats/{uuid.UUID(int=number)}" for number in range(7)]
    links = [{"url": "https://elsewhere.example/"}, *({"url": url} for url in [ours[0], *ours])]
    assert addresses.among(links) == ours[:5]


@pytest.mark.parametrize("links", [None, "x", {}, [], [None, 3, {}, {"url": None}, {"url": 3}]])
def test_lists_that_slack_does_not_send_hold_no_link(links: object) -> None:
    assert addresses.among(links) == []
