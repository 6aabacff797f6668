"""Slack's signature: the published vector, the SDK's own check, and hostile headers that are only False."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from slackapp.signature import WINDOW_SECONDS, is_authentic, sign
from tests.payloads.slack import sample

SECRET, NOW = "8f742231b10e8888abcd99yyyzzz85a5", 1531420618
RAW = b'{"type":"event_callback"}'
GOOD = sign(SECRET, b"1531420618", RAW)


def headers(stamp: bytes = b"1531420618", signature: bytes = GOOD) -> dict[bytes, bytes]:
    return {b"x-slack-request-timestamp": stamp, b"x-slack-signature": signature}


def test_the_published_vector() -> None:
    vector = sample("docs-slack-dev/signature_test_vector.json")
    words = {str(value) for value in vector.values()}
    raw = next(word for word in words if "&" in word and "=" in word and not word.startswith("v0")).encode()
    assert sign(SECRET, b"1531420618", raw).decode() in words


@given(st.binary(max_size=200), st.text(alphabet="0123456789abcdef", min_size=8, max_size=40))
def test_the_sdk_agrees(raw: bytes, secret: str) -> None:
    raw = raw.decode("latin-1").encode()
    stamp = str(int(time.time()))
    ours = sign(secret, stamp.encode(), raw).decode()
    assert ours == SignatureVerifier(secret).generate_signature(timestamp=stamp, body=raw)


def test_either_of_two_secrets_counts_while_one_is_replaced() -> None:
    assert is_authentic([SECRET], headers(), RAW, NOW)
    assert is_authentic(["new", SECRET], headers(), RAW, NOW)
    assert not is_authentic(["new"], headers(), RAW, NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_nothing_is_authentic(secrets: list[str]) -> None:
    signature = sign("", b"1531420618", RAW)
    assert not is_authentic(secrets, headers(signature=signature), RAW, NOW)


@pytest.mark.parametrize("seconds", [0, WINDOW_SECONDS, -WINDOW_SECONDS])
def test_five_minutes_either_way_are_fresh(seconds: int) -> None:
    assert is_authentic([SECRET], headers(), RAW, NOW + seconds)


@pytest.mark.parametrize("seconds", [WINDOW_SECONDS + 1, -WINDOW_SECONDS - 1, 10**9])
def test_older_or_newer_is_not(seconds: int) -> None:
    assert not is_authentic([SECRET], headers(), RAW, NOW + seconds)


def test_another_body_is_not_authentic() -> None:
    assert not is_authentic([SECRET], headers(), RAW + b" ", NOW)


@pytest.mark.parametrize(
    "hostile",
    [
        {},
        headers(b""),
        headers(b"abc"),
        headers(b"-1531420618"),
        headers(b"1531420618.5"),
        headers(b"1531420618\n"),
        headers(b"9" * 400),
        headers("١٥٣١٤٢٠٦١٨".encode()),
        headers(signature=b""),
        headers(signature=b"v0="),
        headers(signature=GOOD.upper()),
        headers(signature=b"v1" + GOOD[2:]),
        headers(signature=GOOD + b"\n"),
        headers(signature=GOOD[:-1]),
        headers(signature=b"v0=" + "é".encode() * 32),
        headers(signature=b"\xff" * 67),
        headers(signature=GOOD + b"," + GOOD),
    ],
    ids=lambda hostile: ascii(list(hostile.values()))[:40],
)
def test_hostile_headers_are_false_and_never_an_error(hostile: dict[bytes, bytes]) -> None:
    assert not is_authentic([SECRET], hostile, RAW, NOW)


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=40))
def test_junk_is_never_authentic(stamp: bytes, signature: bytes, raw: bytes) -> None:
    assert not is_authentic([SECRET], headers(stamp, signature), raw, NOW)
