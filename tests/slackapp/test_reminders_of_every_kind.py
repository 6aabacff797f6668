"""S20: reminders keep to working hours, to the chat's place and to whom they are for; a mail needs no Slack."""

import threading
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import blocking, snoozing
from livechat.actions.changes import withdraw_by_visitor
from livechat.actions.chats import close_chat
from livechat.actions.erasure import erase_visitor
from livechat.actions.messages import post_agent_message, post_note
from livechat.hours import Hours
from livechat.models import ChatSession, Message, Site
from livechat.schedule import Schedule
from livechat.tokens import VisitorClaim
from slackapp import reminder_mails, reminding
from slackapp.actions import reminders as acts
from slackapp.models import Connection, Delivery, Installation, Reminder
from tests.cast import chat_of, say
from tests.slackapp.gone import everything_is_done
from tests.slackapp.peer import Slack, at_rest, later, link_of, settle
from tests.slackapp.reminding import go_by, minutes_later, plan, reminders_in, words_of
from tests.slackapp.rooms import noisy

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def set_back(chat: ChatSession, moment: datetime) -> None:
    """The visitor wrote at that moment."""
    ChatSession.unscoped.filter(pk=chat.pk).update(
        waiting_since=moment, unheeded_since=moment, remind_at=moment + timedelta(minutes=1)
    )
    Message.unscoped.filter(chat=chat).update(created_at=moment)


# --- working hours ----------------------------------------------------------------------------------------------------


@pytest.fixture
def office(chat: ChatSession) -> ChatSession:
    """Open from nine to five, on weekdays."""
    row = Schedule((Hours((0, 1, 2, 3, 4), "09:00", "17:00"),), "UTC").row()
    Site.unscoped.filter(pk=chat.site_id).update(schedule=row)
    return chat


def test_minutes_count_while_it_is_open(office: ChatSession) -> None:
    set_back(office, MONDAY + timedelta(hours=16, minutes=57))
    assert reminding.remind_due(MONDAY + timedelta(hours=17, minutes=30)) == 0
    tuesday = MONDAY + timedelta(days=1, hours=9)
    assert reminding.remind_due(tuesday + timedelta(minutes=1, seconds=59)) == 0
    assert reminding.remind_due(tuesday + timedelta(minutes=2)) == 1


def test_a_server_that_comes_back_at_night_wakes_nobody(office: ChatSession) -> None:
    set_back(office, MONDAY + timedelta(hours=12))
    assert reminding.remind_due(MONDAY + timedelta(hours=23)) == 0
    assert ChatSession.unscoped.get().remind_at == MONDAY + timedelta(days=1, hours=9)
    assert reminding.remind_due(MONDAY + timedelta(days=1, hours=9)) == 1


def test_other_hours_and_minutes_count_for_whoever_waits_already(chat: ChatSession, alice: Member) -> None:
    go_by(3)
    assert reminding.remind_due() == 0
    acts.set_plan(alice, chat.site, thread_minutes=2, channel_minutes=None)
    assert reminding.remind_due() == 1


def test_a_wait_of_which_everything_is_told_is_not_told_of_again_when_the_plan_changes(
    chat: ChatSession, alice: Member
) -> None:
    plan(chat, thread_minutes=2)
    go_by(60)
    assert reminding.remind_due() == 1
    acts.set_plan(alice, chat.site, mail_minutes=5)
    assert reminding.remind_due() == 0


def test_a_site_without_reminders_is_quiet(chat: ChatSession) -> None:
    plan(chat)
    go_by(600)
    assert reminding.remind_due() == 0
    assert ChatSession.unscoped.get().remind_at is None


# --- once and no more -------------------------------------------------------------------------------------------------


def told(slack: Slack, connection: Connection) -> list[str]:
    return [words_of(message) for message in reminders_in(slack, connection.channel_id)]


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "garbage"])
def test_a_reminder_whose_answer_is_lost_stands_there_once(
    slack: Slack, connection: Connection, chat: ChatSession, kind: str
) -> None:
    slack.fault(kind)
    minutes_later(slack, 6)
    at_rest(slack)
    assert len(told(slack, connection)) == 1


