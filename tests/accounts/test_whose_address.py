"""Whose address a request comes from: the peer's, unless our own proxy says otherwise (B3)."""

import pytest
from pytest_django import Settings

from accounts.limits import address_block, behind_proxies, client_ip

CASES = [
    # peer, X-Forwarded-For, whose it is
    ("198.51.100.9", "", "198.51.100.9"),
    ("198.51.100.9", "203.0.113.7", "198.51.100.9"),  # a stranger's claim
    ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
    ("10.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7"),  # what the client itself put in front
    ("10.0.0.1", "1.2.3.4, 203.0.113.7, 10.0.0.2", "203.0.113.7"),  # two proxies of ours
    ("10.0.0.1", "1.2.3.4, junk", "10.0.0.1"),
    ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
    ("10.0.0.1", " 2001:db8::7 ", "2001:db8::7"),
    ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
    ("fd00::1", "203.0.113.7", "203.0.113.7"),
    ("", "203.0.113.7", "unknown"),
]


@pytest.mark.parametrize(("peer", "forwarded", "whose"), CASES)
def test_only_our_own_proxies_are_believed(settings: Settings, peer: str, forwarded: str, whose: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "fd00::/8"]
    assert behind_proxies(peer, forwarded) == whose


def test_without_proxies_nobody_is_believed(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert behind_proxies("10.0.0.1", "203.0.113.7") == "10.0.0.1"


def test_a_scope_tells_its_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    header = b"x-forwarded-for"
    scope = {"client": ("10.0.0.1", 4000), "headers": [(header, b"203.0.113.7"), (header, b"10.0.0.2")]}
    assert client_ip(scope) == "203.0.113.7"
    assert client_ip({"client": None, "headers": []}) == "unknown"
    assert client_ip({}) == "unknown"


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("junk", "unknown"),
    ],
)
def test_one_household_is_one_block(address: str, block: str) -> None:
    assert address_block(address) == block
