"""S10, A13: whose line reaches a visitor, under which name, and what happens while Slack does not tell who it was."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent, Member
from livechat.models import ChatSession, Message, Site
from livechat.visitor_reads import faces
from slackapp import actions, people
from slackapp.actions.people import let_answer
from slackapp.models import Connection, InboundEvent, SlackIdentity
from tests.cast import lines_of
from tests.payloads.slack import typed
from tests.slackapp.peer import Slack, later, settle
from tests.slackapp.test_answering_from_slack import answer, hear, last, root_of

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = {"is_restricted": True}


def guest(slack: Slack, **more: Any) -> str:
    return str(slack.act("people", team="Acme", name="gus", real_name="Gus Guest", **(more or GUEST))["user"])


def told(slack: Slack) -> list[str]:
    return [call["args"]["text"] for call in slack.calls("chat.postEphemeral")]


@pytest.mark.parametrize("kind", ["is_restricted", "is_ultra_restricted"])
def test_a_guests_line_is_kept_as_a_note_and_they_are_told(
    slack: Slack, chat: ChatSession, kind: str
) -> None:
    guest(slack, **{kind: True})
    answer(slack, chat, "I can help", "gus")
    assert lines_of(chat) == ["Hello?"]
    assert (last(chat).is_note, last(chat).body) == (True, "I can help")
    assert "Guests cannot" in told(slack)[0]
    assert "console" in told(slack)[0]


def test_a_guest_is_told_once_however_many_lines_they_write(slack: Slack, chat: ChatSession) -> None:
    guest(slack)
    slack.fault("duplicate", method="events", copies=2, fresh_ids=True)
    for text in ("I can help", "really", "believe me"):
        answer(slack, chat, text, "gus")
    assert Message.unscoped.filter(chat=chat, is_note=True).count() == 3
    assert len(told(slack)) == 1


def test_guests_answer_where_the_owner_allows_them(
    slack: Slack, alice: Member, connection: Connection, chat: ChatSession
) -> None:
    guest(slack)
    let_answer(alice, connection, guests=True, partners=False)
    answer(slack, chat, "I can help", "gus")
    assert lines_of(chat) == ["Hello?", "I can help"]
    assert told(slack) == []


def shared_with_globex(slack: Slack, connection: Connection) -> None:
    slack.act("share", channel=connection.channel_id, **{"with": "Globex"})


def test_somebody_of_another_company_writes_notes(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    shared_with_globex(slack, connection)
    answer(slack, chat, "I am Acme", "mallory")
    assert lines_of(chat) == ["Hello?"]
    assert last(chat).is_note
    assert "other companies" in told(slack)[0]


def test_guests_being_allowed_lets_no_other_company_in(
    slack: Slack, alice: Member, connection: Connection, chat: ChatSession
) -> None:
    shared_with_globex(slack, connection)
    let_answer(alice, connection, guests=True, partners=False)
    answer(slack, chat, "I am Acme", "mallory")
    assert lines_of(chat) == ["Hello?"]


def test_partners_answer_where_the_owner_allows_them(
    slack: Slack, alice: Member, connection: Connection, chat: ChatSession
) -> None:
    shared_with_globex(slack, connection)
    let_answer(alice, connection, guests=False, partners=True)
    answer(slack, chat, "I deliver the chairs", "mallory")
    assert lines_of(chat) == ["Hello?", "I deliver the chairs"]
    agent = last(chat).agent
    assert agent is not None
    assert agent.public_name == "Mallory"


def test_somebody_of_another_company_writes_notes_even_if_slack_tells_no_more(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    slack.fault("error", method="users.info", error="user_not_found", count=None)
    theirs = {"user": "U0STRANGER", "user_team": "T0OTHER", "team": "T0OTHER"}
    where = {"channel": connection.channel_id, "thread_ts": root_of(chat)}
    hear(connection.installation, typed("I am Acme", **where, **theirs))
    assert lines_of(chat) == ["Hello?"]
    assert last(chat).is_note


def test_a_guest_is_no_face_of_the_company(slack: Slack, chat: ChatSession, site: Site) -> None:
    guest(slack)
    answer(slack, chat, "I can help", "gus")
    answer(slack, chat, "So can I", "bob")
    shown = [face["name"] for face in faces(site)]
    assert "Gus Guest" not in shown
    assert shown[0] == "Bob"


def test_a_line_about_oneself_arrives_as_a_line(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "looks in the store room", me=True)
    assert lines_of(chat) == ["Hello?", "looks in the store room"]


# --- while Slack does not tell ------------------------------------------------------------------------------------


def test_a_line_waits_until_slack_tells_who_wrote_it(slack: Slack, chat: ChatSession) -> None:
    slack.fault("status", method="users.info", count=2)
    answer(slack, chat, "Somebody")
    assert lines_of(chat) == ["Hello?"]
    assert InboundEvent.objects.filter(state="pending").exists()
    for _ in range(3):
        later()
        settle(slack)
    assert lines_of(chat) == ["Hello?", "Somebody"]
    agent = last(chat).agent
    assert agent is not None
    assert agent.name == "Bob"


def test_lines_after_one_that_waits_keep_their_order(slack: Slack, chat: ChatSession) -> None:
    slack.fault("status", method="users.info", count=1)
    answer(slack, chat, "first")
    answer(slack, chat, "second", "carol")
    for _ in range(3):
        later()
        settle(slack)
    assert lines_of(chat) == ["Hello?", "first", "second"]


def test_a_guest_does_not_slip_through_while_slack_is_away(slack: Slack, chat: ChatSession) -> None:
    guest(slack)
    slack.fault("hang", method="users.info", seconds=1, count=2)
    answer(slack, chat, "I can help", "gus")
    for _ in range(3):
        later()
        settle(slack)
    assert lines_of(chat) == ["Hello?"]
    assert last(chat).is_note


def test_after_two_minutes_the_line_is_a_note_and_its_author_is_told(slack: Slack, chat: ChatSession) -> None:
    slack.fault("status", method="users.info", count=None)
    answer(slack, chat, "Somebody")
    InboundEvent.objects.update(received_at=timezone.now() - timedelta(minutes=3))
    later()
    settle(slack)
    assert lines_of(chat) == ["Hello?"]
    assert (last(chat).is_note, last(chat).body) == (True, "Somebody")
    assert "send it again" in told(slack)[0]
    assert not InboundEvent.objects.exclude(state="done").exists()


def test_somebody_known_answers_while_slack_is_away(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "one")
    SlackIdentity.objects.update(fetched_at=timezone.now() - timedelta(days=2))
    slack.fault("status", method="users.info", count=None)
    answer(slack, chat, "two")
    assert lines_of(chat) == ["Hello?", "one", "two"]


def test_somebody_unknown_appears_under_the_companys_name_until_slack_tells(
    slack: Slack, alice: Member, connection: Connection, chat: ChatSession
) -> None:
    """Everybody may answer here, so the line goes out although Slack knows nobody of this id."""
    let_answer(alice, connection, guests=True, partners=True)
    slack.fault("error", method="users.info", error="user_not_found", count=1)
    answer(slack, chat, "Somebody")
    line = last(chat)
    assert lines_of(chat) == ["Hello?", "Somebody"]
    assert line.agent is not None
    assert line.agent.public_name == ""
    answer(slack, chat, "Again")
    assert {message.agent.name for message in Message.unscoped.filter(agent__isnull=False)} == {"Bob"}  # type: ignore[union-attr]


# --- profiles -----------------------------------------------------------------------------------------------------


def agent_of(slack: Slack, name: str = "bob") -> Agent:
    return Agent.unscoped.get(external_id__contains=slack.person(name))


def rev_of(chat: ChatSession) -> int:
    return ChatSession.unscoped.get(pk=chat.pk).last_rev


def test_a_profile_is_asked_for_once_a_day(slack: Slack, chat: ChatSession) -> None:
    for text in ("one", "two", "three"):
        answer(slack, chat, text)
    assert len(slack.calls("users.info")) == 1


def test_a_new_name_is_shown_after_a_day_even_if_nobody_told(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "one")
    SlackIdentity.objects.update(name="Old", fetched_at=timezone.now() - timedelta(days=2))
    answer(slack, chat, "two")
    assert agent_of(slack).name == "Bob"


def test_a_changed_profile_is_shown_at_once_on_earlier_lines_too(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "one")
    before = last(chat)
    slack.act("people", team="Acme", name="bob", display_name="Robert", title="Head of chairs")
    settle(slack)
    assert (agent_of(slack).name, agent_of(slack).title) == ("Robert", "Head of chairs")
    after = Message.unscoped.get(pk=before.pk)
    assert after.rev > before.rev
    assert rev_of(chat) == after.rev
    assert len(slack.calls("users.info")) == 1


def test_changes_of_people_we_do_not_know_are_not_even_recorded(slack: Slack, chat: ChatSession) -> None:
    slack.act("people", team="Acme", name="carol", title="On holiday")
    settle(slack)
    assert not InboundEvent.objects.filter(kind="user_change").exists()
    assert not SlackIdentity.objects.exists()


def test_a_change_that_no_visitor_sees_changes_nothing(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "one")
    rev = rev_of(chat)
    slack.act("people", team="Acme", name="bob", email="b@acme.example")
    settle(slack)
    assert InboundEvent.objects.filter(kind="user_change", state="done").exists()
    assert rev_of(chat) == rev


def test_somebody_who_left_keeps_their_lines_and_is_no_face_any_more(
    slack: Slack, chat: ChatSession, site: Site
) -> None:
    answer(slack, chat, "one")
    assert "Bob" in [face["name"] for face in faces(site)]
    slack.act("people", team="Acme", name="bob", deleted=True)
    settle(slack)
    agent = last(chat).agent
    assert agent is not None
    assert (agent.name, agent.is_gone) == ("Bob", True)
    assert len([face for face in faces(site) if face["id"] == str(agent.pk)]) == 0


def test_somebody_who_becomes_a_guest_writes_notes_from_then_on(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "one")
    slack.act("people", team="Acme", name="bob", is_restricted=True)
    settle(slack)
    answer(slack, chat, "two")
    assert lines_of(chat) == ["Hello?", "one"]


def test_a_mention_says_the_name_that_the_workspace_chose(
    slack: Slack, alice: Member, chat: ChatSession
) -> None:
    from accounts.actions import disguise_agent

    answer(slack, chat, "one", "carol")
    disguise_agent(agent_of(slack, "carol"), alias="Caro", title="", hide_photo=True, actor=alice.user)
    answer(slack, chat, "ask @carol or @alice")
    assert lines_of(chat)[-1] == "ask @Caro or @colleague"


def test_a_name_plays_no_tricks_where_it_is_mentioned(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """D, names: one line without marks of direction, also of somebody who never answered here."""
    slack.act("people", team="Acme", name="carol", display_name="Ca\u202erol\n\tBoss")
    installation, carol = connection.installation, slack.person("carol")
    assert installation is not None
    people.identity(installation, installation.slack_team_id, carol, may_ask=True)
    answer(slack, chat, "ask @carol")
    assert lines_of(chat)[-1] == "ask @Ca rol Boss"


def test_mallorys_workspace_shows_its_own_face_of_the_same_person(
    slack: Slack, chat: ChatSession, mallory: Member
) -> None:
    answer(slack, chat, "one")
    identity = SlackIdentity.objects.get()
    theirs = actions.agent_for(mallory.workspace, identity)
    slack.act("people", team="Acme", name="bob", display_name="Robert")
    settle(slack)
    assert {agent.name for agent in Agent.unscoped.filter(external_id=theirs.external_id)} == {"Robert"}
    assert theirs.workspace_id != agent_of_acme(chat, identity).workspace_id


def agent_of_acme(chat: ChatSession, identity: SlackIdentity) -> Agent:
    return actions.agent_for(chat.site.workspace, identity)
