"""S17: whoever opens the app's page in Slack sees their chats and those that wait, and may take one there."""

import pytest

from accounts.models import Member
from livechat.models import ChatSession
from slackapp.models import Connection, HomeTab
from tests.slackapp.home_tabs import (
    blocks_of,
    buttons_of,
    link_account,
    open_home,
    press_at_home,
    published,
)
from tests.slackapp.peer import Slack, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def linked(slack: Slack, connection: Connection, alice: Member, bob: Member) -> None:
    link_account(slack, alice, "alice")
    link_account(slack, bob, "bob")


def test_an_agent_takes_a_waiting_chat_at_home_and_finds_it_among_theirs(
    slack: Slack, chat: ChatSession, linked: None
) -> None:
    shown = open_home(slack, "bob")
    assert "Waiting · 1" in shown
    assert "Hello?" in shown
    assert f"{chat.visitor.display_name}  · Acme Shop" in shown
    assert "Your chats" not in shown
    assert "chat.take" in buttons_of(slack, "bob")
    shown = press_at_home(slack, "bob")
    assert "You have this chat now." in shown
    assert "Nobody is waiting." in shown
    assert "Your chats · 1" in shown
    assert chat_of_agent(chat) == "Bob"


def chat_of_agent(chat: ChatSession) -> str | None:
    agent = ChatSession.unscoped.select_related("agent").get(pk=chat.pk).agent
    return agent.name if agent else None


def test_lines_lead_to_the_thread_and_to_the_console(slack: Slack, chat: ChatSession, linked: None) -> None:
    open_home(slack, "bob")
    link = link_of(chat)
    found = str(blocks_of(slack, "bob"))
    root = str(link.root_ts).replace(".", "")
    assert f"{link.installation.team_url.rstrip('/')}/archives/{link.channel_id}/p{root}" in found
    assert f"/console/chats/{chat.pk}" in found


def test_of_two_who_take_the_same_chat_the_second_reads_who_has_it(
    slack: Slack, chat: ChatSession, linked: None
) -> None:
    for name in ("alice", "bob"):
        open_home(slack, name)
    press_at_home(slack, "alice")
    assert "Alice has this chat already." in press_at_home(slack, "bob")
    assert chat_of_agent(chat) == "Alice"


def test_what_came_of_a_press_is_gone_at_the_next_look(slack: Slack, chat: ChatSession, linked: None) -> None:
    open_home(slack, "bob")
    assert "You have this chat now." in press_at_home(slack, "bob")
    assert "You have this chat now." not in open_home(slack, "bob")


def test_owners_have_first_steps_and_settings_which_agents_have_not(
    slack: Slack, connection: Connection, linked: None
) -> None:
    shown = open_home(slack, "alice")
    assert "✅  Connect Slack and choose a channel" in shown
    assert "▫️  Put the chat on your website" in shown
    slack.act("modal_action", user="alice", team="Acme", action_id="settings.edit", home=True)
    assert slack.act("modal", user="alice", team="Acme")["view"]["callback_id"] == "settings.edit"
    assert "First steps" not in open_home(slack, "bob")
    assert "settings.edit" not in buttons_of(slack, "bob")


def test_looking_again_at_the_same_publishes_nothing(slack: Slack, chat: ChatSession, linked: None) -> None:
    open_home(slack, "bob")
    before = published(slack)
    open_home(slack, "bob")
    assert published(slack) == before


def test_the_messages_tab_is_no_home(slack: Slack, connection: Connection) -> None:
    slack.act("open_home", user="bob", team="Acme", tab="messages")
    settle(slack)
    assert not HomeTab.objects.exists()
