"""S14: a line is judged by all that it ever said, and by what follows a quote."""

import itertools
from typing import Any

import pytest

from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp.actions import changes
from slackapp.models import ChatLink, Connection
from tests.cast import lines_of, say
from tests.payloads.slack import typed
from tests.slackapp.peer import Slack, link_of, settle
from tests.slackapp.test_keeping_a_line_inside import notes, told
from tests.slackapp.threads import answer, edited, hear

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]


# --- versions heard in another order -----------------------------------------------------------------------------


@pytest.fixture
def link(chat: ChatSession) -> ChatLink:
    return link_of(chat)


def versions(slack: Slack, link: ChatLink, *texts: str) -> list[Json]:
    """A line and its edits, each of which tells the version before it."""
    line = typed(texts[0], user=slack.person("bob"), channel=link.channel_id, thread_ts=link.root_ts)
    told, before = [line], line
    for second, text in enumerate(texts[1:], 1):
        event = edited(before, text, second)
        told.append(event)
        before = {**event["message"], "channel": link.channel_id}
    return told


ORDERS = list(itertools.permutations(range(3)))


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize(
    "texts", [(";; rude", "rude", "nice"), ("fine", ";; rude", "nice"), ("a", "b", ";; c")]
)
def test_a_line_of_which_any_version_was_private_is_a_note_in_the_end(
    slack: Slack, link: ChatLink, chat: ChatSession, texts: tuple[str, ...], order: tuple[int, ...]
) -> None:
    events = versions(slack, link, *texts)
    hear(link.installation, *(events[number] for number in order))
    assert "".join(lines_of(chat)[1:]) == ""
    assert notes(chat) == [texts[-1]]


def test_of_what_began_as_a_note_nothing_ever_goes_out_however_it_is_heard_of(
    slack: Slack, link: ChatLink, chat: ChatSession
) -> None:
    events = versions(slack, link, ";; rude", "rude", "nice")
    for number in (2, 0, 1):
        hear(link.installation, events[number])
        assert lines_of(chat) == ["Hello?"]


@pytest.mark.parametrize("without", ["previous_message", ""])
def test_an_edit_that_does_not_tell_how_its_line_began_sends_nothing_and_says_so(
    slack: Slack, link: ChatLink, chat: ChatSession, without: str
) -> None:
    last = versions(slack, link, "We do", "We do ship", "We do ship today")[2]
    last = {name: value for name, value in last.items() if name != without}
    hear(link.installation, last)
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == ["We do ship today"]
    assert told(slack) == [changes.NEVER_BY_EDIT]


def test_a_first_edit_tells_how_its_line_began(slack: Slack, link: ChatLink, chat: ChatSession) -> None:
    line, first, _ = versions(slack, link, "We do", "We do ship", "We do ship today")
    hear(link.installation, first, line)
    assert lines_of(chat) == ["Hello?", "We do ship"]


def test_an_answer_of_an_earlier_policy_stays_out_when_it_is_edited_by_the_new_one(
    slack: Slack, link: ChatLink, chat: ChatSession
) -> None:
    line, first, _ = versions(slack, link, "Two are lfet", ">> Two are left", "")
    hear(link.installation, line)
    Connection.unscoped.update(policy="silent")
    hear(link.installation, first, line)
    assert lines_of(chat) == ["Hello?", "Two are left"]


# --- quotes ------------------------------------------------------------------------------------------------------


def test_a_quote_of_the_visitors_note_keeps_no_answer_inside(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    say(claim, "Hi, again.\nNote:  my parcel is  late")
    settle(slack)
    answer(slack, chat, "> Note: my parcel is late\nIt arrives today")
    assert lines_of(chat)[2:] == ["> Note: my parcel is late\nIt arrives today"]


def test_it_stays_out_when_slack_tells_of_it_again(
    slack: Slack, link: ChatLink, chat: ChatSession, claim: VisitorClaim
) -> None:
    say(claim, "Note: my parcel is late")
    line, first, _ = versions(
        slack, link, "&gt; Note: my parcel is late\nToday", "&gt; Note: my parcel is late\nNow", ""
    )
    hear(link.installation, line, first, line)
    assert lines_of(chat)[2:] == ["> Note: my parcel is late\nNow"]


@pytest.mark.parametrize(
    "text",
    [
        "> Note: he is rude\nI agree",
        "> Note: my parcel is late",
        "> Note: my parcel is late\n;; he asks that every week",
        "> Hello?\nnote: he asks that every week",
    ],
)
def test_other_quotes_and_private_words_after_a_quote_stay_inside(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, text: str
) -> None:
    say(claim, "Note: my parcel is late")
    settle(slack)
    answer(slack, chat, text)
    assert len(lines_of(chat)) == 2
    assert notes(chat) == [text]
