"""S8: each chat has its own channel: named, announced, pinned; whoever writes in it answers the visitor."""

import pytest

from accounts.models import Member
from livechat.models import ChatSession, Message, Site, Visitor
from livechat.tokens import VisitorClaim
from slackapp import oauth, setup
from slackapp.actions.modes import Rooms, set_mode
from slackapp.models import Connection
from tests.cast import chat_of, lines_of, newcomer, say
from tests.slackapp.peer import Slack, at_rest, connected, fresh, install, link_of, settle
from tests.slackapp.rooms import (
    answer,
    channels,
    lobby_lines,
    noisy,
    of_kind,
    open_promises,
    room_of,
    said_in,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lobby(slack: Slack, alice: Member, site: Site) -> Connection:
    return noisy(slack, alice, site)


@pytest.fixture
def chat(slack: Slack, lobby: Connection, claim: VisitorClaim) -> ChatSession:
    say(claim, "Hello?")
    settle(slack)
    return chat_of(claim)


def test_the_first_line_makes_a_channel_and_goes_into_it(slack: Slack, chat: ChatSession) -> None:
    room = room_of(slack, chat)
    assert room["name"] == "tb-visitor-001"
    assert said_in(slack, room["id"]) == ["Hello?"]
    assert open_promises(chat) == []
    assert Message.unscoped.get(body="Hello?").mirror_state == "sent"


def test_the_card_comes_first_and_is_pinned(slack: Slack, chat: ChatSession) -> None:
    room = room_of(slack, chat)
    card = of_kind(slack, room["id"], "chat_card")[0]
    line = of_kind(slack, room["id"], "chat_message")[0]
    assert card["ts"] < line["ts"]
    assert room["pins"] == [card["ts"]]
    assert "thread_ts" not in line
    assert "Answer in this channel" in str(card["blocks"])


def test_the_lobby_says_who_and_where_and_offers_to_join_and_take(
    slack: Slack, lobby: Connection, chat: ChatSession
) -> None:
    (line,) = lobby_lines(slack, lobby)
    assert "Acme Shop" in line["text"]
    assert {"type": "channel", "channel_id": room_of(slack, chat)["id"]} in line["blocks"][1]["elements"][0][
        "elements"
    ]
    assert [b["action_id"] for b in line["blocks"][2]["elements"]] == ["chat.take", "room.join", "chat.open"]


def test_the_name_says_who_in_slacks_letters(
    slack: Slack, lobby: Connection, site: Site, claim: VisitorClaim
) -> None:
    Visitor.unscoped.create(
        id=claim.visitor_id, site=site, token_hash=claim.token_hash, name="Ánà <!here> Ōe"
    )
    say(claim)
    settle(slack)
    assert room_of(slack, chat_of(claim))["name"] == "tb-ana-here-oe-001"


def test_a_name_that_is_taken_gets_a_number(slack: Slack, lobby: Connection, claim: VisitorClaim) -> None:
    for name in ("tb-visitor-001", "tb-visitor-001-2"):
        slack.act("channels", team="Acme", name=name)
    slack.act("archive", team="Acme", channel="tb-visitor-001-2")
    say(claim)
    settle(slack)
    link = link_of(chat_of(claim))
    assert (link.room_name, link.room) == ("tb-visitor-001-3", "open")
    assert said_in(slack, link.channel_id) == ["Hello"]


def test_lines_that_come_meanwhile_wait_for_the_channel_in_order(
    slack: Slack, lobby: Connection, claim: VisitorClaim
) -> None:
    slack.fault("status", "conversations.create", count=2, status=503)
    for number in range(5):
        say(claim, f"line {number}")
    at_rest(slack)
    lines = said_in(slack, link_of(chat_of(claim)).channel_id)
    assert "\n".join(lines) == "\n".join(f"line {number}" for number in range(5))


def test_responders_are_invited_and_nobody_else(slack: Slack, alice: Member, site: Site) -> None:
    team = [slack.person("bob"), slack.person("carol")]
    noisy(slack, alice, site, Rooms(responders=team))
    claim = newcomer(site)
    say(claim)
    settle(slack)
    members = set(room_of(slack, chat_of(claim))["members"])
    assert members - {link_of(chat_of(claim)).installation.bot_user_id} == set(team)


def test_who_cannot_be_invited_keeps_nobody_else_out(slack: Slack, alice: Member, site: Site) -> None:
    gone = slack.act("people", team="Acme", name="gone", real_name="Gone", deleted=True)["user"]
    lobby = noisy(slack, alice, site, Rooms(responders=[gone, "U0NOBODY", slack.person("bob")]))
    bot = lobby.installation.bot_user_id if lobby.installation else ""
    Connection.unscoped.update(responders=[gone, "U0NOBODY", bot, slack.person("bob")])
    claim = newcomer(site)
    say(claim)
    settle(slack)
    assert slack.person("bob") in room_of(slack, chat_of(claim))["members"]
    assert open_promises(chat_of(claim)) == []


def test_more_responders_than_slack_takes_at_once_are_invited_in_turn(
    slack: Slack, alice: Member, site: Site
) -> None:
    crowd = [slack.act("people", team="Acme", name=f"p{n}", real_name=f"P {n}")["user"] for n in range(120)]
    noisy(slack, alice, site, Rooms(responders=crowd))
    claim = newcomer(site)
    say(claim)
    settle(slack)
    assert set(crowd) <= set(room_of(slack, chat_of(claim))["members"])
    assert [len(row["args"]["users"].split(",")) for row in slack.calls("conversations.invite")] == [100, 20]


def test_a_private_channel_if_the_owner_chooses_so(slack: Slack, alice: Member, site: Site) -> None:
    noisy(slack, alice, site, Rooms(private=True))
    claim = newcomer(site)
    say(claim)
    settle(slack)
    room = room_of(slack, chat_of(claim))
    assert room["is_private"]
    assert said_in(slack, room["id"]) == ["Hello"]


def test_the_topic_says_where_the_visitor_is_and_formats_nothing(
    slack: Slack, lobby: Connection, site: Site, claim: VisitorClaim
) -> None:
    Visitor.unscoped.create(
        id=claim.visitor_id, site=site, token_hash=claim.token_hash, name="<!channel> @here"
    )
    say(claim)
    ChatSession.unscoped.update(page_url="https://shop.example/?q=<!here>&" + "&" * 300)
    settle(slack)
    topic = room_of(slack, chat_of(claim))["topic"]
    assert "Acme Shop" in topic
    assert len(topic) <= 250
    assert "<" not in topic
    assert "@" not in topic


def test_what_is_written_in_the_channel_goes_to_the_visitor(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "We do :wave:")
    assert lines_of(chat) == ["Hello?", "We do 👋"]


def test_answers_in_a_channel_keep_their_order(slack: Slack, chat: ChatSession) -> None:
    for number in range(6):
        slack.act("say", user="bob", channel=link_of(chat).channel_id, text=f"line {number}", team="Acme")
    settle(slack)
    assert lines_of(chat) == ["Hello?", *(f"line {number}" for number in range(6))]


@pytest.mark.parametrize("broadcast", [False, True])
def test_a_thread_in_the_channel_is_among_colleagues(
    slack: Slack, chat: ChatSession, broadcast: bool
) -> None:
    said = answer(slack, chat, "We ship today")
    for root in (said["ts"], link_of(chat).root_ts):
        answer(slack, chat, "He is rude", thread_ts=root, broadcast=broadcast)
    assert lines_of(chat) == ["Hello?", "We ship today"]
    assert Message.unscoped.filter(chat=chat, is_note=True).count() == 2


def test_an_edit_in_the_channel_reaches_the_visitor_and_one_in_a_thread_does_not(
    slack: Slack, chat: ChatSession
) -> None:
    where = {"user": "bob", "channel": link_of(chat).channel_id, "team": "Acme"}
    said = answer(slack, chat, "We shp")
    inside = answer(slack, chat, "hm", thread_ts=said["ts"])
    slack.act("edit", ts=said["ts"], text="We ship", **where)
    slack.act("edit", ts=inside["ts"], text="rude", **where)
    settle(slack)
    assert lines_of(chat) == ["Hello?", "We ship"]


def test_a_console_answer_is_shown_in_the_channel(slack: Slack, chat: ChatSession) -> None:
    from livechat.actions.messages import post_agent_message

    post_agent_message(chat.pk, None, "From the console")
    settle(slack)
    assert said_in(slack, link_of(chat).channel_id) == ["Hello?", "From the console"]


def test_chats_have_channels_of_their_own(slack: Slack, lobby: Connection, site: Site) -> None:
    claims = [newcomer(site) for _ in range(3)]
    for claim in claims:
        say(claim, claim.visitor_id.hex)
    settle(slack)
    rooms = {link_of(chat_of(claim)).channel_id: claim.visitor_id.hex for claim in claims}
    assert len(rooms) == 3
    assert all(said_in(slack, channel_id) == [word] for channel_id, word in rooms.items())
    assert len([name for name in channels(slack) if name.startswith("tb-")]) == 3


def test_whoever_can_be_invited_is_a_colleague(slack: Slack, alice: Member, lobby: Connection) -> None:
    slack.act("people", team="Acme", name="gus", real_name="Gus", is_restricted=True)
    slack.act("people", team="Acme", name="gone", real_name="Gone", deleted=True)
    assert [one.name for one in setup.colleagues(lobby)] == ["Alice", "Bob", "Carol"]


def test_the_permissions_of_noisy_mode_are_asked_for_when_it_is_chosen(
    slack: Slack, alice: Member, site: Site
) -> None:
    still = connected(slack, alice, site)
    assert still.installation is not None
    assert "pins:write" not in still.installation.scopes
    set_mode(alice, still, "noisy", Rooms(private=True))
    assert oauth.lacking_scopes(fresh(still)) == {"pins:write", "groups:write"}
    install(slack, alice, fresh(still))
    assert oauth.lacking_scopes(fresh(still)) == set()


@pytest.mark.parametrize(("before", "after"), [("still", "noisy"), ("noisy", "still")])
def test_open_chats_stay_where_they_are_when_the_mode_changes(
    slack: Slack, lobby: Connection, alice: Member, site: Site, before: str, after: str
) -> None:
    set_mode(alice, lobby, before)
    early, late = newcomer(site), newcomer(site)
    say(early, "early")
    settle(slack)
    set_mode(alice, lobby, after)
    say(late, "late")
    say(early, "early again")
    settle(slack)
    assert (link_of(chat_of(early)).mode, link_of(chat_of(late)).mode) == (before, after)
    for claim in (early, late):
        link = link_of(chat_of(claim))
        place = {} if link.is_noisy else {"thread_ts": link.root_ts}
        slack.act("say", user="bob", channel=link.channel_id, text="Hello", team="Acme", **place)
    settle(slack)
    assert lines_of(chat_of(early)) == ["early", "early again", "Hello"]
    assert lines_of(chat_of(late)) == ["late", "Hello"]


@pytest.mark.parametrize("mode", ["still", "noisy"])
def test_open_chats_stay_where_they_are_when_the_channel_changes(
    slack: Slack, lobby: Connection, alice: Member, site: Site, mode: str
) -> None:
    set_mode(alice, lobby, mode)
    early, late = newcomer(site), newcomer(site)
    say(early, "early")
    settle(slack)
    old = link_of(chat_of(early)).channel_id
    setup.create_channel(alice, fresh(lobby), "elsewhere")
    say(late, "late")
    say(early, "early again")
    settle(slack)
    link = link_of(chat_of(early))
    assert link.channel_id == old
    place = {} if link.is_noisy else {"thread_ts": link.root_ts}
    slack.act("say", user="bob", channel=old, text="Hello", team="Acme", **place)
    settle(slack)
    assert lines_of(chat_of(early)) == ["early", "early again", "Hello"]
    assert link_of(chat_of(late)).lobby_channel_id == fresh(lobby).channel_id != link.lobby_channel_id
