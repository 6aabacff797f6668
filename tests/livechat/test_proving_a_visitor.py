"""The visitor_token: signed, of one site, worth nothing once changed (C3)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.errors import Refused
from livechat import access
from livechat.models import Site
from livechat.tokens import PREFIX, VisitorClaim, new_claim, read_claim
from tests.cast import newcomer, say

SITE_ID = Site().pk


def test_a_token_reads_back_as_itself() -> None:
    claim = new_claim(SITE_ID)
    assert read_claim(SITE_ID, claim.visitor_token) == claim
    assert claim.visitor_token.startswith("vt_")


def test_every_newcomer_is_somebody_else() -> None:
    assert len({new_claim(SITE_ID).visitor_id for _ in range(50)}) == 50


def test_a_token_of_another_site_is_worth_nothing() -> None:
    assert read_claim(Site().pk, new_claim(SITE_ID).visitor_token) is None


def test_a_token_signed_with_another_secret_key_is_worth_nothing(settings: Settings) -> None:
    claim = new_claim(SITE_ID)
    settings.SECRET_KEY = "another-key-" * 5
    assert read_claim(SITE_ID, claim.visitor_token) is None


@pytest.mark.parametrize("place", range(0, 48, 5))
def test_one_changed_bit_is_one_too_many(place: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(new_claim(SITE_ID).visitor_token[len(PREFIX) :]))
    raw[place] ^= 1
    assert read_claim(SITE_ID, PREFIX + base64.urlsafe_b64encode(bytes(raw)).decode()) is None


@given(
    st.text(max_size=120) | st.text(alphabet="abcXYZ019-_=+/", min_size=60, max_size=68).map(PREFIX.__add__)
)
def test_junk_is_no_token_and_no_error(junk: str) -> None:
    assert read_claim(SITE_ID, junk) is None


def test_a_forged_token_is_answered_with_a_fresh_one(site: Site, claim: VisitorClaim) -> None:
    say(claim, "private")
    forged = claim.visitor_token[:-4] + "AAAA"
    arrival = access.arrive(site.public_token, forged, None)
    assert access.newest_chat(arrival.claim) is None
    assert arrival.claim.visitor_id != claim.visitor_id


def test_a_token_of_acme_shows_nothing_at_globex(claim: VisitorClaim, globex_site: Site, site: Site) -> None:
    say(claim, "private")
    there = access.arrive(globex_site.public_token, claim.visitor_token, None)
    here = access.arrive(site.public_token, claim.visitor_token, None)
    assert access.newest_chat(there.claim) is None
    assert there.claim.visitor_id != claim.visitor_id
    assert access.newest_chat(here.claim) is not None


def test_a_valid_token_whose_row_has_another_secret_is_a_newcomer(site: Site, claim: VisitorClaim) -> None:
    """The visitor's token was replaced: the old one still has our signature and is theirs no more."""
    message = say(claim, "private")
    message.chat.visitor.token_hash = "0" * 64
    message.chat.visitor.save()
    arrival = access.arrive(site.public_token, claim.visitor_token, None)
    assert access.newest_chat(arrival.claim) is None
    assert arrival.claim.visitor_id != claim.visitor_id


def test_a_newcomer_keeps_their_token_over_a_reload(site: Site) -> None:
    claim = newcomer(site)
    assert access.arrive(site.public_token, claim.visitor_token, None).claim == claim


@pytest.mark.parametrize(
    "junk", ["", "pk_", "pk_nothing", "\x00", "\x01", "📦" * 10, "\ud800", "' OR 1=1 --"]
)
def test_an_unknown_site_is_refused(db: None, junk: str) -> None:
    with pytest.raises(Refused) as refusal:
        access.arrive(junk, None, None)
    assert refusal.value.code == "unknown_site"