def test_after_an_outage_the_loudest_step_is_told_alone(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    minutes_later(slack, 200)
    (only,) = reminders_in(slack, connection.channel_id)
    assert only["subtype"] == "thread_broadcast"
    assert words_of(only) == "⏰ A visitor has been waiting for 3 hours."
    assert set(Reminder.objects.values_list("step", "state")) == {("thread", "passed"), ("channel", "told")}


def test_a_note_is_no_answer(slack: Slack, connection: Connection, chat: ChatSession, bob: Member) -> None:
    post_note(chat.pk, agent_of(bob), "Who knows about boots?")
    minutes_later(slack, 6)
    assert len(told(slack, connection)) == 1


def test_a_closed_chat_is_quiet(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    close_chat(chat.pk)
    settle(slack)
    minutes_later(slack, 60)
    assert told(slack, connection) == []


def test_workers_that_sweep_in_the_same_moment_tell_it_once(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    plan(chat, thread_minutes=5, mail_minutes=6)
    go_by(7)
    found: list[int] = []

    def sweep() -> None:
        start.wait(5)
        try:
            found.append(reminding.remind_due())
            reminder_mails.send_due()
        finally:
            connections.close_all()

    start = threading.Barrier(4)
    workers = [threading.Thread(target=sweep) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    settle(slack)
    assert sorted(found) == [0, 0, 0, 2]
    assert len(told(slack, connection)) == len(mail.outbox) == 1


# --- what else ends it ------------------------------------------------------------------------------------------------


def test_a_snoozed_chat_is_quiet_and_counts_anew_when_it_wakes(chat: ChatSession, bob: Member) -> None:
    snoozing.snooze(chat.pk, agent_of(bob), timezone.now() + timedelta(minutes=30))
    go_by(25)
    assert reminding.remind_due() == 0
    assert snoozing.wake_due(timezone.now() + timedelta(minutes=31)) == 1
    assert reminding.remind_due() == 0
    go_by(5)
    assert reminding.remind_due() == 1


def test_of_a_blocked_visitor_nobody_is_reminded(chat: ChatSession, bob: Member) -> None:
    blocking.block(chat.pk, agent_of(bob))
    go_by(600)
    assert reminding.remind_due() == 0


def test_of_words_that_were_taken_back_nobody_is_reminded(chat: ChatSession, claim: VisitorClaim) -> None:
    withdraw_by_visitor(claim, Message.unscoped.get(body="Hello?").pk)
    assert chat_of(claim).waiting_since is None
    go_by(600)
    assert reminding.remind_due() == 0


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def room(slack: Slack, alice: Member, site: Site, claim: VisitorClaim) -> ChatSession:
    noisy(slack, alice, site)
    say(claim, "Hello?")
    settle(slack)
    return chat_of(claim)


def test_a_chat_in_its_own_channel_is_called_out_in_the_lobby(slack: Slack, room: ChatSession) -> None:
    link = link_of(room)
    minutes_later(slack, 6)
    (inside,) = reminders_in(slack, link.channel_id)
    assert words_of(inside) == "⏰ A visitor has been waiting for 6 minutes."
    minutes_later(slack, 10)
    (outside,) = reminders_in(slack, link.lobby_channel_id)
    assert words_of(outside) == f"⏰ A visitor has been waiting for 16 minutes. {link.channel_id}"
    assert len(reminders_in(slack, link.channel_id)) == 1


@pytest.mark.parametrize("kind", ["drop_after_commit", "garbage"])
def test_a_line_in_the_lobby_whose_answer_is_lost_stands_there_once(
    slack: Slack, room: ChatSession, kind: str
) -> None:
    plan(room, channel_minutes=5)
    slack.fault(kind)
    minutes_later(slack, 6)
    at_rest(slack)
    assert len(reminders_in(slack, link_of(room).lobby_channel_id)) == 1


def test_a_thread_that_is_gone_costs_the_reminder_and_nothing_else(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    slack.fault("error", error="thread_not_found")
    minutes_later(slack, 6)
    assert Delivery.objects.get(kind="remind").state == "sent"
    assert Connection.unscoped.get().state == "ready"
    minutes_later(slack, 10)
    assert len(reminders_in(slack, connection.channel_id)) == 1


def test_what_waited_for_slack_is_told_once_in_its_loudest_form(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    Installation.objects.update(paused_until=timezone.now() + timedelta(minutes=5))
    assert [reminding.remind_due(timezone.now() + timedelta(minutes=after)) for after in (6, 16)] == [1, 1]
    settle(slack)
    assert reminders_in(slack, connection.channel_id) == []
    later()
    settle(slack)
    assert len(reminders_in(slack, connection.channel_id)) == 1


def test_what_a_lobby_was_told_goes_with_the_visitor(slack: Slack, room: ChatSession, alice: Member) -> None:
    minutes_later(slack, 16)
    lobby = link_of(room).lobby_channel_id
    assert len(reminders_in(slack, lobby)) == 1
    erase_visitor(alice, room.visitor_id)
    everything_is_done(slack)
    assert reminders_in(slack, lobby) == []


# --- mails ------------------------------------------------------------------------------------------------------------


def test_owners_are_told_by_mail_where_slack_is_no_use(
    slack: Slack, chat: ChatSession, alice: Member, bob: Member
) -> None:
    plan(chat, mail_minutes=30)
    Connection.unscoped.update(state="disconnected")
    minutes_later(slack, 31)
    (only,) = mail.outbox
    assert only.to == [alice.user.email]
    assert only.subject == "A visitor on Acme Shop has been waiting for 31 minutes"
    assert f"/console/chats/{chat.pk}" in only.body
    assert "Hello?" not in only.body
    minutes_later(slack, 600)
    assert len(mail.outbox) == 1


def test_chosen_people_get_the_mail_each_their_own(
    slack: Slack, chat: ChatSession, alice: Member, bob: Member, mallory: Member
) -> None:
    plan(chat, mail_minutes=5, members=[str(bob.pk), str(mallory.pk)])
    minutes_later(slack, 6)
    assert [message.to for message in mail.outbox] == [[bob.user.email]]


def test_a_mail_server_that_is_away_is_tried_again_for_those_who_have_none(
    slack: Slack, chat: ChatSession, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def send_mail(subject: str, body: str, sender: None, to: list[str]) -> None:
        if len(sent) == 1 and "away" not in sent:
            sent.append("away")
            raise SMTPServerDisconnected
        sent.extend(to)

    monkeypatch.setattr(reminder_mails, "send_mail", send_mail)
    plan(chat, mail_minutes=5, members=[str(alice.pk), str(bob.pk)])
    minutes_later(slack, 6)
    assert len(sent) == 2
    assert reminder_mails.send_due() == 0
    assert reminder_mails.send_due(timezone.now() + reminder_mails.AGAIN) == 1
    assert set(sent) == {"away", alice.user.email, bob.user.email}
    assert len(sent) == 3


def test_a_mail_is_given_up_after_some_tries(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*words: object) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr(reminder_mails, "send_mail", away)
    plan(chat, mail_minutes=5)
    minutes_later(slack, 6)
    for number in range(1, 10):
        reminder_mails.send_due(timezone.now() + number * reminder_mails.AGAIN)
    assert Reminder.objects.values_list("state", "tries").get() == ("failed", reminder_mails.MOST_TRIES)


def test_a_worker_that_dies_with_a_mail_in_its_hands_sends_it_at_most_once(chat: ChatSession) -> None:
    plan(chat, mail_minutes=5)
    go_by(6)
    reminding.remind_due()
    assert acts.take_mail(Reminder.objects.get().pk, timezone.now()) is not None
    assert reminder_mails.send_due(timezone.now() + timedelta(days=1)) == 0


def test_an_answer_stops_a_mail_that_was_promised(chat: ChatSession, bob: Member) -> None:
    plan(chat, mail_minutes=5)
    go_by(6)
    reminding.remind_due()
    post_agent_message(chat.pk, agent_of(bob), "Here I am")
    assert reminder_mails.send_due() == 0
    assert mail.outbox == []
