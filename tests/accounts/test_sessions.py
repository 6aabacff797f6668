"""A6: where somebody is logged in, ending it elsewhere, and how long it lasts (B1, B5)."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import session_store
from accounts.browsers import plain
from accounts.models import Member
from accounts.session_store import BEGAN, IDLE, LONGEST, SEEN, SessionStore
from tests.conftest import PASSWORD, ClientOf

pytestmark = pytest.mark.django_db
PAGE = "/console/account/sessions"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
)


def log_in(user_agent: str = FIREFOX, email: str = "alice@acme.example") -> Client:
    browser = Client(headers={"User-Agent": user_agent})
    browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/console/chats").status_code == 200


def make_older(browser: Client, **by: timedelta) -> None:
    session = browser.session
    for key, age in by.items():
        session[key] -= age.total_seconds()
    session.save()


def test_the_page_says_which_browsers_and_where(alice: Member) -> None:
    here = log_in()
    log_in(SAFARI)
    page = here.get(PAGE).content.decode()
    assert page.index("Firefox on Windows") < page.index("This one") < page.index("Safari on iPhone")
    assert "127.0.0.0/24" in page
    assert "127.0.0.1" not in page


def test_looking_at_the_list_is_no_use_of_the_others(alice: Member) -> None:
    here, phone, over = log_in(), log_in(SAFARI), log_in(SAFARI)
    make_older(phone, **{SEEN: timedelta(hours=5)})
    make_older(over, **{SEEN: IDLE + timedelta(seconds=2)})
    for _ in range(2):
        (other,) = [one for one in here.get(PAGE).context["places"] if not one.is_this_one]
        assert timezone.now() - other.seen_at >= timedelta(hours=5)
    assert not Session.objects.filter(session_key=over.session.session_key).exists()


def test_one_is_ended_and_then_all_others(alice: Member) -> None:
    here, phone, old = log_in(), log_in(SAFARI), log_in()
    row = UserSession.objects.get(session_key=phone.session.session_key)
    here.post(f"{PAGE}/{row.pk}/end")
    assert [is_in(one) for one in (here, phone, old)] == [True, False, True]
    here.post(f"{PAGE}/others/end")
    assert [is_in(one) for one in (here, phone, old)] == [True, False, False]


def test_sessions_of_others_are_not_there(alice: Member, mallory: Member) -> None:
    hers, mallorys = log_in(), log_in(email="mallory@globex.example")
    row = UserSession.objects.get(user=alice.user)
    assert mallorys.post(f"{PAGE}/{row.pk}/end").status_code == 404
    mallorys.post(f"{PAGE}/others/end")
    assert is_in(hers)


def test_a_new_password_ends_every_other_session(alice: Member) -> None:
    here, there = log_in(), log_in(SAFARI)
    new = "another long passphrase"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (is_in(here), is_in(there)) == (True, False)
    assert UserSession.objects.filter(user=alice.user).count() <= 2


@pytest.mark.parametrize(("key", "age"), [(SEEN, IDLE), (BEGAN, LONGEST)])
def test_a_session_ends_after_its_time(alice: Member, key: str, age: timedelta) -> None:
    young, old = log_in(), log_in()
    make_older(young, **{key: age - timedelta(minutes=2)})
    make_older(old, **{key: age + timedelta(seconds=2)})
    assert (is_in(young), is_in(old)) == (True, False)
    assert Session.objects.get().session_key == young.session.session_key


def test_use_is_noted_every_ten_minutes_and_not_more_often(
    alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, saved, save = log_in(), list[int](), SessionStore.save

    def count(self: SessionStore, must_create: bool = False) -> None:
        saved.append(1)
        save(self, must_create)

    monkeypatch.setattr(SessionStore, "save", count)
    for _ in range(3):
        browser.get(PAGE)
    assert saved == []
    make_older(browser, **{SEEN: session_store.NOTED_EVERY})
    saved.clear()
    for _ in range(3):
        browser.get(PAGE)
    assert saved == [1]


def test_a_session_from_before_is_young(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    session = browser.session
    del session[BEGAN], session[SEEN]
    session.save()
    assert is_in(browser)
    assert browser.session[BEGAN]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Mac",
        ),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_browsers_are_named_in_plain_words(user_agent: str, words: str) -> None:
    assert plain(user_agent) == words
