"""W14: whoever is logged in on the website has one history on every device; an unknown visitor's chat goes along."""

import random
import time
import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Member
from livechat import access
from livechat.access import Arrival
from livechat.actions import blocking, chats, erasure, identifying, identity_keys
from livechat.models import ChatSession, IdentityKey, Message, Site, Visitor
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, lines_of, newcomer, say, say_with, shop_of, uploaded
from tests.identity import key_of, token
from tests.serving import Served, Socket


@pytest.fixture
def key(alice: Member, site: Site) -> IdentityKey:
    return key_of(alice, site)


def come(site: Site, visitor_token: str | None = None, identity: str | None = None) -> Arrival:
    """What a hello does, without its socket."""
    arrival = access.arrive(site.public_token, visitor_token, None, identity)
    return arrival if identifying.is_settled(arrival) else identifying.settle(arrival)


def shown_to(arrival: Arrival) -> list[str]:
    chat = access.newest_chat(arrival.claim)
    return lines_of(chat) if chat is not None else []


def test_two_devices_have_one_history(key: IdentityKey, site: Site) -> None:
    desk, phone = come(site, None, token(key)), come(site, None, token(key))
    assert not Visitor.unscoped.exists(), "nothing is stored before the first message"
    assert desk.claim.visitor_token != phone.claim.visitor_token
    say(desk.claim, "from the desk")
    say(phone.claim, "from the phone")
    assert shown_to(come(site, None, token(key))) == ["from the desk", "from the phone"]
    again = come(site, phone.claim.visitor_token)
    assert shown_to(again) == ["from the desk", "from the phone"]
    carol = Visitor.unscoped.get()
    assert (carol.external_id, carol.name, carol.email, carol.is_verified) == (
        "4711", "Carol Nguyen", "carol@customer.example", True,
    )  # fmt: skip


def test_what_the_website_says_now_is_what_is_shown(key: IdentityKey, site: Site) -> None:
    say(come(site, None, token(key)).claim)
    come(site, None, token(key, name="Carol Smith", email=..., attributes={"plan": "gold"}))
    carol = Visitor.unscoped.get()
    assert (carol.name, carol.email) == ("Carol Smith", "carol@customer.example")
    assert carol.said == [("E-mail", "carol@customer.example"), ("plan", "gold")]


def test_an_unknown_visitors_chat_goes_on_as_theirs(
    key: IdentityKey, site: Site, claim: VisitorClaim
) -> None:
    say(claim, "I have a question")
    file = uploaded(claim)
    chat = chat_of(claim)
    logged_in = come(site, claim.visitor_token, token(key))
    say_with(logged_in.claim, file, text="and a file")
    chat.refresh_from_db()
    assert lines_of(chat) == ["I have a question", "and a file"]
    assert (chat.visitor.external_id, chat.is_open) == ("4711", True)
    assert shown_to(logged_in) == ["I have a question", "and a file"]


def test_a_token_of_before_opens_nothing_of_it(key: IdentityKey, site: Site, claim: VisitorClaim) -> None:
    say(claim, "I have a question")
    come(site, claim.visitor_token, token(key))
    old = come(site, claim.visitor_token)
    assert (shown_to(old), old.visitor) == ([], None)
    assert old.claim.visitor_id not in (claim.visitor_id, Visitor.unscoped.get(external_id="4711").pk)
    with pytest.raises(Refused):
        access.prove(site.public_token, claim.visitor_token, None)


def test_a_tab_that_was_open_before_starts_nothing_new(
    key: IdentityKey, site: Site, claim: VisitorClaim
) -> None:
    say(claim, "I have a question")
    logged_in = come(site, claim.visitor_token, token(key))
    line = uuid.uuid4()
    with pytest.raises(Refused) as refused:
        say(claim, "from the old tab", line)
    assert (refused.value.code, refused.value.retry_ms) == ("unavailable", 1000)
    say(logged_in.claim, "from the old tab", line)
    assert shown_to(logged_in) == ["I have a question", "from the old tab"]


def test_of_two_open_chats_the_one_they_are_in_goes_on(
    key: IdentityKey, site: Site, claim: VisitorClaim
) -> None:
    say(come(site, None, token(key)).claim, "on the phone")
    on_the_phone = ChatSession.unscoped.get()
    say(claim, "at the desk")
    logged_in = come(site, claim.visitor_token, token(key))
    assert shown_to(logged_in) == ["at the desk"]
    on_the_phone.refresh_from_db()
    assert not on_the_phone.is_open
    assert chat_of(logged_in.claim).previous == on_the_phone
    note = Message.unscoped.get(chat=on_the_phone, is_note=True)
    assert (note.body, note.author_kind) == (identifying.WENT_ON, "system")


