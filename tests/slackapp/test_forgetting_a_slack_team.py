"""S23: thirty days after a Slack team left nothing of it is held; visitors' chats stay; connecting again stops it."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, Member
from livechat.actions.presence import note_asked
from livechat.models import ChatSession, Picture, Site
from livechat.tokens import VisitorClaim
from slackapp import actions, availability, lanes
from slackapp.actions import forgetting
from slackapp.actions.waking import CHORES
from slackapp.models import (
    ChatLink,
    Connection,
    InboundEvent,
    Installation,
    Lane,
    MessageLink,
    Roster,
    SlackIdentity,
)
from tests.cast import lines_of, say, shop_of
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack, connected, fresh, install, link_of, settle, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answered(slack: Slack, chat: ChatSession) -> ChatSession:
    link = link_of(chat)
    slack.act("emoji", team="Acme", name="our_logo")
    for text in (":our_logo:", "We do"):
        slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text=text, team="Acme")
    settle(slack)
    note_asked([chat.site_id])
    availability.look(link.installation_id)
    assert Picture.objects.count() == 2 + Roster.objects.count()
    return chat


def thirty_days_later() -> None:
    installation = Installation.objects.get(delete_at__isnull=False)
    assert installation.revoked_at is not None
    assert installation.delete_at is not None
    assert installation.delete_at - installation.revoked_at == timedelta(days=30)
    Installation.objects.filter(pk=installation.pk).update(delete_at=timezone.now())
    lanes.make_due(f"{CHORES}{installation.pk}")
    work()


def held_of(*words: str) -> list[str]:
    """Where any of these words stands in any row of ours."""
    found = []
    for model in apps.get_models():
        for row in model._base_manager.all().values():
            text = repr({name: str(value) for name, value in row.items()})
            found += [f"{model.__name__}: {word}" for word in words if word in text]
    return sorted(set(found))


@pytest.mark.parametrize("how", ["uninstalled", "disconnected"])
def test_nothing_of_the_team_is_left_and_the_chats_stay(
    slack: Slack, connection: Connection, alice: Member, answered: ChatSession, how: str
) -> None:
    installation = Installation.objects.get()
    bob = slack.person("bob")
    names = (installation.slack_team_id, installation.bot_user_id, bob, connection.channel_id)
    assert held_of(*names)
    if how == "uninstalled":
        slack.act("uninstall", team="Acme")
    else:
        actions.disconnect(alice, connection)
    settle(slack)
    thirty_days_later()
    # what an owner did is kept with its subject
    assert [place for place in held_of(*names) if not place.startswith("AuditEntry")] == []
    assert lines_of(answered) == ["Hello?", ":our_logo:", "We do"]
    assert Agent.unscoped.filter(name="Bob", external_id=None, avatar_url="").exists()
    for model in (Installation, ChatLink, MessageLink, InboundEvent, SlackIdentity, Picture, Roster):
        assert not model.objects.exists()
    assert not Lane.objects.exists()


def test_nothing_of_its_people_stays_with_the_connection_or_in_lanes(
    slack: Slack, connection: Connection, answered: ChatSession
) -> None:
    """Whom Noisy mode invites, sentences that name a channel, the lane of receipts, and one that waits for an event."""
    lanes.make_due(lanes.receipts_key(answered.pk))
    waits = lanes.make_due(f"in:{Installation.objects.get().slack_team_id}:C1:")
    Lane.objects.filter(pk=waits).update(due_at=timezone.now() + timedelta(days=1))
    bob = slack.person("bob")
    Connection.unscoped.update(
        responders=[bob], rooms_problem="#tb-secret is full.", channel_sought="tb-secret"
    )
    slack.act("uninstall", team="Acme")
    settle(slack)
    thirty_days_later()
    assert held_of(bob, "tb-secret") == []
    assert not Lane.objects.exists()


def test_what_still_waited_says_so(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    slack.act("uninstall", team="Acme")
    settle(slack)
    message = say(claim, "waiting for a month")
    work()
    thirty_days_later()
    message.refresh_from_db()
    assert (message.mirror_state, fresh(connection).state) == ("failed", "disconnected")


def test_a_month_is_not_over_before_it_is(
    slack: Slack, connection: Connection, answered: ChatSession
) -> None:
    slack.act("uninstall", team="Acme")
    settle(slack)
    lanes.make_due(f"{CHORES}{Installation.objects.get().pk}")
    work()
    assert SlackIdentity.objects.exists()


def test_connecting_again_stops_it(
    slack: Slack, connection: Connection, alice: Member, answered: ChatSession
) -> None:
    slack.act("uninstall", team="Acme")
    settle(slack)
    seen = Installation.objects.get()
    install(slack, alice, fresh(connection))
    assert Installation.objects.get().delete_at is None
    forgetting.forget_some(seen)
    lanes.make_due(f"{CHORES}{seen.pk}")
    work()
    assert SlackIdentity.objects.exists()
    assert ChatLink.objects.exists()


def test_it_can_be_killed_after_every_step(
    slack: Slack, connection: Connection, answered: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 1)
    monkeypatch.setattr(forgetting, "CHATS_AT_ONCE", 1)
    slack.act("uninstall", team="Acme")
    settle(slack)
    Installation.objects.update(delete_at=timezone.now())
    steps = 0
    while (installation := Installation.objects.first()) is not None:
        forgetting.forget_some(installation)
        steps += 1
        assert steps < 200
    assert steps > 5
    assert not SlackIdentity.objects.exists()
    assert not InboundEvent.objects.exists()


def test_another_company_loses_nothing(
    slack: Slack, connection: Connection, answered: ChatSession, mallory: Member
) -> None:
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "mallory", "Globex")
    actions.store_identity(fresh(theirs).installation.slack_team_id, "UMALLORY", {"name": "Mallory"})  # type: ignore[union-attr]
    slack.act("uninstall", team="Acme")
    settle(slack)
    thirty_days_later()
    assert Installation.objects.get().team_name == "Globex"
    assert SlackIdentity.objects.get().name == "Mallory"
    assert fresh(theirs).state == "pending"


def test_who_logs_in_with_slack_can_go_on_doing_so(
    slack: Slack, connection: Connection, alice: Member, answered: ChatSession
) -> None:
    bob = SlackIdentity.objects.filter(slack_user_id=slack.person("bob"))
    bob.update(user=alice.user, title="Founder")
    slack.act("uninstall", team="Acme")
    settle(slack)
    thirty_days_later()
    kept = SlackIdentity.objects.get()
    assert (kept.user, kept.title, kept.avatar_url) == (alice.user, "", "")


def test_the_owner_sees_the_date(
    slack: Slack, connection: Connection, alice: Member, site: Site, client_of: ClientOf
) -> None:
    browser: Client = client_of(alice)
    slack.act("uninstall", team="Acme")
    settle(slack)
    installation = Installation.objects.get()
    assert installation.delete_at is not None
    date = f"{installation.delete_at:%-d %B %Y}"
    page = browser.get(f"/console/slack/{connection.pk}").content.decode()
    assert f"{date}</time>, unless you connect again" in page
    actions.disconnect(alice, connection)
    page = browser.get("/console/slack").content.decode()
    assert "This site used Acme." in page
    assert date in page


def test_a_site_that_is_disconnected_from_a_removed_app_is_forgotten_on_the_first_date(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    slack.act("uninstall", team="Acme")
    settle(slack)
    first = Installation.objects.get().delete_at
    actions.disconnect(alice, connection)
    settle(slack)
    assert Installation.objects.get().delete_at == first


# --- old events of everybody ---------------------------------------------------------------------------------------


def test_old_events_go_and_what_is_not_worked_yet_stays(slack: Slack, connection: Connection) -> None:
    rows: list[tuple[str, int, bool]] = [
        ("done", 2, True),
        ("done", 4, False),
        ("pending", 40, True),
        ("dead", 29, True),
        ("dead", 31, False),
    ]
    settle(slack)
    InboundEvent.objects.all().delete()
    now = timezone.now()
    for number, (state, days, _) in enumerate(rows):
        event: dict[str, Any] = {
            "event_id": f"Ev{number}",
            "kind": "message",
            "lane_key": "in:x",
            "payload": {},
        }
        row = InboundEvent.objects.create(state=state, **event)
        InboundEvent.objects.filter(pk=row.pk).update(received_at=now - timedelta(days=days))
    while forgetting.purge_events():
        pass
    kept = set(InboundEvent.objects.values_list("event_id", flat=True))
    assert kept == {f"Ev{number}" for number, (_, _, stays) in enumerate(rows) if stays}


def test_two_sites_of_one_team_are_forgotten_together(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    other = connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")
    slack.act("uninstall", team="Acme")
    settle(slack)
    thirty_days_later()
    assert {fresh(one).state for one in (connection, other)} == {"disconnected"}
    assert {fresh(one).installation for one in (connection, other)} == {None}
