"""S15, S14, M7: the card's buttons and its menu. Whoever may not is told why."""

import pytest
from django.core import mail

from accounts.access import agent_of
from accounts.actions import know_agent_as
from accounts.models import AuditEntry, Member
from livechat import transcript_mails
from livechat.actions import assigning, chats, mailing, messages, visitor_mails
from livechat.models import ChatSession, Message, Site, TranscriptMail, Visitor
from livechat.tokens import VisitorClaim
from slackapp.modals import assign, reply
from slackapp.models import Connection, SlackIdentity
from slackapp.presses.chats import CLOSED, NOT_ALLOWED, OVER
from tests.cast import chat_of, say
from tests.conftest import ClientOf
from tests.slackapp.forms import form, submit, words
from tests.slackapp.peer import Json, Slack, link_of, settle
from tests.slackapp.rooms import noisy, of_kind, room_of

pytestmark = pytest.mark.django_db(transaction=True)


def click(slack: Slack, chat: ChatSession, action_id: str, user: str = "bob", **more: str) -> None:
    link = link_of(chat)
    where = {"channel": link.channel_id, "ts": link.root_ts, "team": "Acme"}
    pressed = slack.act("click", user=user, action_id=action_id, **where, **more)
    assert pressed["status"] == 200, pressed
    settle(slack)


def choose(slack: Slack, chat: ChatSession, row: str, user: str = "bob") -> Json:
    """A row of the card's menu; the form that it opens."""
    click(slack, chat, "chat.more", user, value=f"{row}:{chat.pk}")
    return form(slack, user)


def whispers(slack: Slack, connection: Connection) -> list[str]:
    return [m["text"] for m in slack.channel(connection) if m["seen_only_by"]]


def owner(chat: ChatSession) -> str | None:
    agent = ChatSession.unscoped.select_related("agent").get(pk=chat.pk).agent
    return agent.name if agent else None


def calls(slack: Slack, channel_id: str) -> list[Json]:
    return of_kind(slack, channel_id, "chat_assigned")


# --- buttons --------------------------------------------------------------------------------------------------------


