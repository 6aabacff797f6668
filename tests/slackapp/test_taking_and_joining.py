"""S8: *Take* and *Join* in the lobby. One takes the chat, whoever may is let into its channel, others are told."""

import pytest

from accounts.models import Member
from livechat.actions.chats import close_chat
from livechat.actions.erasure import erase_visitor
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp import inbound
from slackapp.actions.modes import Rooms
from slackapp.handlers import pressed
from slackapp.models import Connection, Delivery, InboundEvent, Installation
from slackapp.presses import chats
from tests.cast import chat_of, newcomer, say
from tests.payloads.slack import post
from tests.serving import Served
from tests.slackapp.peer import Json, Slack, link_of, settle
from tests.slackapp.rooms import lobby_lines, noisy, press, room_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lobby(slack: Slack, alice: Member, site: Site) -> Connection:
    return noisy(slack, alice, site)


@pytest.fixture
def chat(slack: Slack, lobby: Connection, claim: VisitorClaim) -> ChatSession:
    for name in ("bob", "carol"):
        slack.act("join", user=name, channel=lobby.channel_id)
    say(claim, "Hello?")
    settle(slack)
    return chat_of(claim)


def line(slack: Slack, lobby: Connection) -> Json:
    return lobby_lines(slack, lobby)[0]


def whispers(slack: Slack, lobby: Connection) -> list[tuple[str, str]]:
    found = slack.look("messages", channel=lobby.channel_id, team="Acme")["messages"]
    return [(m["seen_only_by"], m["text"]) for m in found if m["seen_only_by"]]


def buttons(slack: Slack, lobby: Connection) -> list[str]:
    return [button["action_id"] for button in line(slack, lobby)["blocks"][-1]["elements"]]


