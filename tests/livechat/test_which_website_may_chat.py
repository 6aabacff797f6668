"""Origins of a site: exact, or refused (C1, C2). None set means that every website may."""

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Refused
from accounts.models import Member
from livechat import access
from livechat.access import normal_origin
from livechat.models import Site
from tests.cast import shop_of

SAME = {
    "https://shop.example": "https://shop.example",
    "https://shop.example/": "https://shop.example",
    "https://shop.example:443": "https://shop.example",
    "http://shop.example:80": "http://shop.example",
    "HTTPS://Shop.Example": "https://shop.example",
    " https://shop.example ": "https://shop.example",
    "https://shop.example:8443": "https://shop.example:8443",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
    "http://127.0.0.1:3000": "http://127.0.0.1:3000",
    "http://[::1]:3000": "http://[::1]:3000",
}
NO_ORIGIN = [
    None, "", "null", "shop.example", "//shop.example", "ftp://shop.example", "file:///etc/passwd",
    "javascript:alert(1)", "data:text/html,x", "https://", "https://shop.example/path",
    "https://shop.example?x", "https://shop.example#x", "https://user@shop.example",
    "https://user:secret@shop.example", "https://shop.example:99999", "https://shop.example:no",
    "https://[::1", "https://" + "a" * 70 + ".example", "https://..", "chrome-extension://abc",
    "https://shop.example;sandbox", "https://shop.example'", "https://a,b",
]  # fmt: skip
STRANGERS = [
    "https://evil.example", "https://shop.example.evil.example", "https://evilshop.example",
    "https://www.shop.example", "http://shop.example", "https://shop.example:8443", "https://shop.example.",
    "https://shop.example@evil.example", "https://shop.example%2eevil.example", "null", "", None,
    "https://xn--shp-6na.example", "https://shop.exampl\u0435",
]  # fmt: skip


@pytest.fixture
def guarded(alice: Member) -> Site:
    return shop_of(alice, origins=["https://shop.example"])


@pytest.mark.parametrize(("typed", "expected"), SAME.items())
def test_an_origin_has_one_form(typed: str, expected: str) -> None:
    assert normal_origin(typed) == expected
    assert normal_origin(expected) == expected


@pytest.mark.parametrize("junk", NO_ORIGIN)
def test_what_is_no_origin_is_none(junk: str | None) -> None:
    assert normal_origin(junk) is None


@given(st.text(max_size=60) | st.text(alphabet=":/@[]?#.%é", max_size=20).map("https://".__add__))
def test_junk_never_raises_and_what_comes_out_is_stable(junk: str) -> None:
    found = normal_origin(junk)
    assert found is None or normal_origin(found) == found


@pytest.mark.parametrize("origin", ["https://shop.example", "https://SHOP.example:443"])
def test_the_sites_own_website_may(guarded: Site, origin: str) -> None:
    access.check_origin(guarded, origin)


def test_the_products_own_pages_may(guarded: Site) -> None:
    access.check_origin(guarded, settings.PUBLIC_URL)
    access.check_origin(guarded, settings.WIDGET_URL)


@pytest.mark.parametrize("origin", STRANGERS)
def test_others_may_not(guarded: Site, origin: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        access.check_origin(guarded, origin)
    assert refusal.value.code == "origin_refused"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "junk"])
def test_a_site_without_origins_is_open_to_all(alice: Member, origin: str | None) -> None:
    access.check_origin(shop_of(alice), origin)


def test_another_sites_website_may_not(guarded: Site, mallory: Member) -> None:
    shop_of(mallory, "Globex Shop", origins=["https://globex.example"])
    with pytest.raises(Refused):
        access.check_origin(guarded, "https://globex.example")
