"""C6: what reports count of a chat, written with what happens in it."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import agent_of
from accounts.models import Member
from livechat import counting, schedule
from livechat.actions import assigning, chats, figures, messages
from livechat.hours import Hours
from livechat.models import ChatFigures, ChatSession, Message, Site
from livechat.schedule import Schedule
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say

OFFICE = Schedule((Hours((0, 1, 2, 3, 4), "09:00", "17:00"),), "Europe/Vilnius")


def row_of(chat: ChatSession) -> ChatFigures:
    return ChatFigures.unscoped.get(chat=chat)


def ago(chat: ChatSession, by: timedelta) -> None:
    """As if all that stands there had happened earlier."""
    chat.refresh_from_db()
    chat.started_at -= by
    chat.waiting_since = chat.waiting_since - by if chat.waiting_since else None
    ChatSession.unscoped.filter(pk=chat.pk).update(
        started_at=chat.started_at, waiting_since=chat.waiting_since
    )


def answer(chat: ChatSession, who: Member | None, text: str = "Yes") -> Message:
    return messages.post_agent_message(chat.pk, agent_of(who) if who else None, text)


def test_a_chat_is_counted_from_its_first_line_to_its_end(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    chat = chat_of(claim)
    row = row_of(chat)
    now = datetime.now(UTC)
    assert (row.site_id, row.agent_id, row.answered_in, row.resolved_in) == (chat.site_id, None, None, None)
    assert row.day in (now.date(), now.date() - timedelta(days=1))
    ago(chat, timedelta(seconds=90))
    say(claim, "Hello?")
    answer(chat, bob)
    row = row_of(chat)
    assert row.agent_id == agent_of(bob).pk
    assert row.answered_in in range(90, 95)
    assert row.answered_in_hours in range(90, 95)
    answered_in = row.answered_in
    say(claim, "Thanks")
    ago(chat, timedelta(minutes=10))
    answer(chat, bob, "Welcome")
    assert row_of(chat).answered_in == answered_in, "the first answer counts, and no other"
    chats.close_chat(chat.pk)
    row = row_of(chat)
    assert row.resolved_in in range(690, 700)
    assert (row.visitor_lines, row.agent_lines) == (3, 2)
    answer(chat, bob, "One thing more")
    row = row_of(chat)
    assert (row.resolved_in, row.visitor_lines) == (None, 0), "it is open again"


def test_notes_and_what_comes_before_the_visitor_answer_nothing(site: Site, bob: Member) -> None:
    claim = newcomer(site)
    say(claim)
    chat = chat_of(claim)
    messages.post_note(chat.pk, agent_of(bob), "Who knows him?")
    chat.refresh_from_db()
    assert (chat.visitor_lines, chat.agent_lines, chat.first_answer_seconds) == (1, 0, None)
    early = ChatSession(visitor_lines=0, started_at=chat.started_at)
    line = Message(author_kind=Message.Author.AGENT, created_at=chat.started_at)
    assert counting.heard(early, line) is None
    assert (early.agent_lines, early.first_answer_seconds) == (1, None)


def test_whoever_is_given_the_chat_has_its_figures(claim: VisitorClaim, alice: Member, bob: Member) -> None:
    say(claim)
    chat = chat_of(claim)
    assigning.assign(chat.pk, agent_of(alice), agent_of(bob), bob.user, None)
    assert row_of(chat).agent_id == agent_of(alice).pk


def test_of_a_night_only_open_hours_count(site: Site) -> None:
    site.schedule = OFFICE.row()
    friday = datetime(2026, 11, 20, 14, 50, tzinfo=UTC)  # ten minutes before the office closes
    monday = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # half an hour after it opens
    assert counting.open_seconds(site, friday, monday) == 40 * 60
    assert counting.open_seconds(site, friday, friday) == 0
    assert counting.open_seconds(site, monday, friday) == 0
    assert counting.place(site, datetime(2026, 11, 22, 22, 30, tzinfo=UTC)) == (date(2026, 11, 23), 0)
    assert schedule.open_between(Schedule(), friday, monday) == monday - friday


def test_figures_outlive_their_chat(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    chat = chat_of(claim)
    answer(chat, bob)
    ChatSession.unscoped.filter(pk=chat.pk).delete()
    row = ChatFigures.unscoped.get()
    assert (row.chat_id, row.agent_id) == (None, agent_of(bob).pk)


def test_chats_of_before_are_counted_alike(site: Site, bob: Member) -> None:
    """Whatever stood in the rows, and in several transactions."""
    for number in range(5):
        claim = newcomer(site)
        say(claim)
        chat = chat_of(claim)
        if number:
            answer(chat, bob)
            say(claim, "And then?")
        if number > 2:
            chats.close_chat(chat.pk)
    kept = sorted(ChatFigures.unscoped.values_list(*figures_of_a_row))
    counts = sorted(ChatSession.unscoped.values_list("pk", *counting.COLUMNS))
    ChatFigures.unscoped.filter().delete()
    ChatSession.unscoped.update(visitor_lines=0, agent_lines=0, first_answer_seconds=None)
    assert figures.fill_missing(at_once=2) == 5
    assert sorted(ChatFigures.unscoped.values_list(*figures_of_a_row)) == kept
    assert sorted(ChatSession.unscoped.values_list("pk", *counting.COLUMNS)) == counts
    assert figures.fill_missing() == 0


figures_of_a_row = ("chat", "site", "day", "slot", "visitor_lines", "agent_lines", "resolved_in")


def test_a_first_answer_costs_one_statement_more(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    chat, agent = chat_of(claim), agent_of(bob)
    with CaptureQueriesContext(connection) as captured:
        messages.post_agent_message(chat.pk, agent, "Yes")
    assert len([one for one in captured if "livechat_chatfigures" in one["sql"]]) == 2
