"""W8: a chat that has ended gets one to five stars and a comment, which can be changed for a day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Member
from livechat.actions import chats, rating
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say, shop_of
from tests.serving import Served


@pytest.fixture
def ended(claim: VisitorClaim) -> ChatSession:
    say(claim)
    return chats.close_chat(chat_of(claim).pk)


def stars_of(claim: VisitorClaim) -> tuple[int | None, str]:
    chat = chat_of(claim)
    return chat.rating, chat.rating_comment


def test_stars_are_kept_and_can_be_changed_for_a_day(claim: VisitorClaim, ended: ChatSession) -> None:
    rating.rate_by_visitor(claim, 2, "")
    rating.rate_by_visitor(claim, 5, "Thank you")
    assert stars_of(claim) == (5, "Thank you")
    day_before = timezone.now() - rating.CHANGEABLE - timedelta(minutes=1)
    ChatSession.unscoped.filter(pk=ended.pk).update(rated_at=day_before)
    rating.rate_by_visitor(claim, 5, "Thank you")
    with pytest.raises(Refused, match="more than a day"):
        rating.rate_by_visitor(claim, 1, "")
    assert stars_of(claim) == (5, "Thank you")


def test_only_what_has_ended_is_rated(claim: VisitorClaim, site: Site) -> None:
    with pytest.raises(Refused, match="no chat"):
        rating.rate_by_visitor(claim, 5, "")
    say(claim)
    with pytest.raises(Refused, match="has ended"):
        rating.rate_by_visitor(claim, 5, "")
    chat = chats.close_chat(chat_of(claim).pk)
    ChatSession.unscoped.filter(pk=chat.pk).update(closed_at=timezone.now() - rating.ACCEPTED * 2)
    with pytest.raises(Refused, match="long ago"):
        rating.rate_by_visitor(claim, 5, "")
    with pytest.raises(Refused, match="no chat"):
        rating.rate_by_visitor(newcomer(site), 5, "")


def test_a_site_that_does_not_ask_takes_none(claim: VisitorClaim, ended: ChatSession, site: Site) -> None:
    Site.unscoped.filter(pk=site.pk).update(asks_rating=False)
    with pytest.raises(Refused, match="not rated"):
        rating.rate_by_visitor(claim, 5, "")


def test_over_the_socket_the_other_tabs_learn_the_stars(server: Served, alice: Member) -> None:
    site = shop_of(alice)
    claim = newcomer(site)
    say(claim)
    chats.close_chat(chat_of(claim).pk)
    hello = {
        "type": "hello",
        "protocol": 1,
        "site": site.public_token,
        "visitor_token": claim.visitor_token,
    }
    with server.socket() as one, server.socket() as other:
        for socket in (one, other):
            socket.send(**hello)
            assert socket.hear()["chat"]["rating"] is None
        for wrong in ({"stars": 0}, {"stars": 6}, {"stars": True}, {"stars": 5, "comment": 5}):
            one.send(type="rate", **wrong)
            assert one.hear()["code"] == "bad_frame"
        one.send(type="rate", stars=4, comment="Quick")
        answers = [one.hear(), one.hear()]
        assert {"type": "done", "of": "rate"} in answers
        assert other.hear()["chat"]["rating"] == 4
    assert stars_of(claim) == (4, "Quick")
