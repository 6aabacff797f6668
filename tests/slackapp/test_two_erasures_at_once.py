"""S28: two visitors whose chats stand in the same two Slack teams are erased at once; neither waits for ever."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from livechat.actions.chats import close_chat
from livechat.actions.erasure import erase_visitor
from livechat.models import ChatSession, Erasure, Site, Visitor
from livechat.tokens import VisitorClaim
from slackapp import lanes
from slackapp.actions.waking import CHORES
from slackapp.models import ChatLink, Connection, Installation, Lane
from tests.at_once import at_once
from tests.cast import chat_of, newcomer, say

pytestmark = pytest.mark.django_db(transaction=True)
Teams = list[Connection]


@pytest.fixture
def teams(site: Site) -> Teams:
    """Two routes of one site, into two Slack teams whose chores have their lanes."""
    found = []
    for number in (1, 2):
        installation = Installation.objects.create(
            slack_team_id=f"T{number}", app_id="A1", bot_token="xoxb-1", installed_at=timezone.now()
        )
        lanes.make_due(f"{CHORES}{installation.pk}")
        where = {"workspace": site.workspace, "site": site, "installation": installation}
        found.append(
            Connection.unscoped.create(
                **where, state=Connection.State.READY, channel_id="C1", is_default=number == 1
            )
        )
    return found


def two_chats(site: Site, first: Connection, second: Connection) -> VisitorClaim:
    """By the order of their keys, in which they are locked."""
    claim = newcomer(site)
    for _ in range(2):
        say(claim)
        close_chat(chat_of(claim).pk)
    ChatLink.objects.all().filter(chat__visitor=claim.visitor_id).delete()
    chats = ChatSession.unscoped.filter(visitor=claim.visitor_id).order_by("pk")
    for chat, connection in zip(chats, (first, second), strict=True):
        lane = Lane.objects.get(pk=lanes.make_due(f"out:{chat.pk}"))
        where = {"connection": connection, "installation": connection.installation, "lane": lane}
        ChatLink.objects.create(chat=chat, channel_id="C1", root_ts=f"{chat.pk.int % 10**9}.1", **where)
    return claim


def holding_the_chores() -> Callable[[], list[Lane]]:
    return lambda: list(Lane.objects.select_for_update().filter(key__startswith=CHORES))


def test_each_is_erased(alice: Member, site: Site, teams: Teams) -> None:
    one, other = teams
    visitors = [two_chats(site, one, other).visitor_id, two_chats(site, other, one).visitor_id]
    deeds = [lambda pk=pk: erase_visitor(alice, pk) for pk in visitors]
    assert at_once(holding_the_chores(), *deeds) == ["done", "done"]
    assert not Visitor.unscoped.exists()
    assert Erasure.unscoped.count() == 2


def test_mallory_erases_neither(mallory: Member, site: Site, teams: Teams) -> None:
    claim = two_chats(site, *teams)
    with pytest.raises(NotFound):
        erase_visitor(mallory, claim.visitor_id)
    assert ChatLink.objects.count() == 2