def test_join_lets_whoever_pressed_into_the_channel(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    press(slack, lobby, line(slack, lobby), "room.join")
    assert slack.person("bob") in room_of(slack, chat)["members"]
    assert whispers(slack, lobby) == [(slack.person("bob"), "You are in #tb-visitor-001 now.")]
    assert chat_of_agent(chat) is None


def chat_of_agent(chat: ChatSession) -> str | None:
    agent = ChatSession.unscoped.select_related("agent").get(pk=chat.pk).agent
    return agent.name if agent else None


def test_joining_twice_says_so(slack: Slack, lobby: Connection, chat: ChatSession) -> None:
    for _ in range(2):
        press(slack, lobby, line(slack, lobby), "room.join")
    assert whispers(slack, lobby)[-1][1] == "You are in #tb-visitor-001 already."


def test_join_works_in_a_private_channel(slack: Slack, alice: Member, site: Site) -> None:
    lobby = noisy(slack, alice, site, Rooms(private=True))
    slack.act("join", user="bob", channel=lobby.channel_id)
    claim = newcomer(site)
    say(claim)
    settle(slack)
    press(slack, lobby, line(slack, lobby), "room.join")
    assert slack.person("bob") in room_of(slack, chat_of(claim))["members"]


def test_the_first_to_take_has_the_chat_and_is_let_in(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    press(slack, lobby, line(slack, lobby), "chat.take", "bob")
    assert chat_of_agent(chat) == "Bob"
    assert slack.person("bob") in room_of(slack, chat)["members"]
    assert "Bob has it" in str(line(slack, lobby)["blocks"])
    assert buttons(slack, lobby) == ["room.join", "chat.open"]
    assert whispers(slack, lobby) == [(slack.person("bob"), "You are in #tb-visitor-001 now.")]


def test_of_two_who_take_at_once_one_wins_and_the_other_is_told_who(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    seen = line(slack, lobby)
    where = {"channel": lobby.channel_id, "ts": seen["ts"], "action_id": "chat.take", "team": "Acme"}
    for name in ("carol", "bob"):
        slack.act("click", user=name, **where)
    settle(slack)
    assert chat_of_agent(chat) == "Carol"
    assert (slack.person("bob"), "Carol has this chat already.") in whispers(slack, lobby)
    assert slack.person("bob") not in room_of(slack, chat)["members"]


def test_a_closed_chat_is_not_taken(slack: Slack, lobby: Connection, chat: ChatSession) -> None:
    seen = line(slack, lobby)
    slack.fault("error", "chat.update", count=None, error="ratelimited")
    close_chat(chat.pk)
    press(slack, lobby, seen, "chat.take")
    assert chat_of_agent(chat) is None
    assert whispers(slack, lobby) == [(slack.person("bob"), chats.CLOSED)]


def test_guests_take_and_join_nothing_unless_they_are_allowed(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    gus = slack.act("people", team="Acme", name="gus", real_name="Gus Guest", is_restricted=True)["user"]
    slack.act("join", user="gus", channel=lobby.channel_id)
    for action in ("chat.take", "room.join"):
        press(slack, lobby, line(slack, lobby), action, "gus")
    assert chat_of_agent(chat) is None
    assert gus not in room_of(slack, chat)["members"]
    assert whispers(slack, lobby) == [(gus, chats.NOT_ALLOWED)] * 2
    Connection.unscoped.update(allow_guests=True)
    press(slack, lobby, line(slack, lobby), "chat.take", "gus")
    assert chat_of_agent(chat) == "Gus Guest"


def test_a_button_that_stands_elsewhere_opens_nothing(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    """Somebody copies the value of a button into a message of another channel."""
    assert lobby.installation is not None
    from slackapp import client

    other = slack.act("channels", team="Acme", name="elsewhere")["channel"]
    slack.act("invite", channel=other, team="Acme")
    button = {"type": "button", "action_id": "chat.take", "text": {"type": "plain_text", "text": "Take"}}
    blocks = [{"type": "actions", "elements": [{**button, "value": str(chat.pk)}]}]
    token = lobby.installation.bot_token.reveal()
    posted = client.call("chat.postMessage", token, channel=other, text="x", blocks=blocks)
    slack.act("click", user="carol", channel=other, ts=posted["ts"], action_id="chat.take", team="Acme")
    settle(slack)
    assert chat_of_agent(chat) is None
    found = slack.look("messages", channel=other, team="Acme")["messages"]
    assert [(m["seen_only_by"], m["text"]) for m in found if m["seen_only_by"]] == [
        (slack.person("carol"), chats.UNKNOWN)
    ]


def direct_messages(slack: Slack, name: str) -> list[str]:
    channels = [one for one in slack.team()["channels"] if one["im_user"] == slack.person(name)]
    return [message["text"] for one in channels for message in one["messages"]]


@pytest.mark.parametrize("action_id", ["chat.take", "room.join"])
def test_who_only_looks_into_the_lobby_is_told_in_a_direct_message(
    slack: Slack, lobby: Connection, chat: ChatSession, action_id: str
) -> None:
    slack.act("leave", user="bob", channel=lobby.channel_id)
    press(slack, lobby, line(slack, lobby), action_id)
    assert slack.person("bob") in room_of(slack, chat)["members"]
    assert direct_messages(slack, "bob") == ["You are in #tb-visitor-001 now."]


@pytest.mark.parametrize("action_id", ["chat.take", "room.join"])
def test_a_press_on_a_line_whose_site_was_disconnected_says_so(
    slack: Slack, alice: Member, lobby: Connection, chat: ChatSession, action_id: str
) -> None:
    seen = line(slack, lobby)
    Connection.unscoped.filter(pk=lobby.pk).update(state="disconnected")
    press(slack, lobby, seen, action_id)
    assert chat_of_agent(chat) is None
    assert whispers(slack, lobby) == [(slack.person("bob"), chats.PARTED)]


def test_a_press_where_this_slack_is_not_known_any_more_says_so(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    """All that was held of this team was deleted; its button still stands there."""
    gone = {"slack_team_id": "T0GONE", "app_id": "A0GONE"}
    Installation.objects.filter(pk=link_of(chat).installation_id).update(**gone)
    press(slack, lobby, line(slack, lobby), "chat.take")
    assert whispers(slack, lobby) == [(slack.person("bob"), pressed.NOT_CONNECTED)]


def test_a_press_on_a_line_of_an_erased_visitor_says_so(
    slack: Slack, lobby: Connection, chat: ChatSession, alice: Member
) -> None:
    seen = line(slack, lobby)
    erase_visitor(alice, chat.visitor_id)
    press(slack, lobby, seen, "room.join")
    assert len(whispers(slack, lobby)) == 1


def test_a_press_that_fails_for_good_says_so(
    slack: Slack, lobby: Connection, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(inbound, "TRIES", 1)
    monkeypatch.setattr(chats, "_take", fails)
    press(slack, lobby, line(slack, lobby), "chat.take")
    assert whispers(slack, lobby) == [(slack.person("bob"), pressed.FAILED)]


def test_who_slack_will_not_invite_is_told(slack: Slack, lobby: Connection, chat: ChatSession) -> None:
    slack.fault("error", "conversations.invite", error="ura_max_channels")
    press(slack, lobby, line(slack, lobby), "room.join")
    assert "ura_max_channels" in whispers(slack, lobby)[0][1]
    assert not Delivery.objects.filter(state__in=("pending", "sending", "dead")).exists()


def test_a_press_while_slack_does_not_tell_who_it_was_waits(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    slack.fault("status", "users.info", status=503)
    press(slack, lobby, line(slack, lobby), "chat.take")
    assert InboundEvent.objects.filter(kind="block_actions", state="pending").exists()
    from django.db.models.functions import Now

    from slackapp.models import Lane

    Lane.objects.filter(key__startswith="in:", due_at__isnull=False).update(due_at=Now())
    settle(slack)
    assert chat_of_agent(chat) == "Bob"


@pytest.mark.parametrize("action_id", ["chat.take", "room.join"])
def test_people_of_another_company_take_and_join_nothing(
    server: Served, slack: Slack, lobby: Connection, chat: ChatSession, action_id: str
) -> None:
    """Slack Connect: the payload names the team whose app it is, and a person of another one."""
    assert lobby.installation is not None
    mallory = slack.person("mallory", "Globex")
    said = {
        "type": "block_actions",
        "api_app_id": lobby.installation.app_id,
        "team": {"id": lobby.installation.slack_team_id},
        "user": {"id": mallory, "team_id": slack.team("Globex")["id"]},
        "channel": {"id": lobby.channel_id},
        "container": {"type": "message", "message_ts": line(slack, lobby)["ts"]},
        "trigger_id": "9.9.9",
        "actions": [{"type": "button", "action_id": action_id, "value": str(chat.pk)}],
    }
    assert post(server.url, "/slack/interactivity", said).status_code == 200
    settle(slack)
    assert chat_of_agent(chat) is None
    assert mallory not in room_of(slack, chat)["members"]
    assert not InboundEvent.objects.exclude(state="done").exists()
