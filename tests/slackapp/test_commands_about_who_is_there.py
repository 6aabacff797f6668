"""S16, S21: `status`, `online`, `away` and `auto`, where chats arrive and elsewhere, for those who may."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Member, Role, User
from livechat import presence
from livechat.hours import Hours
from livechat.models import ChatSession, Site
from livechat.schedule import Schedule
from livechat.standing import Standing, Why
from slackapp.commands import until
from slackapp.models import Connection, SlackIdentity
from tests.cast import shop_of
from tests.slackapp.peer import Slack
from tests.slackapp.test_commands import typed

pytestmark = pytest.mark.django_db(transaction=True)


def general(slack: Slack, text: str, user: str = "bob") -> str:
    """What is answered in #general, where no chats are."""
    slack.act("command", user=user, channel="general", text=f"/threadbell {text}", team="Acme")
    return str(slack.look("messages", channel="general", team="Acme")["messages"][-1]["text"])


def link(slack: Slack, name: str, user: User) -> None:
    who = {"slack_team_id": slack.team()["id"], "slack_user_id": slack.person(name)}
    SlackIdentity.objects.update_or_create(**who, defaults={"user": user})


def fresh_site(site: Site) -> Site:
    return Site.unscoped.select_related("forced_by").get(pk=site.pk)


def test_away_is_said_and_kept_with_who_said_it(slack: Slack, connection: Connection, site: Site) -> None:
    said = typed(slack, connection, "away")["text"]
    assert said == f"{site.name}: Away. Bob said so in Slack, until it is changed."
    found = fresh_site(site)
    assert (found.forced_online, found.forced_in, str(found.forced_by)) == (False, "slack", "Bob")
    assert AuditEntry.objects.in_workspace(site.workspace).filter(verb="site.said_away").exists()


def test_online_for_two_hours_then_automatic_again(slack: Slack, connection: Connection, site: Site) -> None:
    assert ": Online. Bob said so in Slack, until " in typed(slack, connection, "online for 2h")["text"]
    ends = fresh_site(site).forced_until
    assert ends is not None
    assert timedelta(minutes=118) < ends - timezone.now() <= timedelta(hours=2)
    assert "said so" not in typed(slack, connection, "auto")["text"]
    assert fresh_site(site).forced_online is None


def test_what_is_said_comes_before_the_hours(slack: Slack, connection: Connection, site: Site) -> None:
    tomorrow = (timezone.now() + timedelta(days=2)).weekday()
    Site.unscoped.update(schedule=Schedule((Hours((tomorrow,), "09:00", "17:00"),), "UTC").row())
    assert presence.standing(fresh_site(site)) == Standing(False, Why.HOURS)
    typed(slack, connection, "online")
    assert presence.standing(fresh_site(site)) == Standing(True, Why.SAID)


@pytest.mark.parametrize("text", ["away nowhere-shop", "away 30m nowhere-shop"])
def test_a_site_that_is_not_there_changes_nothing(
    slack: Slack, connection: Connection, site: Site, text: str
) -> None:
    said = typed(slack, connection, text)["text"]
    assert (said.startswith("There is no site “nowhere-shop” here."), site.name in said) == (True, True)
    assert fresh_site(site).forced_online is None


def test_one_of_several_sites_is_meant_by_its_name(
    slack: Slack, connection: Connection, site: Site, alice: Member
) -> None:
    other = shop_of(alice, "Blog")
    same = {name: getattr(connection, name) for name in ("workspace", "installation", "channel_id", "state")}
    Connection.unscoped.create(site=other, **same)
    said = typed(slack, connection, "away blog 30 minutes")["text"]
    assert said.startswith("Blog: Away.")
    assert (fresh_site(other).forced_online, fresh_site(site).forced_online) == (False, None)
    assert len(typed(slack, connection, "away")["text"].splitlines()) == 2


def test_nobody_hears_anything_where_no_chats_are(slack: Slack, connection: Connection, site: Site) -> None:
    for verb in ("status", "away", "list", "close x"):
        said = general(slack, verb)
        assert said.startswith("No visitors' chats arrive in this channel.")
        assert site.name not in said
    assert fresh_site(site).forced_online is None


def test_a_linked_member_is_heard_everywhere(
    slack: Slack, connection: Connection, site: Site, bob: Member
) -> None:
    link(slack, "bob", bob.user)
    assert "said so in Slack" in general(slack, "away")
    assert fresh_site(site).forced_online is False
    assert f"Your Slack account is linked to {bob.user}." in general(slack, "status")


def test_a_member_who_only_reads_changes_nothing(
    slack: Slack, connection: Connection, site: Site, bob: Member
) -> None:
    link(slack, "bob", bob.user)
    Member.unscoped.filter(pk=bob.pk).update(role=Role.VIEWER)
    assert "Only owners, admins and agents" in typed(slack, connection, "away")["text"]
    assert site.name in general(slack, "status")
    assert fresh_site(site).forced_online is None


def test_a_guest_is_refused_until_the_owner_allows_guests(
    slack: Slack, connection: Connection, site: Site
) -> None:
    slack.act("people", team="Acme", name="carol", is_restricted=True)
    assert "Only colleagues can do this" in typed(slack, connection, "away", user="carol")["text"]
    Connection.unscoped.update(allow_guests=True)
    assert "Carol said so" in typed(slack, connection, "away", user="carol")["text"]


def test_a_member_of_another_workspace_learns_nothing(
    slack: Slack, connection: Connection, site: Site, mallory: Member
) -> None:
    link(slack, "carol", mallory.user)
    assert site.name not in general(slack, "status", user="carol")


def test_status_says_who_is_there_who_waits_and_how_slack_is(
    slack: Slack, connection: Connection, site: Site, chat: ChatSession
) -> None:
    ChatSession.unscoped.update(waiting_since=timezone.now() - timedelta(minutes=7))
    said = typed(slack, connection, "status")["text"]
    assert f"{site.name}: " in said
    assert "1 open chat, 1 waiting, the longest for 7 min." in said
    assert "Your Slack account is not linked" in said
    Connection.unscoped.update(problem="The app is not in the channel.")
    assert "The app is not in the channel." in typed(slack, connection, "status")["text"]


@pytest.mark.parametrize(
    ("text", "words", "ends"),
    [
        ("", "", None),
        ("shop", "shop", None),
        ("2h", "", "14:30"),
        ("for 30 min", "", "13:00"),
        ("shop for 1 day", "shop", "12:30"),
        ("until 17:00", "", "17:00"),
        ("until 5pm shop", "shop", "17:00"),
        ("till 9.15", "", "09:15"),
        ("until 12:30", "", "12:30"),
        ("until 12am", "", "00:00"),
        ("until tomorrow", "", "09:00"),
        ("shop 2000", "shop 2000", None),
    ],
)
def test_an_end_is_read_as_people_type_it(text: str, words: str, ends: str | None) -> None:
    now = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
    found = until.read(text)
    moment = found.moment(Site(), now)
    assert (found.words, moment and f"{moment:%H:%M}") == (words, ends)
    assert moment is None or now < moment <= now + timedelta(days=1)


@pytest.mark.parametrize("text", ["until 25:00", "until 13pm", "until 12:60"])
def test_a_time_of_day_that_does_not_exist_is_said(slack: Slack, connection: Connection, text: str) -> None:
    assert "no such time of day" in typed(slack, connection, f"away {text}")["text"]