def test_nothing_is_lost_or_doubled_however_people_log_in(key: IdentityKey, site: Site) -> None:
    """Three browsers write, log in, come back and send again in any order."""
    for seed in range(25):
        play(key, site, f"seed-{seed}", random.Random(seed))


def play(key: IdentityKey, site: Site, subject: str, chance: random.Random) -> None:
    browsers = [newcomer(site) for _ in range(3)]
    sent: dict[str, tuple[uuid.UUID, int]] = {}
    for step in range(12):
        number = chance.randrange(3)
        act = chance.choice(["say", "say", "again", "log in", "come back", "end"])
        if act == "say":
            sent[f"{subject} {step}"] = (uuid.uuid4(), number)
            say(browsers[number], f"{subject} {step}", sent[f"{subject} {step}"][0])
        elif act == "again" and (own := [(body, line) for body, (line, of) in sent.items() if of == number]):
            say(browsers[number], *chance.choice(own))
        elif act == "log in":
            browsers[number] = come(site, browsers[number].visitor_token, token(key, sub=subject)).claim
        elif act == "come back":
            browsers[number] = come(site, browsers[number].visitor_token).claim
        elif act == "end":
            chats.end_by_visitor(browsers[number])
    for number in range(3):
        browsers[number] = come(site, browsers[number].visitor_token, token(key, sub=subject)).claim
    stored = Message.unscoped.filter(body__startswith=f"{subject} ", seq__isnull=False)
    assert sorted(stored.values_list("body", flat=True)) == sorted(sent)
    assert set(stored.values_list("chat__visitor__external_id", flat=True)) <= {subject}
    for chat in ChatSession.unscoped.filter(visitor__external_id=subject):
        seqs = (
            Message.unscoped.filter(chat=chat, seq__isnull=False)
            .order_by("seq")
            .values_list("seq", flat=True)
        )
        assert list(seqs) == list(range(1, chat.last_seq + 1))


def test_the_next_person_on_the_same_machine_sees_nothing(key: IdentityKey, site: Site) -> None:
    carol = come(site, None, token(key))
    say(carol.claim, "Carol's words")
    dave = come(site, carol.claim.visitor_token, token(key, sub="4712", name="Dave"))
    assert shown_to(dave) == []
    say(dave.claim, "Dave's words")
    assert shown_to(come(site, None, token(key))) == ["Carol's words"]
    # somebody's bad token does not open what the device had before
    for bad in (token(key, sub="4712", exp=int(time.time()) - 5), "junk"):
        assert shown_to(come(site, carol.claim.visitor_token, bad)) == []
    # one's own that came too late does
    late = come(site, carol.claim.visitor_token, token(key, exp=int(time.time()) - 5))
    assert shown_to(late) == ["Carol's words"]
    assert late.rejection is not None


def test_a_person_of_another_site_is_somebody_else(
    key: IdentityKey, site: Site, mallory: Member, globex_site: Site
) -> None:
    carol = come(site, None, token(key))
    say(carol.claim, "for Acme")
    of_globex = key_of(mallory, globex_site)
    there = come(globex_site, carol.claim.visitor_token, token(of_globex))
    assert (shown_to(there), there.visitor) == ([], None)
    say(there.claim, "for Globex")
    assert shown_to(come(site, None, token(key))) == ["for Acme"]
    second = shop_of(key.site.workspace.members.get(role="owner"), "Acme Outlet")
    assert come(second, carol.claim.visitor_token).visitor is None


