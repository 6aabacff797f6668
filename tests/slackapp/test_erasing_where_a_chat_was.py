"""S28: a chat has been in other places in Slack before: nothing of the erased visitor stays in any of them unsaid."""

import uuid

import pytest

from accounts.models import Member
from livechat.actions import chats, messages
from livechat.actions.erasure import erase_visitor
from livechat.models import Erasure, Site, Visitor
from livechat.protocol import Page
from livechat.tokens import VisitorClaim
from slackapp import actions, setup
from slackapp.actions import erasure
from slackapp.mirror import deliver
from slackapp.models import Connection, ErasedCopy, Installation
from tests.cast import chat_of, say, shop_of
from tests.conftest import ClientOf
from tests.slackapp.gone import WORDS, everything_is_done, left_by_the_app, rows_with
from tests.slackapp.peer import Slack, at_rest, connected, fresh, install, link_of, settle
from tests.slackapp.rooms import noisy

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = Page("https://acme.example/zebrafish", "A zebrafish", "")


def first_line(slack: Slack, claim: VisitorClaim) -> None:
    """A chat whose card and channel carry the visitor's page, words and name."""
    messages.post_visitor_message(claim, messages.VisitorDraft(uuid.uuid4(), "quokkaway", PAGE))
    Visitor.unscoped.filter(pk=claim.visitor_id).update(name="Zebrafish")
    at_rest(slack)


@pytest.fixture
def neighbour(slack: Slack, alice: Member) -> Connection:
    """Another site keeps the key alive."""
    return connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")


def elsewhere(slack: Slack, alice: Member, site: Site, connection: Connection) -> Connection:
    actions.disconnect(alice, connection)
    settle(slack)
    return connected(slack, alice, site, "website-chat-2")


def erased(slack: Slack, alice: Member, claim: VisitorClaim) -> Erasure:
    found = erase_visitor(alice, claim.visitor_id)
    assert rows_with(WORDS) == []
    everything_is_done(slack)
    assert rows_with(WORDS) == []
    return found


def rooms_left(found: Erasure) -> set[str]:
    left = ErasedCopy.objects.filter(erasure=found, kind="channel", state="left")
    return set(left.values_list("channel_id", flat=True))


def test_the_card_in_the_channel_of_before_goes_too(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    site: Site,
    claim: VisitorClaim,
    alice: Member,
) -> None:
    first_line(slack, claim)
    elsewhere(slack, alice, site, connection)
    say(claim, "narwhalst")
    settle(slack)
    assert len({post[:40] for post in left_by_the_app(slack)}) > 1
    found = erased(slack, alice, claim)
    assert left_by_the_app(slack) == []
    assert not ErasedCopy.objects.filter(erasure=found).exclude(state="done").exists()


def test_a_card_that_was_in_doubt_when_the_site_parted(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    claim: VisitorClaim,
    alice: Member,
) -> None:
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    messages.post_visitor_message(claim, messages.VisitorDraft(uuid.uuid4(), "quokkaway", PAGE))
    deliver(link_of(chat_of(claim)).lane_id)
    actions.disconnect(alice, connection)
    settle(slack)
    assert left_by_the_app(slack)
    erased(slack, alice, claim)
    assert left_by_the_app(slack) == []


def test_the_card_in_another_slack_team_goes_too(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    site: Site,
    claim: VisitorClaim,
    alice: Member,
) -> None:
    first_line(slack, claim)
    actions.disconnect(alice, connection)
    settle(slack)
    new = actions.start_connection(alice, site, Connection.Mode.STILL)
    install(slack, alice, new, "mallory", "Globex")
    setup.create_channel(alice, fresh(new), "globex-chat")
    say(claim, "narwhalst")
    settle(slack)
    assert left_by_the_app(slack, "Acme")
    assert left_by_the_app(slack, "Globex")
    erased(slack, alice, claim)
    assert left_by_the_app(slack, "Acme", "Globex") == []


