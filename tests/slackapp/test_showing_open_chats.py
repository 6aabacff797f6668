"""S17: *Show open chats*, from anywhere in Slack: for linked people those of their workspaces, and nobody else's."""

import pytest

from accounts.models import Member
from livechat.actions import chats
from livechat.models import ChatSession, Site
from slackapp.models import Connection
from tests.cast import newcomer, say, shop_of
from tests.slackapp.forms import Json, form, press, words
from tests.slackapp.links import linked
from tests.slackapp.peer import Slack, connected, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)


def show(slack: Slack, user: str = "bob") -> Json:
    slack.act("shortcut", user=user, callback_id="chats.open", team="Acme")
    return form(slack, user)


def test_a_linked_colleague_sees_them_goes_there_and_manages_one(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    linked(slack, bob, "bob")
    view = show(slack)
    assert f"{chat.visitor.display_name} · " in words(view)
    buttons = {one["text"]["text"]: one for one in view["blocks"][1]["elements"]}
    thread = f"/archives/{connection.channel_id}/p{str(link_of(chat).root_ts).replace('.', '')}"
    assert buttons["Go to the chat"]["url"].endswith(thread)
    assert "Settings…" not in words(view)
    assert press(slack, "chat.manage", value=str(chat.pk))["title"]["text"] == "Manage this chat"
    assert "You have this chat now." in words(press(slack, "chat.take"))


def test_without_an_open_chat_it_says_what_will_come(slack: Slack, chat: ChatSession, bob: Member) -> None:
    linked(slack, bob, "bob")
    chats.close_chat(chat.pk)
    assert "No open chats." in words(show(slack))


def test_whoever_is_not_linked_is_told_how_and_where_else(slack: Slack, chat: ChatSession) -> None:
    said = words(show(slack))
    assert "Link your Slack account" in said
    assert "/threadbell list" in said
    assert chat.visitor.display_name not in said


def test_an_owner_finds_the_settings_there(slack: Slack, chat: ChatSession, alice: Member) -> None:
    linked(slack, alice, "alice")
    assert "Settings…" in words(show(slack, "alice"))
    slack.act("modal_action", user="alice", action_id="settings.edit")
    assert form(slack, "alice")["title"]["text"] == "Settings"


def test_chats_of_another_workspace_of_the_same_slack_are_not_shown(
    slack: Slack, chat: ChatSession, bob: Member, mallory: Member, site: Site
) -> None:
    shop = shop_of(mallory, "Globex")
    connected(slack, mallory, shop, "globex-chat")
    say(newcomer(shop), "secret")
    settle(slack)
    linked(slack, bob, "bob")
    linked(slack, mallory, "carol")
    assert "Globex" not in words(show(slack))
    theirs = words(show(slack, "carol"))
    assert "Globex" in theirs
    assert site.name not in theirs
