"""After OAuth: choose or make the channel, send a test message (S1); Slack's refusals become sentences."""

from html import unescape

import pytest
from pytest_django import Settings

from accounts.errors import NotFound, Refused
from accounts.models import Member
from livechat.models import Site
from slackapp import access, actions, setup
from slackapp.models import Connection
from tests.slackapp.peer import Slack, fresh, install, text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def installed(slack: Slack, alice: Member, site: Site) -> Connection:
    connection = actions.start_connection(alice, site, Connection.Mode.STILL)
    install(slack, alice, connection)
    return fresh(connection)


def channel_id(slack: Slack, name: str) -> str:
    return next(str(one["id"]) for one in slack.team()["channels"] if one["name"] == name)


def test_channels_are_listed_with_general_last(slack: Slack, installed: Connection) -> None:
    slack.act("channels", team="Acme", name="support")
    slack.act("channels", team="Acme", name="secret", private=True)
    slack.act("channels", team="Acme", name="old")
    slack.act("archive", team="Acme", channel="old")
    assert [channel.name for channel in setup.channels(installed)] == ["random", "support", "general"]


def test_choosing_a_channel_joins_it_introduces_the_app_and_is_ready(
    slack: Slack, installed: Connection, alice: Member
) -> None:
    wanted = slack.act("channels", team="Acme", name="support")["channel"]
    setup.use_channel(alice, installed, wanted)
    chosen = fresh(installed)
    assert (chosen.channel_id, chosen.channel_name, chosen.state) == (wanted, "support", "ready")
    assert "Acme Shop" in text_of(slack.channel(chosen)[-1])


@pytest.mark.parametrize(
    "mode, policy, said, unsaid",
    [
        ("still", "replies", "Each chat is a thread. What a colleague writes in a chat goes", "of its own"),
        ("noisy", "replies", "Each chat gets a channel of its own, which is announced here.", "thread"),
        ("still", "silent", "Only a line that begins with >> goes to the visitor.", "begins with ;;"),
        ("noisy", "alerts", "Your team answers in the console.", "goes to the visitor"),
    ],
)
def test_the_introduction_says_how_chats_appear_and_what_goes_out(
    slack: Slack, installed: Connection, alice: Member, mode: str, policy: str, said: str, unsaid: str
) -> None:
    """S1, S8, S14: nobody learns from the app itself that something goes out which stays inside."""
    Connection.unscoped.filter(pk=installed.pk).update(mode=mode, policy=policy)
    setup.use_channel(alice, fresh(installed), slack.act("channels", team="Acme", name="support")["channel"])
    words = unescape(text_of(slack.channel(fresh(installed))[-1]))
    assert said in words
    assert unsaid not in words


def test_a_private_channel_wants_an_invitation_first(
    slack: Slack, installed: Connection, alice: Member
) -> None:
    wanted = slack.act("channels", team="Acme", name="secret", private=True)["channel"]
    with pytest.raises(Refused):
        setup.use_channel(alice, installed, wanted)
    slack.act("invite", team="Acme", channel="secret")
    setup.use_channel(alice, fresh(installed), wanted)
    assert fresh(installed).channel_name == "secret"


def test_an_archived_channel_is_refused(slack: Slack, installed: Connection, alice: Member) -> None:
    wanted = slack.act("channels", team="Acme", name="old")["channel"]
    slack.act("archive", team="Acme", channel="old")
    with pytest.raises(Refused) as refusal:
        setup.use_channel(alice, installed, wanted)
    assert refusal.value.code == "is_archived"
    assert fresh(installed).state == "pending"


@pytest.mark.parametrize("junk", ["", "C0UNKNOWN", "general", "\x00", "📦", "' OR 1=1"])
def test_a_channel_that_is_not_there_is_refused(
    slack: Slack, installed: Connection, alice: Member, junk: str
) -> None:
    with pytest.raises(Refused):
        setup.use_channel(alice, installed, junk)
    assert fresh(installed).channel_id == ""


