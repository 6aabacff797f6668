"""S17: the Home tab shows everybody what they may know: members, colleagues, guests, and other tenants nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member, Role
from livechat.actions.erasure import erase_visitor
from livechat.models import ChatSession
from slackapp import actions, setup
from slackapp.blocks import Block
from slackapp.home import pages
from slackapp.home.facts import Section
from slackapp.models import Connection, HomeTab
from slackapp.presses import chats
from tests.cast import newcomer, say, shop_of
from tests.slackapp.home_tabs import buttons_of, home_of, link_account, open_home, press_at_home
from tests.slackapp.peer import Slack, fresh, install, link_of, settle
from tests.slackapp.rooms import noisy
from tests.slackapp.test_organisations import installed_everywhere

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_channel(slack: Slack, chat: ChatSession, connection: Connection) -> None:
    """Bob is in the channel and has no account here; Carol is not in it."""
    slack.act("join", user="bob", channel=connection.channel_id)


@pytest.fixture
def theirs(slack: Slack, connection: Connection, mallory: Member) -> Connection:
    """Mallory of Globex has a site that is answered from Acme's Slack team as well, as Carol."""
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex Shop"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "carol", "Acme")
    setup.create_channel(mallory, fresh(theirs), "globex-chat")
    link_account(slack, mallory, "carol")
    return fresh(theirs)


def agent_of(chat: ChatSession) -> str | None:
    agent = ChatSession.unscoped.select_related("agent").get(pk=chat.pk).agent
    return agent.name if agent else None


def guest(slack: Slack, connection: Connection) -> None:
    slack.act("people", team="Acme", name="gus", real_name="Gus Guest", is_restricted=True)
    slack.act("join", user="gus", channel=connection.channel_id)


# --- without an account -----------------------------------------------------------------------------------------------


def test_a_colleague_without_an_account_takes_what_their_channel_shows_them(
    slack: Slack, chat: ChatSession, in_channel: None
) -> None:
    shown = open_home(slack, "bob")
    assert pages.WHAT_IT_DOES in shown
    assert pages.LINK_FIRST in shown
    assert "Hello?" in shown
    assert buttons_of(slack, "bob") == ["chat.take", "home.link", "home.help"]
    assert "You have this chat now." in press_at_home(slack, "bob")
    assert agent_of(chat) == "Bob"
    assert "Your chats · 1" in home_of(slack, "bob")


def test_who_is_not_in_the_channel_reads_what_the_app_is_for(
    slack: Slack, chat: ChatSession, in_channel: None
) -> None:
    shown = open_home(slack, "carol")
    assert pages.WHAT_IT_DOES in shown
    assert "Hello?" not in shown
    assert "Acme" not in shown
    assert buttons_of(slack, "carol") == ["home.link", "home.help"]


def test_where_nothing_goes_out_colleagues_are_shown_no_chats(
    slack: Slack, chat: ChatSession, in_channel: None
) -> None:
    Connection.unscoped.update(policy=Connection.Policy.ALERTS)
    assert "Hello?" not in open_home(slack, "bob")


def test_a_lobby_shows_colleagues_that_somebody_waits_and_not_what_they_say(
    slack: Slack, alice: Member
) -> None:
    lobby = noisy(slack, alice, shop_of(alice))
    slack.act("join", user="bob", channel=lobby.channel_id)
    say(newcomer(lobby.site), "My password is red")
    settle(slack)
    shown = open_home(slack, "bob")
    assert "Waiting · 1" in shown
    assert "My password" not in shown
    press_at_home(slack, "bob")
    assert "You have this chat now." in home_of(slack, "bob")


def test_who_left_the_channel_takes_nothing_with_an_old_button(
    slack: Slack, chat: ChatSession, connection: Connection, in_channel: None
) -> None:
    open_home(slack, "bob")
    slack.act("leave", user="bob", channel=connection.channel_id)
    assert chats.UNKNOWN in press_at_home(slack, "bob")
    assert agent_of(chat) is None


def test_guests_read_a_sentence_and_nothing_else_even_where_they_may_answer(
    slack: Slack, chat: ChatSession, connection: Connection
) -> None:
    guest(slack, connection)
    Connection.unscoped.update(allow_guests=True)
    assert open_home(slack, "gus") == pages.OUTSIDE
    assert buttons_of(slack, "gus") == []


def test_who_became_a_guest_takes_nothing_with_an_old_button(
    slack: Slack, chat: ChatSession, connection: Connection, in_channel: None
) -> None:
    open_home(slack, "bob")
    slack.act("people", team="Acme", name="bob", is_restricted=True)
    settle(slack)
    press_at_home(slack, "bob")
    assert agent_of(chat) is None
    assert open_home(slack, "bob") == pages.OUTSIDE


# --- members ----------------------------------------------------------------------------------------------------------


def test_viewers_read_and_take_nothing(slack: Slack, chat: ChatSession, bob: Member) -> None:
    link_account(slack, bob, "bob")
    open_home(slack, "bob")
    Member.unscoped.filter(pk=bob.pk).update(role=Role.VIEWER)
    assert chats.UNKNOWN in press_at_home(slack, "bob")
    assert agent_of(chat) is None
    assert "Hello?" in open_home(slack, "bob")
    assert "chat.take" not in buttons_of(slack, "bob")


