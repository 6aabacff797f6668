"""A colleague answers in the thread (S7, S13): one message to the visitor, in order, under the right name."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent
from livechat.actions import chats
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp import actions, inbound, lanes
from slackapp.models import ChatLink, Connection, InboundEvent, Installation, MessageLink
from tests.cast import chat_of, lines_of, say
from tests.payloads.slack import envelope, sample, samples, typed
from tests.slackapp.peer import Slack, at_rest, fresh, later, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)


def root_of(chat: ChatSession) -> str:
    return str(link_of(chat).root_ts)


def answer(slack: Slack, chat: ChatSession, text: str, user: str = "bob", **more: Any) -> dict[str, Any]:
    link = link_of(chat)
    said = slack.act(
        "say", user=user, channel=link.channel_id, thread_ts=link.root_ts, text=text, team="Acme", **more
    )
    settle(slack)
    return said


def hear(installation: Installation | None, *events: dict[str, Any], **more: Any) -> None:
    """Events that arrive without the sandbox, for shapes that it does not make."""
    assert installation is not None
    for event in events:
        actions.record_event(envelope(installation, event, **more))
    for _, key in lanes.due():
        if key.startswith("in:"):
            inbound.work_inbound(key)


def last(chat: ChatSession) -> Message:
    return Message.unscoped.filter(chat=chat).latest("created_at")


def test_an_answer_reaches_the_visitor_under_the_colleagues_name(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "We *do* ship :wave:")
    message = last(chat)
    assert (message.author_kind, message.seq, message.body) == ("agent", 2, "We do ship 👋")
    assert message.agent is not None
    assert (message.agent.name, message.agent.title) == ("Bob", "Customer support")
    assert message.agent.avatar_url
    assert {"type": "text", "text": "do", "style": {"bold": True}} in message.segments


def test_the_first_to_answer_takes_the_chat(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    answer(slack, chat, "Mine", "bob")
    answer(slack, chat, "Me too", "carol")
    taken = chat_of(claim).agent
    assert taken is not None
    assert taken.name == "Bob"


def test_an_answer_is_not_sent_back_to_slack(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    answer(slack, chat, "Only once")
    assert last(chat).mirror_state == "none"
    assert slack.lines(connection) == ["Hello?"]


def test_answers_keep_their_order(slack: Slack, chat: ChatSession) -> None:
    link = link_of(chat)
    for number in range(6):
        slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text=f"line {number}")
    settle(slack)
    assert lines_of(chat) == ["Hello?", *(f"line {number}" for number in range(6))]


@pytest.mark.parametrize("fresh_ids", [False, True], ids=["same event id", "several event ids"])
def test_a_message_told_several_times_has_one_effect(
    slack: Slack, chat: ChatSession, fresh_ids: bool
) -> None:
    slack.fault("duplicate", method="events", copies=4, parallel=True, fresh_ids=fresh_ids)
    answer(slack, chat, "Once")
    assert lines_of(chat) == ["Hello?", "Once"]
    assert MessageLink.objects.filter(from_slack=True).count() == 1


def test_our_own_posts_come_back_and_say_nothing(slack: Slack, chat: ChatSession) -> None:
    assert InboundEvent.objects.filter(payload__event__bot_id__isnull=False).exists()
    assert lines_of(chat) == ["Hello?"]


def test_other_apps_do_not_speak_to_visitors(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "Deploy finished", bot="ci")
    assert lines_of(chat) == ["Hello?"]


@pytest.mark.parametrize("prefix", [";;", ";; ", "note:", "Note: ", "NOTE:", "  ;;"])
def test_a_line_with_the_private_prefix_stays_inside(slack: Slack, chat: ChatSession, prefix: str) -> None:
    answer(slack, chat, f"{prefix}rude customer")
    assert lines_of(chat) == ["Hello?"]
    note = last(chat)
    assert (note.is_note, note.seq, note.rev) == (True, None, 0)


@pytest.mark.parametrize(
    "text", ["> ;; he is rude", "- ;; he is rude", "1. note: he is rude", ">;;he is rude"]
)
def test_a_private_prefix_in_a_quote_or_a_list_stays_inside_too(
    slack: Slack, chat: ChatSession, text: str
) -> None:
    answer(slack, chat, text)
    assert lines_of(chat) == ["Hello?"]
    assert last(chat).is_note


@pytest.mark.parametrize(
    "prefix", ["\uff1b\uff1b", "note\uff1a", "\u037e\u037e", "\u200b;;", "\ufeff \u2060note:"]
)
def test_a_private_prefix_of_another_keyboard_stays_inside_too(
    slack: Slack, chat: ChatSession, prefix: str
) -> None:
    """Full-width signs of Chinese and Japanese keyboards, the Greek question mark, what pasted text brings along."""
    answer(slack, chat, f"{prefix} he is rude")
    assert lines_of(chat) == ["Hello?"]
    assert last(chat).is_note


@pytest.mark.parametrize("text", ["noted: yes", "a ;; b", "notes", ";", "\uff1b", "12 notes: yes"])
def test_a_line_that_only_looks_alike_goes_out(slack: Slack, chat: ChatSession, text: str) -> None:
    answer(slack, chat, text)
    assert lines_of(chat) == ["Hello?", text]


def test_a_bold_private_prefix_stays_inside_too(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "*note:* rude customer")
    assert lines_of(chat) == ["Hello?"]


def test_talk_outside_of_chats_is_nobodys_business(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    slack.act("say", user="bob", channel=connection.channel_id, text="Lunch?")
    root = slack.act("say", user="bob", channel=connection.channel_id, text="Poll")["ts"]
    slack.act("say", user="carol", channel=connection.channel_id, thread_ts=root, text="yes")
    settle(slack)
    assert Message.unscoped.count() == 1
    assert not InboundEvent.objects.exclude(state="done").exists()


def test_a_reply_that_is_also_sent_to_the_channel_is_one_message(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "For everybody", broadcast=True)
    assert lines_of(chat) == ["Hello?", "For everybody"]


def test_an_answer_to_a_closed_chat_opens_it(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    chats.close_chat(chat.pk)
    answer(slack, chat, "One more thing")
    assert chat_of(claim).is_open


def test_an_answer_in_an_old_thread_tells_the_colleague_where_the_visitor_is(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    chats.close_chat(chat.pk)
    say(claim, "New question")
    settle(slack)
    thread = str(link_of(chat_of(claim)).root_ts)
    answer(slack, chat, "Too late")
    told = slack.calls("chat.postEphemeral")[0]["args"]
    assert f"/p{thread.replace('.', '')}" in told["text"]
    assert told["user"] == slack.person("bob")
    assert lines_of(chat) == ["Hello?"]


def test_an_answer_to_a_card_in_doubt_waits_as_long_as_the_doubt(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    """People see the card and answer; for us its outcome is unknown and Slack tells us nothing for minutes."""
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    slack.fault("status", method="conversations.history", status=500, count=None)
    say(claim, "Hello?")
    settle(slack)
    root = slack.cards(connection)[0]["ts"]
    said = typed("Quick", user=slack.person("bob"), channel=connection.channel_id, thread_ts=root)
    hear(connection.installation, said)
    InboundEvent.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    later()
    settle(slack)
    slack.clear_faults()
    at_rest(slack)
    later()
    settle(slack)
    assert lines_of(chat_of(claim)) == ["Hello?", "Quick"]


def test_an_answer_that_arrives_before_its_thread_is_known_waits(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    say(claim, "Hello?")
    installation = connection.installation
    hear(
        installation, typed("Quick", user=slack.person("bob"), channel=connection.channel_id, thread_ts="1.1")
    )
    assert InboundEvent.objects.get(payload__event__text="Quick").state == "pending"
    settle(slack)
    chat = chat_of(claim)
    ChatLink.objects.filter(pk=chat.pk).update(root_ts="1.1")
    later()
    settle(slack)
    assert lines_of(chat) == ["Hello?", "Quick"]


def test_mallorys_slack_cannot_speak_in_acmes_chat(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """Signed for the same app, from another team: the installation decides, not the channel it names."""
    installation = connection.installation
    assert installation is not None
    theirs = Installation.objects.create(
        slack_team_id="TGLOBEX", app_id=installation.app_id, bot_user_id="U9", bot_id="B9",
        installed_by_slack_user_id="U8", installed_at=timezone.now(),
    )  # fmt: skip
    hear(theirs, typed("I am Bob", user="U8", channel=connection.channel_id, thread_ts=root_of(chat)))
    hear(installation, typed("x", user="U8", channel="C0", thread_ts=root_of(chat)))
    assert lines_of(chat) == ["Hello?"]


@pytest.mark.parametrize("path", samples("docs-slack-dev/events"), ids=lambda path: path.stem)
def test_every_published_event_is_worked_without_trouble(connection: Connection, path: Any) -> None:
    payload = sample(f"docs-slack-dev/events/{path.name}")
    payload = payload if isinstance(payload, dict) else {"event": payload}
    event = payload.get("event") if isinstance(payload.get("event"), dict) else payload
    hear(connection.installation, dict(event or {}))
    assert not InboundEvent.objects.exclude(problem="").exists()
    assert fresh(connection).state == "ready"


HOSTILE: list[dict[str, Any]] = [
    {"user": None},
    {"user": 7},
    {"user": ["U1"]},
    {"ts": 5},
    {"ts": None},
    {"channel": {"id": "C1"}},
    {"thread_ts": ["1.1"]},
    {"text": None},
    {"text": 7, "blocks": "x"},
    {"blocks": [None, 1, {"type": "rich_text"}, {"type": "rich_text", "elements": [None, {"elements": 5}]}]},
    {
        "blocks": [
            {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [1], "indent": "x"}]}
        ]
    },
    {"subtype": {"x": 1}},
    {"bot_profile": "x", "metadata": "x"},
    {"metadata": {"event_type": 1, "event_payload": []}, "bot_id": "B1"},
    {"user_team": {"id": 1}, "team": []},
]


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: str(change)[:50])
def test_strange_shapes_are_worked_without_trouble(
    slack: Slack, connection: Connection, chat: ChatSession, change: dict[str, Any]
) -> None:
    event = typed("hi", user=slack.person("bob"), channel=connection.channel_id, thread_ts=root_of(chat))
    hear(connection.installation, event | change)
    assert not InboundEvent.objects.exclude(problem="").exists()
    hear(connection.installation, event | {"text": "still working", "ts": "9.9"})
    assert lines_of(chat)[-1] == "still working"


def test_one_event_that_fails_is_put_aside_and_the_others_follow(
    slack: Slack, connection: Connection, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = actions.record_agent_reply

    def stumble(link: ChatLink, reply: actions.Reply, agent: Agent | None) -> Message | None:
        if reply.body == "bad":
            raise RuntimeError("a mistake of ours")
        return real(link, reply, agent)

    monkeypatch.setattr(actions, "record_agent_reply", stumble)
    monkeypatch.setattr(inbound, "TRIES", 2)
    for text in ("bad", "good"):
        answer(slack, chat, text)
    for _ in range(3):
        later()
        settle(slack)
    assert lines_of(chat) == ["Hello?", "good"]
    dead = InboundEvent.objects.get(state="dead")
    assert "a mistake of ours" in dead.problem