def test_take_and_close_on_the_card(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    click(slack, chat, "chat.take")
    assert owner(chat) == "Bob"
    click(slack, chat, "chat.close")
    chat.refresh_from_db()
    assert chat.is_open is False
    assert whispers(slack, connection)[-1] == OVER
    actions = slack.cards(connection)[0]["blocks"][-1]["elements"]
    assert [one["action_id"] for one in actions] == ["chat.open", "chat.more"]


def test_a_press_on_a_card_that_is_behind_says_how_it_stands(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    slack.fault("error", "chat.update", count=None, error="edit_window_closed")
    chats.close_chat(chat.pk)
    click(slack, chat, "chat.close")
    assert whispers(slack, connection) == [CLOSED]


# --- giving a chat away ---------------------------------------------------------------------------------------------


def test_a_colleague_is_given_the_chat_and_called_to_it(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    assert "Nobody has it yet." in words(choose(slack, chat, "chat.assign"))
    assert submit(slack, person=slack.person("carol"))["errors"] == {}
    assert owner(chat) == "Carol"
    called = calls(slack, connection.channel_id)
    assert [ping["value"] for one in called for ping in one["pings"]] == [slack.person("carol")]
    assert called[0]["thread_ts"] == link_of(chat).root_ts
    assert "Bob gave it to you." in str(called[0]["blocks"])
    assert "Carol has it" in str(slack.cards(connection)[0]["blocks"])
    assert AuditEntry.unscoped.filter(verb="chat.assigned").count() == 1


def test_whoever_gives_it_to_themselves_is_called_by_nobody(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    choose(slack, chat, "chat.assign")
    submit(slack, person=slack.person("bob"))
    assert (owner(chat), calls(slack, connection.channel_id)) == ("Bob", [])


def test_of_two_who_give_it_away_the_second_learns_who_has_it(slack: Slack, chat: ChatSession) -> None:
    choose(slack, chat, "chat.assign")
    click(slack, chat, "chat.take", "alice")
    told = submit(slack, person=slack.person("carol"))["errors"]
    assert told == {"person": f"Alice has this chat meanwhile. Nothing was changed. {assign.AGAIN}"}
    assert owner(chat) == "Alice"
    slack.act("close_modal", user="bob")
    choose(slack, chat, "chat.assign")
    submit(slack, person=slack.person("carol"))
    assert owner(chat) == "Carol"


def test_nobody_is_given_a_chat_who_may_not_answer(slack: Slack, chat: ChatSession) -> None:
    gus = slack.act("people", team="Acme", name="gus", real_name="Gus Guest", is_restricted=True)["user"]
    choose(slack, chat, "chat.assign")
    assert submit(slack, person=gus)["errors"] == {"person": assign.CANNOT}
    assert owner(chat) is None


def test_guests_and_closed_chats(slack: Slack, chat: ChatSession) -> None:
    slack.act("people", team="Acme", name="gus", real_name="Gus Guest", is_restricted=True)
    slack.act("join", user="gus", channel=link_of(chat).channel_id)
    for row in ("chat.assign", "chat.mail"):
        assert words(choose(slack, chat, row, "gus")) == NOT_ALLOWED
        slack.act("close_modal", user="gus")
    choose(slack, chat, "chat.assign")
    chats.close_chat(chat.pk)
    assert submit(slack, person=slack.person("carol"))["errors"] == {"person": assigning.CLOSED}


def test_in_a_channel_of_its_own_they_are_let_in(
    slack: Slack, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    lobby = noisy(slack, alice, site)
    slack.act("join", user="bob", channel=lobby.channel_id)
    say(claim, "Hello?")
    settle(slack)
    chat = chat_of(claim)
    slack.act("invite", user="bob", channel=link_of(chat).channel_id, team="Acme")
    choose(slack, chat, "chat.assign")
    submit(slack, person=slack.person("carol"))
    assert slack.person("carol") in room_of(slack, chat)["members"]
    assert len(calls(slack, link_of(chat).channel_id)) == 1


def test_an_owner_gives_a_chat_away_in_the_console(
    slack: Slack, connection: Connection, chat: ChatSession, alice: Member, bob: Member
) -> None:
    """Bob is known in Slack, so he is called there."""
    know_agent_as(bob, f"slack:{slack.team()['id']}:{slack.person('bob')}")
    assigning.assign(chat.pk, agent_of(bob), agent_of(alice), alice.user, None)
    settle(slack)
    assert [p["value"] for one in calls(slack, connection.channel_id) for p in one["pings"]] == [
        slack.person("bob")
    ]


# --- replying where the thread is silent ----------------------------------------------------------------------------


@pytest.fixture
def silent(slack: Slack, connection: Connection) -> None:
    Connection.unscoped.update(policy="silent")


def test_a_reply_goes_out_where_the_thread_stays_inside(
    slack: Slack, connection: Connection, silent: None, chat: ChatSession
) -> None:
    click(slack, chat, "chat.reply")
    assert submit(slack, body="")["errors"]
    assert submit(slack, body=";; not this")["errors"] == {"body": reply.INSIDE}
    assert submit(slack, body="We are open until six.")["errors"] == {}
    answer = Message.unscoped.get(chat=chat, author_kind="agent")
    assert (answer.body, answer.is_note, owner(chat)) == ("We are open until six.", False, "Bob")
    assert "We are open until six." in slack.lines(connection)


def test_only_silent_threads_have_the_button(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    assert "chat.reply" not in str(slack.cards(connection)[0]["blocks"])


# --- a transcript by mail -------------------------------------------------------------------------------------------


def linked(slack: Slack, member: Member) -> None:
    SlackIdentity.objects.update_or_create(
        slack_team_id=slack.team()["id"], slack_user_id=slack.person("bob"), defaults={"user": member.user}
    )


def known_as(chat: ChatSession, email: str) -> None:
    Visitor.unscoped.filter(pk=chat.visitor_id).update(email=email)


def test_a_transcript_is_mailed_to_the_visitor(slack: Slack, chat: ChatSession, bob: Member) -> None:
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello Ana")
    messages.post_note(chat.pk, agent_of(bob), "she asks every week")
    known_as(chat, "ana@example.com")
    view = choose(slack, chat, "chat.mail")
    assert view["blocks"][0]["element"]["initial_value"] == "ana@example.com"
    told = submit(slack, address="ana@example.com")
    assert "on its way to ana@example.com" in words(told["view"])
    assert transcript_mails.send_due() == 1
    sent = mail.outbox[-1]
    assert sent.to == ["ana@example.com"]
    assert "Hello?" in sent.body
    assert "Hello Ana" in sent.body
    assert "every week" not in sent.body
    assert "/console/" not in sent.body
    assert not TranscriptMail.objects.exists()
    assert AuditEntry.unscoped.filter(verb="chat.transcript_mailed").count() == 1


def test_who_has_no_account_or_may_not_take_chats_along_sends_them_to_nobody_else(
    slack: Slack, chat: ChatSession, bob: Member
) -> None:
    view = choose(slack, chat, "chat.mail")
    assert "initial_value" not in str(view["blocks"][0])
    elsewhere = mailing.ELSEWHERE.format(known=mailing.UNKNOWN)
    assert elsewhere in words(view)
    assert submit(slack, address="carol@acme.example")["errors"] == {"address": elsewhere}
    linked(slack, bob)
    assert submit(slack, address=str(bob.user.email))["errors"] == {"address": elsewhere}
    assert not TranscriptMail.objects.exists()


def test_an_owner_finds_their_own_address_there_and_sends_it_anywhere(
    slack: Slack, chat: ChatSession, alice: Member
) -> None:
    linked(slack, alice)
    view = choose(slack, chat, "chat.mail")
    assert view["blocks"][0]["element"]["initial_value"] == alice.user.email
    submit(slack, address="carol@acme.example")
    assert transcript_mails.send_due() == 1
    assert mail.outbox[-1].to == ["carol@acme.example"]
    assert f"/console/chats/{chat.pk}" in mail.outbox[-1].body


def test_who_wants_no_mails_gets_none_from_either_door(
    slack: Slack, chat: ChatSession, bob: Member, client_of: ClientOf
) -> None:
    known_as(chat, "ana@example.com")
    visitor_mails.end_mails(
        visitor_mails.stop_of(Visitor.unscoped.select_related("site").get(pk=chat.visitor_id))
    )
    choose(slack, chat, "chat.mail")
    assert submit(slack, address="Ana@example.com")["errors"] == {"address": mailing.UNWANTED}
    answer = client_of(bob).post(f"/console/chats/{chat.pk}/transcript/mail", follow=True)
    assert mailing.UNWANTED in answer.content.decode()
    assert not TranscriptMail.objects.exists()


def test_an_address_that_is_none_and_too_many_mails_are_refused(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_as(chat, "ana@example.com")
    choose(slack, chat, "chat.mail")
    assert submit(slack, address="ana@exa mple.com")["errors"]
    assert submit(slack, address="ana@-example.c")["errors"] == {"address": mailing.NO_ADDRESS}
    monkeypatch.setattr(mailing, "hit", lambda *_: 1)
    assert submit(slack, address="ana@example.com")["errors"] == {"address": mailing.TOO_MANY}
    assert not TranscriptMail.objects.exists()


def test_a_mail_server_that_is_away_is_tried_again_and_not_for_ever(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> int:
        raise OSError("away")

    known_as(chat, "ana@example.com")
    choose(slack, chat, "chat.mail")
    submit(slack, address="ana@example.com")
    monkeypatch.setattr(mail.EmailMessage, "send", away)
    for _ in range(mailing.MOST_TRIES):
        assert TranscriptMail.objects.exists()
        TranscriptMail.objects.update(try_at="2020-01-01T00:00Z")
        assert transcript_mails.send_due() == 0
    assert not TranscriptMail.objects.exists()