def test_a_team_that_the_app_has_left_is_listed_for_people(
    slack: Slack,
    connection: Connection,
    site: Site,
    claim: VisitorClaim,
    alice: Member,
    client_of: ClientOf,
) -> None:
    """Without a key nothing can be removed: each post is named with its link, and nothing waits for ever."""
    first_line(slack, claim)
    link = link_of(chat_of(claim))
    actions.disconnect(alice, connection)
    settle(slack)
    assert Installation.objects.get().state == "revoked"
    found = erased(slack, alice, claim)
    page = client_of(alice)
    shown = page.get(f"/console/settings/data/erasures/{found.pk}").content.decode()
    assert f"/archives/{link.channel_id}/p{str(link.root_ts).replace('.', '')}" in shown
    assert "no longer in this Slack team" in shown
    assert "Left to people" in shown
    assert "Under way" not in shown
    # the page has come to rest: nothing of it asks again
    assert "hx-get" not in shown.partition("<main")[2]
    assert "left to people" in page.get("/console/settings/data/erasures").content.decode()
    for copy in ErasedCopy.objects.filter(erasure=found):
        page.post(f"/console/settings/data/erasures/copies/{copy.pk}/done")
    assert "Nothing is left to do" in page.get(f"/console/settings/data/erasures/{found.pk}").content.decode()


def test_what_waited_for_a_key_is_done_once_the_app_is_back(
    slack: Slack, connection: Connection, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    first_line(slack, claim)
    actions.disconnect(alice, connection)
    settle(slack)
    erased(slack, alice, claim)
    assert left_by_the_app(slack)
    connected(slack, alice, site, "website-chat-2")
    everything_is_done(slack)
    assert left_by_the_app(slack) == []


def test_a_channel_of_its_own_that_the_site_has_left(
    slack: Slack, neighbour: Connection, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    lobby = noisy(slack, alice, site)
    first_line(slack, claim)
    room = link_of(chat_of(claim)).channel_id
    elsewhere(slack, alice, site, lobby)
    say(claim, "narwhalst")
    settle(slack)
    found = erased(slack, alice, claim)
    assert left_by_the_app(slack) == []
    assert rooms_left(found) == {room}
    erasure.put_away(alice, ErasedCopy.objects.get(erasure=found, kind="channel").pk)
    assert not ErasedCopy.objects.filter(state="left").exists()


def test_every_channel_that_one_chat_has_had(
    slack: Slack, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    """The first is archived by a person; an answer from the console gives the chat a second."""
    noisy(slack, alice, site)
    first_line(slack, claim)
    first = link_of(chat_of(claim)).channel_id
    slack.act("archive", channel=first, team="Acme")
    settle(slack)
    messages.post_agent_message(chat_of(claim).pk, None, "Dear quokkaway")
    at_rest(slack)
    second = link_of(chat_of(claim)).channel_id
    assert first != second
    found = erased(slack, alice, claim)
    assert rooms_left(found) == {first, second}
    archived = slack.look("messages", channel=first, team="Acme")["messages"]
    posts = {post["ts"] for post in archived if "quokkaway" in str(post) and post.get("bot_id")}
    listed = set(ErasedCopy.objects.filter(state="left").values_list("ts", flat=True))
    assert posts <= listed  # nothing of an archived channel can be changed


def test_a_channel_that_the_app_was_sent_away_from(
    slack: Slack, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    lobby = noisy(slack, alice, site)
    first_line(slack, claim)
    room = link_of(chat_of(claim)).channel_id
    slack.act("kick", channel=room, team="Acme")
    settle(slack)
    say(claim, "narwhalst")
    at_rest(slack)
    found = erased(slack, alice, claim)
    assert rooms_left(found) == {room}
    assert [post for post in slack.channel(lobby) if "narwhalst" in str(post)] == []


def test_an_earlier_chats_channel_goes_with_the_visitor(
    slack: Slack, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    noisy(slack, alice, site)
    first_line(slack, claim)
    earlier = link_of(chat_of(claim)).channel_id
    chats.close_chat(chat_of(claim).pk)
    at_rest(slack)
    say(claim, "narwhalst, again")
    at_rest(slack)
    found = erased(slack, alice, claim)
    assert rooms_left(found) == {earlier, *rooms_left(found)}
    assert len(rooms_left(found)) == 2
    assert [one for one in left_by_the_app(slack) if "narwhalst" in one] == []
