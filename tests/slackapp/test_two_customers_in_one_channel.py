"""S10, S11, S12, S14: a Slack Connect channel of two customers. Slack names either; one of them has the chat."""

import pytest

from accounts.models import Member
from livechat.models import Attachment, ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from slackapp import actions, setup
from slackapp.models import Connection, InboundEvent, MessageLink
from slackapp.presses import chats
from tests.cast import lines_of, say, shop_of
from tests.payloads.slack import post
from tests.serving import Served
from tests.slackapp.peer import Json, Slack, fresh, install, settle
from tests.slackapp.rooms import lobby_lines, noisy
from tests.slackapp.threads import answer, does

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def globex(slack: Slack, mallory: Member) -> Connection:
    """Another customer, who has a site and chats of their own."""
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex Shop"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "mallory", "Globex")
    setup.create_channel(mallory, fresh(theirs), "globex-chat")
    return fresh(theirs)


def share(slack: Slack, connection: Connection, tells: str) -> None:
    slack.act("share", channel=connection.channel_id, tells=tells, **{"with": "Globex"})


@pytest.fixture(params=["guest", "both"])
def shared(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    globex: Connection,
    request: pytest.FixtureRequest,
) -> None:
    share(slack, connection, request.param)


def nothing_at_globex(globex: Connection) -> bool:
    return (
        not Message.unscoped.filter(chat__site=globex.site).exists()
        and not MessageLink.objects.filter(installation=globex.installation).exclude(message=None).exists()
    )


@pytest.mark.usefixtures("shared")
def test_an_answer_arrives_once_whomever_slack_names(
    slack: Slack, chat: ChatSession, globex: Connection
) -> None:
    answer(slack, chat, "We do ship")
    assert lines_of(chat) == ["Hello?", "We do ship"]
    assert Message.unscoped.filter(body="We do ship").count() == 1
    assert nothing_at_globex(globex)
    named = set(InboundEvent.objects.filter(kind="message").values_list("payload__team_id", flat=True))
    assert slack.team("Globex")["id"] in named


@pytest.mark.usefixtures("shared")
def test_edits_and_deletions_arrive(slack: Slack, chat: ChatSession, globex: Connection) -> None:
    line = answer(slack, chat, "We do shpi")
    does(slack, "edit", line, text="We do ship")
    assert lines_of(chat) == ["Hello?", "We do ship"]
    does(slack, "delete", line)
    assert lines_of(chat) == ["Hello?", ""]
    assert nothing_at_globex(globex)


@pytest.mark.usefixtures("shared")
def test_a_lock_takes_the_answer_back(slack: Slack, chat: ChatSession) -> None:
    does(slack, "react", answer(slack, chat, "He asks every week"), name="lock")
    assert lines_of(chat) == ["Hello?", ""]
    assert Message.unscoped.get(is_note=True).body == "He asks every week"


@pytest.mark.usefixtures("shared")
def test_files_come_and_go(slack: Slack, chat: ChatSession) -> None:
    said = answer(slack, chat, "The list", files=[{"name": "list.txt", "content": "9 chairs"}])
    settle(slack)
    copy = Attachment.unscoped.get()
    assert copy.state == "ready"
    state = slack.look("messages", channel=said["channel"], team="Acme")["messages"]
    file_id = next(one["files"][0]["id"] for one in state if one["ts"] == said["ts"])
    slack.fault("drop", method="events", match={"type": "file_deleted"})
    does(slack, "delete_file", {"file": file_id})
    copy.refresh_from_db()
    assert copy.state != "ready"


@pytest.mark.usefixtures("shared")
def test_people_of_the_company_that_slack_names_are_strangers_here_all_the_same(
    slack: Slack, chat: ChatSession, globex: Connection
) -> None:
    answer(slack, chat, "I am Acme", "mallory")
    assert lines_of(chat) == ["Hello?"]
    assert chat.messages.filter(is_note=True, body="I am Acme").exists()
    assert nothing_at_globex(globex)


@pytest.mark.usefixtures("shared")
def test_a_post_whose_answer_was_lost_is_known_by_its_echo(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("drop_after_commit", method="chat.postMessage")
    slack.fault("status", method="conversations.replies", count=None)
    say(claim, "Anybody?")
    settle(slack)
    settle(slack)
    assert slack.lines(connection).count("Anybody?") == 1
    assert Message.unscoped.get(body="Anybody?").mirror_state == Message.Mirror.SENT


@pytest.mark.parametrize(("who", "team", "taken"), [("bob", "Acme", True), ("mallory", "Globex", False)])
def test_a_press_is_of_the_chat_that_the_button_names_whomever_slack_names(
    server: Served,
    slack: Slack,
    alice: Member,
    site: Site,
    globex: Connection,
    claim: VisitorClaim,
    who: str,
    team: str,
    taken: bool,
) -> None:
    lobby = noisy(slack, alice, site)
    message = say(claim, "Hello?")
    settle(slack)
    share(slack, lobby, "guest")
    slack.act("join", user=who, channel=lobby.channel_id, team="Acme")
    assert globex.installation is not None
    said: Json = {
        "type": "block_actions",
        "api_app_id": globex.installation.app_id,
        "team": {"id": globex.installation.slack_team_id},
        "user": {"id": slack.person(who, team), "team_id": slack.team(team)["id"]},
        "channel": {"id": lobby.channel_id},
        "container": {"type": "message", "message_ts": lobby_lines(slack, lobby)[0]["ts"]},
        "trigger_id": "9.9.9",
        "actions": [{"type": "button", "action_id": "chat.take", "value": str(message.chat_id)}],
    }
    assert post(server.url, "/slack/interactivity", said).status_code == 200
    settle(slack)
    assert (ChatSession.unscoped.get(pk=message.chat_id).agent is not None) is taken
    told = [call["args"]["text"] for call in slack.calls("chat.postEphemeral")]
    assert told == (["You are in #tb-visitor-001 now."] if taken else [chats.NOT_ALLOWED])
