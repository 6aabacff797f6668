"""S17, S21: the Home tab says what visitors read of a site and why, and members change it there."""

import pytest

from accounts.models import Member, Role
from livechat.models import Site
from slackapp import actions
from slackapp.models import Connection
from slackapp.presses import sites
from slackapp.presses.press import Press
from tests.cast import shop_of
from tests.slackapp.home_tabs import blocks_of, buttons_of, home_of, link_account, open_home, press_at_home
from tests.slackapp.peer import Slack, connected, fresh, install

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def linked(slack: Slack, connection: Connection, alice: Member, bob: Member) -> None:
    link_account(slack, alice, "alice")
    link_account(slack, bob, "bob")


def said(site: Site) -> bool | None:
    return Site.unscoped.get(pk=site.pk).forced_now()


def test_an_agent_says_away_and_leaves_it_to_the_people_again(slack: Slack, site: Site, linked: None) -> None:
    open_home(slack, "bob")
    shown = press_at_home(slack, "bob", "site.away")
    assert said(site) is False
    assert "Acme Shop: Away. Bob said so in Slack, until it is changed." in shown
    assert "🌙 Away" in shown
    assert buttons_of(slack, "bob")[:2] == ["site.online", "site.auto"]
    press_at_home(slack, "bob", "site.online")
    assert said(site) is True
    shown = press_at_home(slack, "bob", "site.auto")
    assert said(site) is None
    assert "Bob said so" not in shown


def test_a_viewer_may_not_say_it(slack: Slack, site: Site, bob: Member, linked: None) -> None:
    open_home(slack, "bob")
    Member.unscoped.filter(pk=bob.pk).update(role=Role.VIEWER)
    shown = press_at_home(slack, "bob", "site.away")
    assert "Viewers read chats; owners, admins and agents say whether somebody is there." in shown
    assert said(site) is None
    assert "site.away" not in buttons_of(slack, "bob")


def test_who_is_no_member_any_more_changes_nothing(
    slack: Slack, site: Site, bob: Member, linked: None
) -> None:
    open_home(slack, "bob")
    bob.delete()
    assert sites.UNKNOWN in press_at_home(slack, "bob", "site.away")
    assert said(site) is None


def test_a_colleague_without_an_account_is_not_asked(slack: Slack, connection: Connection) -> None:
    slack.act("join", user="bob", channel=connection.channel_id)
    open_home(slack, "bob")
    assert "site.away" not in buttons_of(slack, "bob")


def test_mallory_of_the_same_slack_team_says_nothing_of_acmes_site(
    slack: Slack, connection: Connection, site: Site, mallory: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex Shop"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "carol", "Acme")
    link_account(slack, mallory, "carol")
    open_home(slack, "carol")
    monkeypatch.setattr(Press, "value", str(site.pk))
    assert sites.UNKNOWN in press_at_home(slack, "carol", "site.away")
    assert said(site) is None
    assert said(fresh(theirs).site) is None


def test_each_site_has_its_own_buttons(slack: Slack, alice: Member, site: Site, linked: None) -> None:
    second = shop_of(alice, "Second Shop")
    connected(slack, alice, second, "second-chat")
    open_home(slack, "alice")
    rows = [block for block in blocks_of(slack, "alice") if block["block_id"].startswith("site:")]
    assert len(rows) == 2
    wanted = f"site:{second.pk}"
    slack.act("modal_action", user="alice", team="Acme", action_id="site.away", block_id=wanted, home=True)
    open_home(slack, "alice")
    assert (said(site), said(second)) == (None, False)
    assert "Second Shop  · 🌙 Away" in home_of(slack, "alice")
