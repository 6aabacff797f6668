"""S8: a Noisy chat's channel gets a name that Slack takes and colleagues can read, whatever visitors type."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp import room_names
from tests.payloads.hostile import NAMES


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ana", "ana"),
        ("Łukasz Groß", "lukasz-gross"),
        ("Søren Æbler", "soren-aebler"),
        ("Þóra Đorđe", "thora-dorde"),
        ("\u0130lker I\u015f\u0131k", "ilker-isik"),
        ("Анна Щербакова", "anna-shcherbakova"),
        ("Юлія Їжак", "yuliya-izhak"),
        ("Ελένη Ψαρά", "eleni-psara"),
        ("O'Neill & Söhne", "o-neill-sohne"),
        ("李雷", "visitor"),
        ("", "visitor"),
    ],
)
def test_names_are_spelt_in_slacks_letters(name: str, slug: str) -> None:
    assert room_names.slug(name) == slug


def expect_legal(name: str) -> None:
    """As docs.slack.dev/reference/methods/conversations.create says."""
    assert re.fullmatch(r"[a-z0-9_-]{1,80}", name), name
    assert re.search(r"[a-z0-9]", name)


@given(visitor=st.text(max_size=120) | st.sampled_from(NAMES), number=st.integers(1, 10**9))
def test_every_name_is_legal_through_the_whole_life_of_its_channel(visitor: str, number: int) -> None:
    name = room_names.room_name(visitor, number)
    for attempt in (0, 1, 99):
        tried = room_names.another(name, attempt)
        over = room_names.name_when_over(tried)
        expect_legal(tried)
        expect_legal(over)
        assert room_names.name_when_open(over) == tried
        assert room_names.name_when_over(over) == over
