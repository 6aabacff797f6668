"""What a client frame may hold: everything else is BadFrame or Refused, never another error."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.errors import Refused
from livechat import protocol
from livechat.models import MAX_BODY
from livechat.protocol import BadFrame

KEY = "6f2c7c0e-6a59-4d0f-9d0c-0a7b5e2f6a11"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
NAMES = sorted({name for shape in protocol.FRAMES.values() for name in (*shape.required, *shape.optional)})


def fields(**frame: Any) -> dict[str, Any]:
    return protocol.fields(protocol.read(json.dumps(frame)))


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "hello", "[]", "1", "null", '"hello"', "{}", '{"type":1}', '{"type":null}', '{"type":[]}',
        '{"type":"shout"}', '{"type":"end"', '{"type":"end"}x', "NaN", '{"type":"seen","seq":NaN}',
        '{"type":"seen","seq":Infinity}', "[" * 100_000, '{"type":"end","x":' + '{"a":' * 50_000, "\x00",
        '{"type":"seen","seq":' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_frame_is_a_bad_frame(text: str | None) -> None:
    with pytest.raises(BadFrame):
        protocol.fields(protocol.read(text))


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "hello", "site": "pk_1"},
        {"type": "hello", "protocol": 2, "site": "pk_1"},
        {"type": "hello", "protocol": True, "site": "pk_1"},
        {"type": "hello", "protocol": "1", "site": "pk_1"},
        {"type": "hello", "protocol": 1},
        {"type": "hello", "protocol": 1, "site": 1},
        {"type": "hello", "protocol": 1, "site": "x" * 65},
        {"type": "hello", "protocol": 1, "site": "pk_1", "visitor_token": 1},
        {"type": "hello", "protocol": 1, "site": "pk_1", "visitor_token": "v" * 201},
        {"type": "hello", "protocol": 1, "site": "pk_1", "last_rev": -1},
        {"type": "hello", "protocol": 1, "site": "pk_1", "last_rev": 2**31},
        {"type": "hello", "protocol": 1, "site": "pk_1", "last_rev": 1.5},
        {"type": "hello", "protocol": 1, "site": "pk_1", "page": []},
        {"type": "hello", "protocol": 1, "site": "pk_1", "page": {"url": 1}},
        {"type": "hello", "protocol": 1, "site": "pk_1", "workspace": "acme"},
        {"type": "message", "body": "hi"},
        {"type": "message", "client_message_id": KEY},
        {"type": "message", "client_message_id": "1", "body": "hi"},
        {"type": "message", "client_message_id": KEY * 2, "body": "hi"},
        {"type": "message", "client_message_id": 7, "body": "hi"},
        {"type": "message", "client_message_id": KEY, "body": ["hi"]},
        {"type": "message", "client_message_id": KEY, "body": "hi", "attachments": "file"},
        {"type": "message", "client_message_id": KEY, "body": "hi", "attachments": ["f"] * 11},
        {"type": "message", "client_message_id": KEY, "body": "hi", "author": "agent"},
        {"type": "message", "client_message_id": KEY, "body": "hi", "created_at": "2020-01-01"},
        {"type": "seen", "seq": "1"},
        {"type": "seen", "seq": True},
        {"type": "seen"},
        {"type": "typing", "chat": "1"},
        {"type": "page", "title": "x"},
        {"type": "sync"},
        {"type": "sync", "last_rev": None},
        {"type": "end", "chat": "1"},
    ],
    ids=lambda frame: json.dumps(frame)[:60],
)
def test_a_frame_with_wrong_fields_is_a_bad_frame(frame: dict[str, Any]) -> None:
    with pytest.raises(BadFrame):
        fields(**frame)


@pytest.mark.parametrize("junk", ["\x00", "a\x00b", "\x1b[31m", "\ud83d", "a\udfff", "\ud83d\ud83d", "\x08"])
def test_a_body_that_no_keyboard_can_type_is_a_bad_frame(junk: str) -> None:
    with pytest.raises(BadFrame):
        fields(type="message", client_message_id=KEY, body=f"hi {junk}")


@pytest.mark.parametrize(
    "body",
    [
        "a\nb", "a\tb", "a\r\nb", "  spaces stay  ", "👩‍👩‍👧‍👦 family", "\u202eright to left", "می‌خواهم", "a\u0301",
        "<script>alert(1)</script>", "&lt;", "\ufeffbom", "x" * MAX_BODY, "😀" * MAX_BODY,
    ],
    ids=lambda body: ascii(body)[:30],
)  # fmt: skip
def test_a_body_is_kept_exactly(body: str) -> None:
    assert fields(type="message", client_message_id=KEY, body=body)["body"] == body


def test_a_body_is_too_long_from_8001_code_points_on() -> None:
    with pytest.raises(Refused) as refusal:
        fields(type="message", client_message_id=KEY, body="x" * (MAX_BODY + 1))
    assert refusal.value.code == "too_long"


def test_words_about_the_page_are_cleaned_and_cut_and_never_refused() -> None:
    page = {"url": "https://a.example/" + "x" * 3000, "title": " Two\n lines\x00 \ud83d ", "referrer": None}
    found = fields(type="hello", protocol=1, site="pk_1", page=page, locale="l" * 99)
    assert (len(found["page"].url), found["page"].title, found["page"].referrer) == (
        2000,
        "Two lines \ufffd",
        "",
    )
    assert len(found["locale"]) == 35


def test_null_is_as_good_as_absent_where_the_contract_says_null() -> None:
    found = fields(
        type="hello",
        protocol=1,
        site="pk_1",
        visitor_token=None,
        chat=None,
        last_rev=0,
        page=None,
        identity=None,
    )
    assert (found["visitor_token"], found["chat"], found["page"]) == (None, None, protocol.Page())


def test_unknown_fields_are_named_in_the_refusal() -> None:
    with pytest.raises(BadFrame, match="'chat'"):
        fields(type="end", chat="x")


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60)
    | JSON.map(json.dumps)
    | st.builds(
        lambda kind, rest: json.dumps({**rest, "type": kind}),
        st.sampled_from(sorted(protocol.FRAMES)),
        st.dictionaries(st.sampled_from(NAMES), JSON, max_size=7),
    )
)
def test_no_frame_ever_raises_anything_but_a_refusal(text: str) -> None:
    try:
        found = protocol.fields(protocol.read(text))
    except Refused as refusal:
        protocol.error(refusal)["detail"].encode()
        return
    for value in found.values():
        assert not (isinstance(value, float) and math.isnan(value))
