"""S15: a chat is snoozed by a form in Slack, comes back by itself with a line in its thread, or by a button."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat import snooze
from livechat.actions import blocking, messages, snoozing
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp.errands.woken import BACK
from slackapp.models import Connection, Delivery
from tests.cast import chat_of, say
from tests.slackapp.peer import Json, Slack, at_rest, later, link_of, settle
from tests.slackapp.rooms import lobby_lines, noisy, of_kind
from tests.slackapp.snoozing import button, modal, now_of, press, whispers, words

pytestmark = pytest.mark.django_db(transaction=True)


def snoozed(slack: Slack, chat: ChatSession, user: str = "bob", **values: object) -> Json:
    press(slack, button(chat, "chat.snooze"), user)
    assert modal(slack, user)["callback_id"] == "chat.snooze"
    return slack.act("submit", user=user, values={"for": "30m", **values})


def until_of(chat: ChatSession) -> datetime:
    until = now_of(chat).snoozed_until
    assert until is not None
    return until


def said_back(slack: Slack, chat: ChatSession) -> list[Json]:
    return of_kind(slack, link_of(chat).channel_id, "chat_woken")


def test_a_usual_moment_is_one_choice(slack: Slack, chat: ChatSession) -> None:
    assert snoozed(slack, chat)["view"] is None
    assert timedelta(minutes=29) < until_of(chat) - timezone.now() < timedelta(minutes=31)
    assert str(now_of(chat).snoozed_by) == "Bob"


def test_tomorrow_morning_on_ones_own_clock_is_chosen_to_begin_with(slack: Slack, chat: ChatSession) -> None:
    """As Slack has it: the cast lives in Vilnius. What is sent untouched is what was shown."""
    press(slack, button(chat, "chat.snooze"))
    begin = modal(slack)["blocks"][0]["element"]["initial_option"]
    assert re.fullmatch("Tomorrow, 09:00 EES?T", begin["text"]["text"])
    assert slack.act("submit", user="bob", values={})["view"] is None
    local = until_of(chat).astimezone(ZoneInfo("Europe/Vilnius"))
    ahead = (local.date() - timezone.now().astimezone(local.tzinfo).date()).days
    assert (ahead, local.hour, local.minute) == (1, 9, 0)


def test_a_moment_of_ones_own_needs_a_field_more(slack: Slack, chat: ChatSession) -> None:
    press(slack, button(chat, "chat.snooze"))
    slack.act("modal_action", user="bob", action_id="for", value="other", values={"for": "other"})
    assert [block["block_id"] for block in modal(slack)["blocks"][:2]] == ["for", "at"]
    wanted = int((timezone.now() + timedelta(days=2)).timestamp())
    assert slack.act("submit", user="bob", values={"for": "other", "at": str(wanted)})["view"] is None
    assert until_of(chat).timestamp() == wanted


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [(timedelta(hours=-1), snooze.PAST), (timedelta(days=100), snooze.TOO_FAR)],
)
def test_a_moment_that_cannot_be_is_said_beside_it(
    slack: Slack, chat: ChatSession, ahead: timedelta, sentence: str
) -> None:
    press(slack, button(chat, "chat.snooze"))
    slack.act("modal_action", user="bob", action_id="for", value="other", values={"for": "other"})
    moment = str(int((timezone.now() + ahead).timestamp()))
    assert slack.act("submit", user="bob", values={"for": "other", "at": moment})["errors"] == {
        "at": sentence
    }
    assert not now_of(chat).is_snoozed


def test_at_its_moment_the_thread_calls_whoever_snoozed_it_once(slack: Slack, chat: ChatSession) -> None:
    snoozed(slack, chat)
    for _ in range(2):
        snoozing.wake_due(timezone.now() + timedelta(hours=1))
        settle(slack)
    (line,) = said_back(slack, chat)
    assert (line["thread_ts"], line["text"]) == (link_of(chat).root_ts, BACK)
    assert [ping["value"] for ping in line["pings"]] == [slack.person("bob")]


def test_what_the_console_snoozed_comes_back_without_a_name(
    slack: Slack, chat: ChatSession, alice: Member
) -> None:
    snoozing.snooze(chat.pk, agent_of(alice), timezone.now())
    snoozing.wake_due()
    settle(slack)
    assert [line["text"] for line in said_back(slack, chat)] == [BACK]


def test_in_a_channel_of_its_own_it_is_said_there(
    slack: Slack, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    noisy(slack, alice, site)
    say(claim, "Hello?")
    settle(slack)
    chat = chat_of(claim)
    snoozing.snooze(chat.pk, agent_of(alice), timezone.now())
    snoozing.wake_due()
    settle(slack)
    (line,) = said_back(slack, chat)
    assert line.get("thread_ts") is None


def test_the_line_in_the_lobby_says_it_too(
    slack: Slack, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    lobby = noisy(slack, alice, site)
    say(claim, "Hello?")
    settle(slack)
    snoozing.snooze(chat_of(claim).pk, agent_of(alice), timezone.now() + timedelta(hours=3))
    settle(slack)
    assert "Snoozed until" in str(lobby_lines(slack, lobby)[0]["blocks"])
    snoozing.wake(chat_of(claim).pk)
    at_rest(slack)
    assert "Snoozed" not in str(lobby_lines(slack, lobby)[0]["blocks"])


def test_the_visitors_line_brings_it_back_without_another(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, connection: Connection
) -> None:
    snoozed(slack, chat)
    say(claim, "Still there?")
    settle(slack)
    assert not now_of(chat).is_snoozed
    assert said_back(slack, chat) == []
    assert slack.lines(connection)[-1] == "Still there?"


def test_an_unknown_outcome_becomes_one_line(slack: Slack, chat: ChatSession) -> None:
    snoozed(slack, chat)
    slack.fault("drop_after_commit")
    snoozing.wake_due(timezone.now() + timedelta(hours=1))
    at_rest(slack)
    assert len(said_back(slack, chat)) == 1


@pytest.mark.parametrize("meanwhile", ["closed", "snoozed", "blocked"])
def test_a_line_that_is_not_true_any_more_is_not_posted(
    slack: Slack, chat: ChatSession, alice: Member, meanwhile: str
) -> None:
    """Slack was away for a while."""
    snoozed(slack, chat)
    snoozing.wake_due(timezone.now() + timedelta(hours=1))
    if meanwhile == "closed":
        close_chat(chat.pk)
    elif meanwhile == "snoozed":
        snoozing.snooze(chat.pk, agent_of(alice), timezone.now() + timedelta(hours=1))
    else:
        blocking.block(chat.pk, agent_of(alice))
    settle(slack)
    assert said_back(slack, chat) == []
    assert not Delivery.objects.filter(kind="woken", state__in=("pending", "sending")).exists()


def test_a_blocked_visitors_chat_comes_back_quietly(slack: Slack, chat: ChatSession, alice: Member) -> None:
    snoozed(slack, chat)
    blocking.block(chat.pk, agent_of(alice))
    assert snoozing.wake_due(timezone.now() + timedelta(hours=1)) == 1
    settle(slack)
    assert said_back(slack, chat) == []


def test_what_slack_refuses_holds_the_chat_up_no_longer(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, connection: Connection
) -> None:
    snoozed(slack, chat)
    slack.fault("error", error="thread_not_found", match={"thread_ts": link_of(chat).root_ts})
    snoozing.wake_due(timezone.now() + timedelta(hours=1))
    settle(slack)
    later()
    say(claim, "And another thing")
    settle(slack)
    assert slack.lines(connection)[-1] == "And another thing"


def test_a_button_wakes_it_and_a_second_press_is_told(slack: Slack, chat: ChatSession) -> None:
    snoozed(slack, chat)
    where = button(chat, "chat.wake")
    press(slack, where)
    press(slack, where, "carol")
    assert not now_of(chat).is_snoozed
    assert [text for _, text in whispers(slack, str(where["channel"]))] == [
        "The chat is back among the open ones.",
        "This chat is not snoozed any more.",
    ]
    assert said_back(slack, chat) == []


def test_of_two_who_snooze_the_second_is_told_who_was_first(slack: Slack, chat: ChatSession) -> None:
    press(slack, button(chat, "chat.snooze"), "carol")
    snoozed(slack, chat, "bob")
    until = now_of(chat).snoozed_until
    told = slack.act("submit", user="carol", values={"for": "3h"})["errors"]["for"]
    assert told.startswith("Bob has snoozed this chat until ")
    assert now_of(chat).snoozed_until == until


def test_whoever_snoozed_it_may_choose_another_moment(slack: Slack, chat: ChatSession) -> None:
    snoozed(slack, chat)
    snoozed(slack, chat, **{"for": "3h"})
    assert until_of(chat) - timezone.now() > timedelta(hours=2)


def test_a_stale_form_for_a_closed_chat_says_so(slack: Slack, chat: ChatSession) -> None:
    press(slack, button(chat, "chat.snooze"))
    close_chat(chat.pk)
    told = slack.act("submit", user="bob", values={"for": "30m"})["errors"]
    assert told == {"for": snoozing.CLOSED}
    where = button(chat, "chat.wake")
    press(slack, where)
    assert whispers(slack, str(where["channel"]))[-1][1].startswith("This chat is closed.")


def test_a_note_in_between_lets_it_rest(slack: Slack, chat: ChatSession, alice: Member) -> None:
    snoozed(slack, chat)
    messages.post_note(chat.pk, agent_of(alice), "Asked the maker")
    assert now_of(chat).is_snoozed


def test_manage_this_chat_offers_what_can_be_done(slack: Slack, chat: ChatSession) -> None:
    """A form over the form, and the way back without another."""
    link = link_of(chat)
    slack.act("shortcut", user="bob", callback_id="chat.manage", channel=link.channel_id, ts=link.root_ts)
    slack.act("modal_action", user="bob", action_id="chat.snooze")
    assert modal(slack)["callback_id"] == "chat.snooze"
    slack.act("submit", user="bob", values={"for": "3h"})
    assert now_of(chat).is_snoozed
    slack.act("shortcut", user="bob", callback_id="chat.manage", channel=link.channel_id, ts=link.root_ts)
    slack.act("modal_action", user="bob", action_id="chat.wake")
    assert words(modal(slack)) == "The chat is back among the open ones."
    assert not now_of(chat).is_snoozed


def test_the_card_says_until_when_and_by_whom_and_offers_the_way_back(
    slack: Slack, chat: ChatSession, connection: Connection
) -> None:
    snoozed(slack, chat)
    settle(slack)
    (card,) = slack.cards(connection)
    assert re.search(r"Snoozed until \w{3} \d+ \w{3}, \d\d:\d\d UTC by Bob", str(card["blocks"]))
    offered = str(card["blocks"][-1])
    assert "chat.wake" in offered
    assert "chat.snooze" not in offered
