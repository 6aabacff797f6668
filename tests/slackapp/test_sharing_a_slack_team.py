"""S23: several workspaces are answered from one Slack team: one key, and nobody sees anything of the others."""

import pytest

from accounts.errors import NotFound, Refused
from accounts.models import Member
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp import actions, installers, queries, setup
from slackapp.access import connection_for
from slackapp.models import ChatLink, Connection, Installation
from tests.cast import chat_of, lines_of, newcomer, say, shop_of
from tests.slackapp.peer import Slack, connected, fresh, install, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def theirs(slack: Slack, connection: Connection, mallory: Member) -> Connection:
    """Mallory of Globex has a site that is answered from Acme's Slack team as well."""
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "carol", "Acme")
    setup.create_channel(mallory, fresh(theirs), "globex-chat")
    return fresh(theirs)


def test_they_share_one_installation(connection: Connection, theirs: Connection) -> None:
    assert Installation.objects.count() == 1
    assert connection.installation_id == theirs.installation_id
    assert connection.workspace_id != theirs.workspace_id


def test_each_chat_stays_with_its_own(
    slack: Slack,
    connection: Connection,
    theirs: Connection,
    claim: VisitorClaim,
    alice: Member,
    mallory: Member,
) -> None:
    stranger = newcomer(theirs.site)
    say(claim, "for Acme")
    say(stranger, "for Globex")
    settle(slack)
    assert (slack.lines(connection), slack.lines(theirs)) == (["for Acme"], ["for Globex"])
    for own, other in ((chat_of(claim), chat_of(stranger)), (chat_of(stranger), chat_of(claim))):
        link = link_of(own)
        before = lines_of(other)
        slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Yes", team="Acme")
        settle(slack)
        assert lines_of(own)[-1] == "Yes"
        assert lines_of(other) == before
    seen = Message.objects.in_workspace(mallory.workspace).values_list("body", flat=True)
    assert set(seen) == {"for Globex", "Yes"}


def test_mallory_sees_no_connection_of_acme(
    connection: Connection, theirs: Connection, mallory: Member
) -> None:
    with pytest.raises(NotFound):
        connection_for(mallory, connection.pk)
    shown = queries.site_connections(mallory.workspace)
    assert [one.site.name for one in shown] == ["Globex"]


def test_a_channel_of_another_workspace_is_neither_shown_nor_given(
    slack: Slack, connection: Connection, theirs: Connection, mallory: Member
) -> None:
    names = [channel.name for channel in setup.channels(theirs)]
    assert "website-chat" not in names
    assert "globex-chat" in names
    with pytest.raises(Refused, match="taken"):
        setup.use_channel(mallory, theirs, connection.channel_id)
    with pytest.raises(Refused, match="taken"):
        actions.choose_channel(mallory, theirs, connection.channel_id, "website-chat")
    assert fresh(theirs).channel_name == "globex-chat"
    introduced = [m["text"] for m in slack.channel(connection) if "Globex" in m["text"]]
    assert introduced == []


def test_a_channel_made_for_anothers_chat_is_not_shown(
    slack: Slack, connection: Connection, chat: ChatSession, theirs: Connection
) -> None:
    made = slack.act("channels", team="Acme", name="tb-ana-042")["channel"]
    assert "tb-ana-042" in [channel.name for channel in setup.channels(theirs)]
    ChatLink.objects.filter(pk=chat.pk).update(channel_id=made)
    assert "tb-ana-042" not in [channel.name for channel in setup.channels(theirs)]
    assert "tb-ana-042" in [channel.name for channel in setup.channels(connection)]


def test_a_workspace_may_use_its_own_channel_for_several_sites(
    slack: Slack, connection: Connection, theirs: Connection, alice: Member
) -> None:
    other = connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")
    setup.use_channel(alice, other, connection.channel_id)
    assert fresh(other).channel_id == connection.channel_id


def test_private_channels_are_not_named_to_people_who_may_not_know_of_them(
    slack: Slack, connection: Connection, theirs: Connection, mallory: Member
) -> None:
    secret = slack.act("channels", team="Acme", name="merger", private=True)["channel"]
    slack.act("invite", channel=secret, team="Acme")
    settle(slack)
    assert "merger" not in [channel.name for channel in setup.channels(theirs)]
    with pytest.raises(Refused, match="chosen in Slack"):
        setup.use_channel(mallory, theirs, secret)


def test_alone_in_its_team_a_workspace_sees_the_private_channels_it_was_invited_to(
    slack: Slack, connection: Connection
) -> None:
    secret = slack.act("channels", team="Acme", name="merger", private=True)["channel"]
    slack.act("invite", channel=secret, team="Acme")
    assert "merger" in [channel.name for channel in setup.channels(connection)]


def test_when_one_parts_the_other_goes_on(
    slack: Slack, connection: Connection, theirs: Connection, mallory: Member, chat: ChatSession
) -> None:
    actions.disconnect(mallory, theirs)
    settle(slack)
    assert not slack.calls("auth.revoke")
    assert (Installation.objects.get().state, Installation.objects.get().delete_at) == ("active", None)
    link = link_of(chat)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Yes", team="Acme")
    settle(slack)
    assert lines_of(chat)[-1] == "Yes"


def test_when_the_app_is_removed_both_are_told(
    slack: Slack, connection: Connection, theirs: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "slackapp.tasks.tell_owners", lambda connection_id, problem: told.append(str(connection_id))
    )
    slack.act("uninstall", team="Acme")
    settle(slack)
    assert set(told) == {str(connection.pk), str(theirs.pk)}


def test_nobody_learns_of_the_others_trouble_by_a_direct_message(
    slack: Slack, connection: Connection, theirs: Connection
) -> None:
    before = len(slack.calls("chat.postMessage"))
    installers.tell(str(connection.pk), "The channel is archived.")
    assert len(slack.calls("chat.postMessage")) == before


def test_a_lost_channel_stops_its_own_workspace_only(
    slack: Slack, connection: Connection, theirs: Connection
) -> None:
    slack.act("archive", channel=theirs.channel_id, team="Acme")
    settle(slack)
    assert (fresh(theirs).state, fresh(connection).state) == ("broken", "ready")
