"""S15: a chat's card says in two lines who, where, what and how long, and is changed in place when that changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import answering, chats, messages, rating
from livechat.actions.erasure import erase_visitor
from livechat.actions.presence import note_visits
from livechat.models import ChatSession, Site, Visit
from livechat.presence import HERE_GRACE
from livechat.tokens import VisitorClaim
from slack_sandbox.blocks import problems_of
from slackapp import budgets, card_blocks, card_looks
from slackapp.actions import cards
from slackapp.card_facts import CardFacts
from slackapp.errands import cards as errands
from slackapp.models import ChannelBudget, Connection, Delivery, ShownCard
from slackapp.promises import Job
from tests.cast import chat_of, say
from tests.slackapp.peer import Json, Slack, at_rest, settle
from tests.slackapp.rooms import lobby_lines, noisy, press
from tests.slackapp.threads import answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "GAP", timedelta(0))


def card(slack: Slack, connection: Connection) -> Json:
    return slack.cards(connection)[0]


def says(slack: Slack, connection: Connection) -> list[str]:
    """The state, then where."""
    section = next(block for block in card(slack, connection)["blocks"] if block["type"] == "section")
    return str(section["text"]["text"]).split("\n")


def told(slack: Slack, connection: Connection) -> list[list[str]]:
    """The lines of each section; all of it is plain text."""
    sections = [block["text"] for block in card(slack, connection)["blocks"] if block["type"] == "section"]
    assert {text["type"] for text in sections} == {"plain_text"}
    return [text["text"].split("\n") for text in sections]


def title(slack: Slack, connection: Connection) -> str:
    return str(card(slack, connection)["blocks"][0]["text"]["text"])


def can(slack: Slack, connection: Connection) -> list[str]:
    """The action ids of its buttons, then those of its menu's rows."""
    elements = card(slack, connection)["blocks"][-1]["elements"]
    rows = [option["value"].split(":")[0] for one in elements for option in one.get("options", [])]
    return [one["action_id"] for one in elements if one["type"] == "button"] + rows


def look(slack: Slack) -> None:
    """The sweep's round, and what comes of it."""
    card_looks.look_after_cards()
    settle(slack)


def changes(slack: Slack) -> int:
    return len(slack.calls("chat.update"))


def waited(chat: ChatSession, minutes: int) -> None:
    """As if the visitor had written so much earlier."""
    since = timezone.now() - timedelta(minutes=minutes, seconds=5)
    ChatSession.unscoped.filter(pk=chat.pk).update(waiting_since=since)
    ShownCard.objects.update(look_at=timezone.now())