def test_a_device_is_forgotten_after_thirty_days(
    key: IdentityKey, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = come(site, None, token(key)).claim
    say(device, "long ago")
    assert come(site, device.visitor_token, token(key)).claim.visitor_token == device.visitor_token
    later = time.time() + 2 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    renewed = come(site, device.visitor_token, token(key)).claim.visitor_token
    assert renewed != device.visitor_token
    monkeypatch.setattr(time, "time", lambda: later + 29 * 86_400)
    assert shown_to(come(site, device.visitor_token)) == []
    assert shown_to(come(site, renewed)) == ["long ago"]


def test_a_token_that_was_changed_opens_nothing(key: IdentityKey, site: Site) -> None:
    carol = come(site, None, token(key)).claim
    say(carol, "Carol's words")
    unknown = newcomer(site).visitor_token
    forged = carol.visitor_token[:24] + unknown[24:]
    assert shown_to(come(site, forged)) == []


def test_whoever_is_blocked_stays_so(key: IdentityKey, bob: Member, site: Site, claim: VisitorClaim) -> None:
    say(claim, "something nasty")
    blocking.block(chat_of(claim).pk, bob.agent)
    logged_in = come(site, claim.visitor_token, token(key))
    with pytest.raises(Refused, match="blocked"):
        say(logged_in.claim, "and again")


def test_answers_and_consent_go_along_and_the_websites_word_stands(
    key: IdentityKey, site: Site, claim: VisitorClaim
) -> None:
    say(claim)
    agreed = timezone.now()
    told: dict[str, Any] = {"name": "The Boss", "answers": [{"key": "q1", "label": "Order", "value": "7"}]}
    Visitor.unscoped.update(consent="Yes", consented_at=agreed, **told)
    carol = come(site, claim.visitor_token, token(key)).visitor
    assert carol is not None
    carol.refresh_from_db()
    assert (carol.name, carol.consent, carol.consented_at) == ("Carol Nguyen", "Yes", agreed)
    assert ("Order", "7") in carol.said
    shell = Visitor.unscoped.get(pk=claim.visitor_id)
    assert (shell.name, shell.answers, shell.consent, shell.joined_to_id) == ("", [], "", carol.pk)


def test_an_erased_person_leaves_nothing_and_may_come_again(
    key: IdentityKey, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    say(claim, "I have a question")
    carol = come(site, claim.visitor_token, token(key))
    erasure.erase_visitor(alice, carol.claim.visitor_id)
    assert not Visitor.unscoped.exists()
    assert come(site, carol.claim.visitor_token).claim.visitor_id != carol.claim.visitor_id
    say(come(site, carol.claim.visitor_token, token(key)).claim, "anew")
    assert shown_to(come(site, None, token(key))) == ["anew"]


# --- on the socket ----------------------------------------------------------------------------------------------------


def greet(tab: Socket, site: Site, **fields: Any) -> list[dict[str, Any]]:
    tab.send(type="hello", protocol=1, site=site.public_token, **fields)
    return tab.hear_until("welcome")


def test_without_a_good_token_one_chats_as_somebody_unverified(
    server: Served, key: IdentityKey, site: Site
) -> None:
    with server.socket() as tab:
        error, _ = greet(tab, site, identity=token(key, aud="pk_other"))
        assert (error["code"], "aud" in error["detail"]) == ("identity_rejected", True)
        assert tab.say("Hello")["type"] == "ack"
    assert not Visitor.unscoped.get().is_verified
    with server.socket() as tab:
        (welcome,) = greet(tab, site, identity=token(key))
        assert welcome["visitor"] == {"answered": False, "consented": False, "email": True}
        tab.say("Hello")
    assert Visitor.unscoped.filter(external_id="4711", verified_at__isnull=False).exists()


def test_where_a_log_in_is_required_nobody_unknown_gets_in(
    server: Served, key: IdentityKey, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    identity_keys.set_mode(alice, site, "require")
    for fields in ({}, {"identity": "junk"}, {"visitor_token": claim.visitor_token}):
        with server.socket() as tab:
            assert tab.hello(site.public_token, **fields)["code"] == "identity_rejected"
            assert tab.closed_with() == 4401
    assert not Message.unscoped.exists()
    with pytest.raises(Refused):
        access.prove(site.public_token, claim.visitor_token, None)
    with server.socket() as tab:
        greet(tab, site, identity=token(key))
        assert tab.say("Hello")["type"] == "ack"


def test_open_sockets_come_back_under_the_new_rule(
    server: Served, key: IdentityKey, alice: Member, site: Site
) -> None:
    with server.socket() as tab:
        greet(tab, site)
        identity_keys.set_mode(alice, site, "require")
        assert tab.closed_with() == 1012


def test_other_tabs_come_back_when_one_logs_in(
    server: Served, key: IdentityKey, site: Site, claim: VisitorClaim
) -> None:
    say(claim, "I have a question")
    with server.socket() as before, server.socket() as tab:
        greet(before, site, visitor_token=claim.visitor_token)
        (welcome,) = greet(tab, site, visitor_token=claim.visitor_token, identity=token(key))
        assert [line["body"] for line in welcome["messages"]] == ["I have a question"]
        assert before.closed_with() == 1012


def test_a_site_that_asks_for_nothing_looks_at_no_token(server: Served, site: Site) -> None:
    with server.socket() as tab:
        (welcome,) = greet(tab, site, identity="eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.")
        assert (welcome["chat"], tab.say("Hello")["type"]) == (None, "ack")
    assert not Visitor.unscoped.get().is_verified


def test_many_bad_tokens_are_slowed_down(server: Served, key: IdentityKey, site: Site, settings: Any) -> None:
    settings.LIMITS_SCALE = 0.05
    codes = []
    for _ in range(4):
        with server.socket() as tab:
            codes.append(tab.hello(site.public_token, identity="junk")["code"])
    assert codes == ["identity_rejected"] * 3 + ["rate_limited"]