def test_linking_and_unlinking_change_the_page(
    slack: Slack, chat: ChatSession, connection: Connection, bob: Member
) -> None:
    assert pages.LINK_FIRST in open_home(slack, "bob")
    link_account(slack, bob, "bob")
    settle(slack)
    assert "Hello?" in home_of(slack, "bob")
    assert "home.link" not in buttons_of(slack, "bob")


def test_who_is_linked_and_no_member_is_told_so(slack: Slack, chat: ChatSession, bob: Member) -> None:
    link_account(slack, bob, "bob")
    bob.delete()
    shown = open_home(slack, "bob")
    assert pages.NO_MEMBER in shown
    assert "Hello?" not in shown


def test_an_erased_visitor_is_gone_from_pages_of_long_ago(
    slack: Slack, chat: ChatSession, alice: Member, bob: Member
) -> None:
    link_account(slack, bob, "bob")
    assert "Hello?" in open_home(slack, "bob")
    HomeTab.objects.update(opened_at=timezone.now() - timedelta(days=9))
    erase_visitor(alice, chat.visitor_id)
    HomeTab.objects.exclude(due_at=None).update(due_at=timezone.now())
    settle(slack)
    assert "Hello?" not in home_of(slack, "bob")


# --- other tenants ----------------------------------------------------------------------------------------------------


def test_of_two_workspaces_in_one_team_each_person_is_shown_their_own(
    slack: Slack, chat: ChatSession, theirs: Connection, alice: Member
) -> None:
    link_account(slack, alice, "alice")
    say(newcomer(theirs.site), "for Globex")
    settle(slack)
    for name, own, other in (("alice", "Hello?", "for Globex"), ("carol", "for Globex", "Hello?")):
        shown = open_home(slack, name)
        assert own in shown
        assert other not in shown


def test_mallory_in_acmes_channel_is_shown_nothing_of_acme(
    slack: Slack, chat: ChatSession, connection: Connection, theirs: Connection
) -> None:
    """A member of one of the workspaces is a stranger to the others, whatever channel they have joined."""
    slack.act("join", user="carol", channel=connection.channel_id)
    shown = open_home(slack, "carol")
    assert "Hello?" not in shown
    assert "Acme Shop" not in shown


def test_a_button_with_anothers_chat_takes_nothing(
    slack: Slack, chat: ChatSession, theirs: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carol, who is Mallory at Globex, presses Take with the id of Acme's chat."""
    say(newcomer(theirs.site), "for Globex")
    settle(slack)
    line = pages._waiting

    def forged(section: Section) -> list[Block]:
        blocks = line(section)
        for block in blocks:
            for element in block["elements"] if block["type"] == "actions" else ():
                element["value"] = str(chat.pk)
        return blocks

    monkeypatch.setattr(pages, "_waiting", forged)
    open_home(slack, "carol")
    assert chats.UNKNOWN in press_at_home(slack, "carol")
    assert agent_of(chat) is None


def test_who_belongs_to_both_has_a_section_for_each(
    slack: Slack, chat: ChatSession, theirs: Connection, mallory: Member
) -> None:
    Member.unscoped.create(workspace_id=chat.site.workspace_id, user=mallory.user, role=Role.AGENT)
    say(newcomer(theirs.site), "for Globex")
    settle(slack)
    shown = open_home(slack, "carol")
    assert "Hello?" in shown
    assert "for Globex" in shown
    assert shown.index("Acme") != shown.index("Globex")


def test_a_site_that_parted_from_slack_shows_its_chats_no_more(
    slack: Slack, chat: ChatSession, connection: Connection, alice: Member, theirs: Connection
) -> None:
    link_account(slack, alice, "alice")
    assert "Hello?" in open_home(slack, "alice")
    actions.disconnect(alice, connection)
    assert "Hello?" not in open_home(slack, "alice")


def test_a_channel_that_the_app_left_is_no_way_to_the_thread(
    slack: Slack, chat: ChatSession, connection: Connection, alice: Member
) -> None:
    link_account(slack, alice, "alice")
    slack.act("archive", channel=connection.channel_id)
    settle(slack)
    shown = open_home(slack, "alice")
    assert "⚠️" in shown
    assert "Open in Slack" not in shown
    assert "Open in console" in shown
    assert link_of(chat).channel_id == connection.channel_id


def test_people_of_an_organisation_see_the_chats_of_their_team(
    slack: Slack, alice: Member, bob: Member
) -> None:
    slack.act("orgs", name="Acme Holding", teams=["Acme", "Globex"])
    connection = installed_everywhere(slack, alice, shop_of(alice))
    setup.create_channel(alice, connection, "website-chat")
    say(newcomer(connection.site), "Hello?")
    settle(slack)
    slack.act("join", user="carol", channel=fresh(connection).channel_id)
    link_account(slack, bob, "bob")
    assert "Hello?" in open_home(slack, "bob")
    assert "Hello?" in open_home(slack, "carol")
    assert "Hello?" not in open_home(slack, "alice")