def test_a_new_card_tells_who_waits_where_and_is_not_changed_for_nothing(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    assert title(slack, connection) == f"New chat · {chat.visitor.display_name}"
    assert says(slack, connection)[0] == "🟠 Waiting · 1 unread · on the website"
    assert chat.site.name in says(slack, connection)[1]
    assert "chat.take" in can(slack, connection)
    look(slack)
    look(slack)
    assert changes(slack) == 0


def test_an_answer_a_close_and_an_answer_again_are_shown_at_once(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    settle(slack)
    assert says(slack, connection)[0] == "🟢 Bob has it · on the website"
    assert title(slack, connection) == f"Chat · {chat.visitor.display_name}"
    assert "chat.take" not in can(slack, connection)
    chats.close_chat(chat.pk)
    settle(slack)
    assert says(slack, connection)[0] == "⚪ Closed · Bob had it"
    assert card(slack, connection)["metadata"]["event_type"] == "chat_card"
    answer(slack, chat, "One more thing")
    assert says(slack, connection)[0] == "🟢 Bob has it · on the website"


def test_answers_and_stars_of_the_visitor_are_shown_at_once(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    answering.take_form(claim, {"name": "Ana <!channel>", "email": "ana@example.com"})
    settle(slack)
    assert title(slack, connection) == "New chat · Ana !channel"
    assert ["E-mail: ana@example.com"] in told(slack, connection)
    chats.close_chat(chat.pk)
    rating.rate_by_visitor(claim, 4, "Quick & <b>kind</b>")
    settle(slack)
    assert says(slack, connection)[0] == "⚪ Closed · ★★★★☆"
    assert ["E-mail: ana@example.com", "★★★★☆ “Quick & <b>kind</b>”"] in told(slack, connection)
    assert problems_of(card(slack, connection)["blocks"]) == []


def test_words_for_screen_readers_change_with_the_blocks(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    settle(slack)
    name, site = chat.visitor.display_name, chat.site.name
    assert card(slack, connection)["text"] == f"Chat · {name} on {site}: 🟢 Bob has it · on the website"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "waiting"), (2, "waiting for 2 minutes"), (7, "waiting for 5 minutes"), (61, "waiting for 1 hour")],
)
def test_how_long_somebody_waits_is_told_in_coarse_steps(
    slack: Slack, connection: Connection, chat: ChatSession, minutes: int, words: str
) -> None:
    waited(chat, minutes)
    look(slack)
    assert says(slack, connection)[0].split(" · ")[0] == f"🟠 {words.capitalize()}"
    assert ShownCard.objects.get().look_at is not None


def test_lines_that_nobody_has_read_are_counted_up_to_nine(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    for _ in range(3):
        say(claim)
    settle(slack)
    look(slack)
    assert "4 unread" in says(slack, connection)[0]
    for _ in range(9):
        say(claim)
    settle(slack)
    look(slack)
    assert "9+ unread" in says(slack, connection)[0]
    chats.note_agent_seen(chat.pk, 13)
    look(slack)
    assert says(slack, connection)[0] == "🟠 Waiting · on the website"


def test_many_lines_are_one_change(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    """No line of a visitor writes anything for the card: one look finds them all."""
    before = Delivery.objects.filter(kind="card_state").count()
    for _ in range(5):
        say(claim)
    assert Delivery.objects.filter(kind="card_state").count() == before
    for _ in range(3):
        card_looks.look_after_cards()
    assert Delivery.objects.filter(kind="card_state", state="pending").count() == 1
    settle(slack)
    assert changes(slack) == 1


def test_what_a_visitor_does_changes_a_card_no_more_often_than_the_gap(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    claim: VisitorClaim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cards, "GAP", timedelta(seconds=10))
    say(claim)
    look(slack)
    assert changes(slack) == 0
    ShownCard.objects.update(shown_at=timezone.now() - timedelta(seconds=11))
    look(slack)
    assert changes(slack) == 1


def test_a_visitor_who_leaves_and_comes_back(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    note_visits([chat.pk])
    look(slack)
    assert changes(slack) == 0
    Visit.objects.update(seen_at=timezone.now() - HERE_GRACE)
    look(slack)
    assert says(slack, connection)[0].endswith("left the website")
    note_visits([chat.pk])
    look(slack)
    assert says(slack, connection)[0].endswith("on the website")


def test_the_page_on_which_the_visitor_is_now(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    chats.note_page(claim, chat.pk, "https://shop.example/chairs", "Chairs")
    look(slack)
    assert says(slack, connection)[1].endswith(" · Chairs")
    assert "https://shop.example/chairs" in str(card(slack, connection)["blocks"])


@pytest.mark.parametrize("state", [{}, {"is_open": False}, {"is_blocked": True}, {"owner": "Bob"}])
def test_a_menu_has_no_more_rows_than_slack_takes(state: dict[str, Any]) -> None:
    facts = CardFacts(chat_id="c", name="Ana", site="Shop", console_url="https://c.example", **state)
    assert problems_of(card_blocks.card(facts)["blocks"]) == []


def test_a_card_of_an_erased_visitor_is_changed_no_more(
    slack: Slack, connection: Connection, chat: ChatSession, alice: Member, bob: Member
) -> None:
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    promised = Delivery.objects.select_related("link__connection").get(kind="card_state")
    erase_visitor(alice, chat.visitor_id)
    assert errands.update(Job(promised.link, [promised], look=False)) == ""
    assert changes(slack) == 0


# --- Slack's side -------------------------------------------------------------------------------------------------


def test_cards_take_half_of_what_slack_allows(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    """chat.update: about fifty a minute for a team; two seconds between cards leave room for edits of lines."""
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    promised = Delivery.objects.get(kind="card_state")
    assert budgets.interval(promised) == 2 * budgets.interval(Delivery(kind="line"))
    settle(slack)
    assert ChannelBudget.objects.filter(channel_id="chat.update").exists()


@pytest.mark.parametrize(
    "code", ["cant_update_message", "message_not_found", "edit_window_closed", "invalid_blocks"]
)
def test_a_card_that_slack_will_not_change_stops_nothing(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, bob: Member, code: str
) -> None:
    slack.fault("error", "chat.update", error=code)
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    settle(slack)
    assert not Delivery.objects.exclude(state="sent").exists()
    say(claim, "And?")
    settle(slack)
    look(slack)
    assert says(slack, connection)[0] == "🟡 Bob has it · waiting · 1 unread · on the website"


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit", "ratelimit"])
def test_a_change_whose_outcome_is_unknown_is_made_again(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member, kind: str
) -> None:
    slack.fault(kind, "chat.update")
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    at_rest(slack)
    assert says(slack, connection)[0] == "🟢 Bob has it · on the website"


def test_what_happens_while_the_card_is_being_posted_is_shown_afterwards(
    slack: Slack, connection: Connection, claim: VisitorClaim, bob: Member
) -> None:
    say(claim, "Hello?")
    messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "Hello")
    chats.close_chat(chat_of(claim).pk)
    settle(slack)
    assert says(slack, connection)[0] == "⚪ Closed · Bob had it"


def test_a_card_that_was_posted_with_words_now_old_is_looked_at_once_more(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """Our own echo was quicker than the answer to the call, and knows no fingerprint."""
    ShownCard.objects.update(words="", look_at=timezone.now())
    look(slack)
    assert (changes(slack), ShownCard.objects.get().words == "") == (1, False)


def test_disconnected_sites_and_closed_chats_are_not_looked_at(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    say(claim)
    Connection.unscoped.update(state="disconnected")
    assert card_looks.stale() == []
    Connection.unscoped.update(state="ready")
    assert card_looks.stale() == [chat.pk]
    chats.close_chat(chat.pk)
    settle(slack)
    look(slack)
    assert card_looks.stale() == []


def test_a_card_that_cannot_be_looked_at_holds_no_other_up(
    chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []

    def look_after(chat_id: object) -> None:
        looked.append(chat_id)
        if chat_id != chat.pk:
            raise RuntimeError("it cannot be looked at")

    monkeypatch.setattr(card_looks, "stale", lambda: ["another", chat.pk])
    monkeypatch.setattr(card_looks, "_look_after", look_after)
    card_looks.look_after_cards()
    assert looked == ["another", chat.pk]


# --- a chat with a channel of its own ---------------------------------------------------------------------------------


def test_in_the_lobby_it_stands_how_long_somebody_waits_and_who_has_it(
    slack: Slack, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    lobby = noisy(slack, alice, site)
    slack.act("join", user="bob", channel=lobby.channel_id)
    say(claim, "Hello?")
    settle(slack)
    waited(chat_of(claim), 6)
    look(slack)
    line: dict[str, Any] = lobby_lines(slack, lobby)[0]
    assert "Waiting for 5 minutes in " in str(line["blocks"])
    press(slack, lobby, line, "chat.take")
    assert "Bob has it" in str(lobby_lines(slack, lobby)[0]["blocks"])