def test_a_channel_of_globex_is_unknown(slack: Slack, installed: Connection, alice: Member) -> None:
    foreign = slack.team("Globex")["channels"][0]["id"]
    with pytest.raises(Refused) as refusal:
        setup.use_channel(alice, installed, foreign)
    assert refusal.value.code == "channel_not_found"


def test_a_new_channel_is_made_and_used(slack: Slack, installed: Connection, alice: Member) -> None:
    setup.create_channel(alice, installed, " #Website-Chat ")
    assert (fresh(installed).channel_name, fresh(installed).state) == ("website-chat", "ready")


def test_a_taken_name_is_told(slack: Slack, installed: Connection, alice: Member) -> None:
    with pytest.raises(Refused) as refusal:
        setup.create_channel(alice, installed, "general")
    assert refusal.value.code == "name_taken"
    assert "#general" in refusal.value.sentence


@pytest.mark.parametrize(
    "name", ["", "#", "---", "two words", "a" * 81, "naïve", "a\x00b", "<b>", "a.b", "📦"]
)
def test_a_name_that_slack_would_refuse_is_refused_here(
    slack: Slack, installed: Connection, alice: Member, name: str
) -> None:
    with pytest.raises(Refused) as refusal:
        setup.create_channel(alice, installed, name)
    assert refusal.value.code == "invalid_name"
    assert not slack.calls("conversations.create")


def test_a_test_message_arrives(slack: Slack, connection: Connection, alice: Member) -> None:
    setup.send_test_message(alice, connection)
    assert text_of(slack.channel(connection)[-1]).startswith("Test message from")


def test_a_test_message_needs_a_channel(slack: Slack, installed: Connection, alice: Member) -> None:
    with pytest.raises(Refused) as refusal:
        setup.send_test_message(alice, installed)
    assert refusal.value.code == "no_channel"


def test_a_successful_test_message_mends_a_broken_connection(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    actions.note_channel_problem(connection, connection.channel_id, "The channel is archived.")
    setup.send_test_message(alice, fresh(connection))
    assert fresh(connection).state == "ready"


@pytest.mark.parametrize(
    ("kind", "code"), [("ratelimit", "slack_busy"), ("status", "slack_away"), ("garbage", "slack_away")]
)
def test_slack_in_trouble_is_a_sentence(
    slack: Slack, connection: Connection, alice: Member, kind: str, code: str
) -> None:
    slack.fault(kind)
    with pytest.raises(Refused) as refusal:
        setup.send_test_message(alice, connection)
    assert refusal.value.code == code
    assert "xoxb" not in refusal.value.sentence


def test_slack_away_is_a_sentence(connection: Connection, alice: Member, settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:1/api/"
    with pytest.raises(Refused) as refusal:
        setup.channels(connection)
    assert refusal.value.code == "slack_away"


def test_nothing_works_before_slack_is_connected(slack: Slack, alice: Member, site: Site) -> None:
    bare = fresh(actions.start_connection(alice, site, Connection.Mode.STILL))
    for act in (lambda: setup.channels(bare), lambda: setup.create_channel(alice, bare, "chat")):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "not_connected"


def test_starting_twice_gives_the_same_connection(slack: Slack, alice: Member, site: Site) -> None:
    first = actions.start_connection(alice, site, "still")
    assert actions.start_connection(alice, site, "still") == first
    assert actions.start_connection(alice, site, "noisy").mode == "noisy"
    with pytest.raises(Refused):
        actions.start_connection(alice, site, "loud")


@pytest.mark.parametrize("junk", ["", "1", "junk", None, "\x00"])
def test_mallory_finds_no_connection_of_acme(
    connection: Connection, mallory: Member, alice: Member, junk: object
) -> None:
    for who, wanted in ((mallory, connection.pk), (alice, junk)):
        with pytest.raises(NotFound):
            access.connection_for(who, wanted)
