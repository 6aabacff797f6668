"""S14: what of a thread goes to the visitor under each policy, and how an answer is taken back."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from livechat.models import ChatSession, Message, MessageVersion
from livechat.segments import from_text
from slackapp import policies
from slackapp.actions import changes
from slackapp.handlers import reactions
from slackapp.models import Connection, MessageLink, SlackIdentity
from tests.cast import lines_of, say
from tests.payloads.slack import next_ts, typed
from tests.slackapp.peer import Slack, link_of, settle
from tests.slackapp.threads import answer, does, edited, hear, shown

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]


@pytest.fixture
def silent(connection: Connection) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(policy="silent")


def notes(chat: ChatSession) -> list[str]:
    found = Message.unscoped.filter(chat=chat, is_note=True).order_by("created_at")
    return list(found.values_list("body", flat=True))


def told(slack: Slack) -> list[str]:
    return [row["args"]["text"] for row in slack.calls("chat.postEphemeral")]


# --- replies go out -----------------------------------------------------------------------------------------------


def test_a_lock_takes_an_answer_back_and_keeps_it_as_a_note(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "He asks that every week")
    does(slack, "react", {**line, "user": "carol"}, name="lock")
    assert shown(chat)[1:] == [(2, "", False, True)]
    assert notes(chat) == ["He asks that every week"]
    assert MessageVersion.unscoped.get().change == "kept"


def test_other_reactions_and_locks_on_visitors_lines_do_nothing(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    line = answer(slack, chat, "Yes")
    does(slack, "react", line, name="eyes")
    does(slack, "react", line, name="unlock")
    visitors = next(m["ts"] for m in slack.channel(connection) if m["text"] == "Hello?")
    does(slack, "react", {**line, "ts": visitors}, name="lock")
    assert lines_of(chat) == ["Hello?", "Yes"]
    assert notes(chat) == []


def test_taking_the_lock_away_sends_nothing(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "He asks that every week")
    does(slack, "react", line, name="lock")
    does(slack, "react", line, name="lock")
    assert lines_of(chat) == ["Hello?", ""]
    assert notes(chat) == ["He asks that every week"]
    assert told(slack) == [
        "This line stays a note: taking the lock away does not send it. Write it anew to send it."
    ]


def test_a_lock_that_is_heard_before_its_line_keeps_it_inside(
    connection: Connection, chat: ChatSession, slack: Slack
) -> None:
    said = typed(
        "He asks that every week", user=slack.person("bob"), channel=connection.channel_id,
        thread_ts=str(link_of(chat).root_ts),
    )  # fmt: skip
    item = {"type": "message", "channel": connection.channel_id, "ts": said["ts"]}
    lock = {"type": "reaction_added", "user": said["user"], "reaction": "lock", "item": item}
    hear(connection.installation, {**lock, "event_ts": next_ts()}, said, edited(said, "Every day"))
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == ["Every day"]


@pytest.mark.parametrize("prefix", [";; ", "note: "])
def test_the_prefix_added_by_an_edit_takes_the_answer_back(
    slack: Slack, chat: ChatSession, prefix: str
) -> None:
    line = answer(slack, chat, "Rude customer")
    does(slack, "edit", line, text=f"{prefix}Rude customer")
    assert shown(chat)[1:] == [(2, "", False, True)]
    assert notes(chat) == [f"{prefix}Rude customer"]
    assert told(slack) == ["The visitor no longer sees this line. It is kept as a note for your team."]


def test_an_edit_never_sends_a_note(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, ";;Rude customer")
    does(slack, "edit", line, text="Rude customer")
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == ["Rude customer"]
    assert told(slack) == ["This line stays a note: an edit never sends. Write it anew to send it."]


def test_a_prefix_taken_away_sends_nothing_even_if_the_edit_is_heard_of_first(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    link, bob = link_of(chat), slack.person("bob")
    line = typed(";; rude customer", user=bob, channel=link.channel_id, thread_ts=link.root_ts)
    hear(connection.installation, edited(line, "rude customer"), line)
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == ["rude customer"]


def test_what_was_taken_back_stays_inside_through_later_edits(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "Rude customer")
    does(slack, "react", line, name="lock")
    does(slack, "edit", line, text="Nice customer")
    assert lines_of(chat) == ["Hello?", ""]
    assert notes(chat) == ["Nice customer"]


def test_a_note_that_is_deleted_is_deleted_in_the_console_alone(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, ";;Rude customer")
    before = shown(chat)
    does(slack, "delete", line)
    assert shown(chat) == before
    assert notes(chat) == [""]
    assert MessageVersion.unscoped.get().body == ";;Rude customer"


@pytest.mark.parametrize("who", ["guest", "partner"])
def test_a_lock_of_somebody_who_may_not_answer_changes_nothing_and_says_so(
    slack: Slack, connection: Connection, chat: ChatSession, who: str
) -> None:
    """Slack does not tell whose people they are: it is asked."""
    if who == "guest":
        slack.act("people", team="Acme", name="gus", real_name="Gus Guest", is_restricted=True)
    else:
        slack.act("share", channel=connection.channel_id, **{"with": "Globex"})
    user = "gus" if who == "guest" else "mallory"
    line = answer(slack, chat, "We do ship")
    slack.act("join", user=user, channel=connection.channel_id, team="Acme")
    does(slack, "react", {**line, "user": user}, name="lock")
    assert lines_of(chat) == ["Hello?", "We do ship"]
    assert told(slack) == [reactions.MAY_NOT_LOCK]
    Connection.unscoped.update(allow_guests=True, allow_partners=True)
    does(slack, "react", {**line, "user": user}, name="lock")
    does(slack, "react", {**line, "user": user}, name="lock")
    assert notes(chat) == ["We do ship"]


@pytest.mark.parametrize("kind", ["drop_before_commit", "error"])
def test_a_lock_of_somebody_whom_slack_does_not_name_yet_holds_at_once(
    slack: Slack, chat: ChatSession, kind: str
) -> None:
    line = answer(slack, chat, "He asks that every week")
    error = {"error": "ratelimited"} if kind == "error" else {}
    slack.fault(kind, method="users.info", count=None, **error)
    does(slack, "react", {**line, "user": "carol"}, name="lock")
    assert shown(chat)[1:] == [(2, "", False, True)]
    assert notes(chat) == ["He asks that every week"]
    assert told(slack) == []


def test_a_lock_of_a_partner_changes_nothing_while_slack_is_silent_too(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """Their team alone says that they may not, and it is known from before."""
    line = answer(slack, chat, "We do ship")
    globex = {"slack_team_id": slack.team("Globex")["id"], "slack_user_id": slack.person("mallory", "Globex")}
    SlackIdentity.objects.create(**globex, name="Mallory", seen_from="TOTHER", fetched_at=timezone.now())
    slack.act("share", channel=connection.channel_id, **{"with": "Globex"})
    slack.act("join", user="mallory", channel=connection.channel_id, team="Acme")
    slack.fault("drop_before_commit", method="users.info", count=None)
    does(slack, "react", {**line, "user": "mallory"}, name="lock")
    assert lines_of(chat) == ["Hello?", "We do ship"]


# --- silent thread ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("text", [">>We do ship", ">> We do ship", ">>  We do *ship*", "> > We do ship"])
def test_in_a_silent_thread_the_arrows_send(slack: Slack, chat: ChatSession, text: str) -> None:
    answer(slack, chat, text)
    assert lines_of(chat) == ["Hello?", "We do ship"]


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("text", ["We do ship", "> he said", "a >> b", ">> note: rude", ">>;; rude"])
def test_in_a_silent_thread_all_else_stays_inside(slack: Slack, chat: ChatSession, text: str) -> None:
    answer(slack, chat, text)
    assert lines_of(chat) == ["Hello?"]
    assert len(notes(chat)) == 1


@pytest.mark.usefixtures("silent")
def test_in_a_silent_thread_an_edit_that_keeps_the_arrows_travels(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, ">> Two are lfet")
    does(slack, "edit", line, text=">> Two are left")
    assert shown(chat)[1:] == [(2, "Two are left", True, False)]


@pytest.mark.usefixtures("silent")
def test_in_a_silent_thread_an_edit_without_the_arrows_takes_the_answer_back(
    slack: Slack, chat: ChatSession
) -> None:
    line = answer(slack, chat, ">> Two are left")
    does(slack, "edit", line, text="Two are left, but not for him")
    assert shown(chat)[1:] == [(2, "", False, True)]
    assert notes(chat) == ["Two are left, but not for him"]


@pytest.mark.usefixtures("silent")
def test_in_a_silent_thread_adding_the_arrows_sends_nothing(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "Two are left")
    does(slack, "edit", line, text=">> Two are left")
    assert lines_of(chat) == ["Hello?"]
    assert told(slack) == ["This line stays a note: an edit never sends. Write it anew to send it."]


def test_lines_of_several_paragraphs_keep_them_without_the_arrows() -> None:
    found = policies.line(
        "silent", [{"type": "quote", "text": "", "items": from_text("> one\ntwo")}, *from_text("three")]
    )
    assert (found.body, found.goes_out) == ("one\ntwo\nthree", True)


@pytest.mark.usefixtures("silent")
def test_in_a_silent_thread_an_edit_to_bare_arrows_takes_the_answer_back(
    slack: Slack, chat: ChatSession
) -> None:
    line = answer(slack, chat, ">> Two are left")
    does(slack, "edit", line, text=">>")
    assert shown(chat)[1:] == [(2, "", False, True)]
    assert len(notes(chat)) == 1
    assert told(slack) == ["The visitor no longer sees this line. It is kept as a note for your team."]


@pytest.mark.usefixtures("silent")
def test_in_a_silent_thread_bare_arrows_send_a_file_and_nothing_else(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, ">>")
    assert len(lines_of(chat)) == 1
    answer(slack, chat, ">>", files=[{"name": "price.txt", "content": "9"}])
    assert len(lines_of(chat)) == 2


# --- alerts only --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["We do ship", ">> We do ship"])
def test_with_alerts_only_nothing_goes_out(
    slack: Slack, connection: Connection, chat: ChatSession, text: str
) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(policy="alerts")
    line = answer(slack, chat, text)
    does(slack, "edit", line, text=f"{text} today")
    assert lines_of(chat) == ["Hello?"]
    assert len(notes(chat)) == 1


# --- choosing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", policies.Policy.values)
def test_the_card_says_how_to_answer(slack: Slack, connection: Connection, claim: Any, policy: str) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(policy=policy)
    say(claim)
    settle(slack)
    assert policies.HINTS[policy] in str(slack.cards(connection)[0]["blocks"])


def test_every_policy_has_its_sentences() -> None:
    assert policies.SENTENCES.keys() == policies.HINTS.keys() == set(policies.Policy.values)


def test_a_line_links_to_what_it_is_now(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "Rude customer")
    does(slack, "react", line, name="lock")
    link = MessageLink.objects.select_related("message").get(ts=line["ts"])
    assert link.message is not None
    assert link.message.is_note


def test_only_a_policy_can_be_chosen(connection: Connection, alice: Any) -> None:
    with pytest.raises(Refused):
        changes.choose_policy(alice, connection, "everything")
    changes.choose_policy(alice, connection, "silent")
    assert Connection.unscoped.get(pk=connection.pk).policy == "silent"
