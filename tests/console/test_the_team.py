"""S10, C4: the people visitors see, and what is shown of them instead of what Slack says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.actions import upsert_external_agent
from accounts.models import Agent, AuditEntry, Member
from livechat.actions.presence import note_consoles
from livechat.models import ConsoleVisit
from slackapp.actions.people import note_presence, store_identity, store_roster
from slackapp.faces import faces_of
from slackapp.models import Connection, SlackIdentity
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(connection: Connection) -> Agent:
    """Somebody who answers from Slack."""
    assert connection.installation is not None
    team = connection.installation.slack_team_id
    told = {"name": "Robin Low", "title": "Support", "avatar_url": "", "picture": "k1"}
    upsert_external_agent(connection.workspace, f"slack:{team}:U0ROBIN", "Robin Low")
    store_identity(team, "U0ROBIN", told)
    return Agent.objects.in_workspace(connection.workspace).get(external_id=f"slack:{team}:U0ROBIN")


def shown(client_of: ClientOf, who: Member, path: str = "/console/team") -> str:
    answer = client_of(who).get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_everybody_is_listed_with_where_they_come_from(
    client_of: ClientOf, alice: Member, robin: Agent
) -> None:
    page = shown(client_of, alice)
    assert "Robin Low" in page
    assert "Console · Owner" in page
    assert "Slack" in page
    assert "/pictures/k1.webp" in page


def test_who_is_active_is_marked_and_what_is_old_is_not(alice: Member, robin: Agent) -> None:
    _, team, user = str(robin.external_id).split(":")
    note_presence(team, user, "active")
    note_consoles([alice.pk])
    there = {face.agent.name: face.there for face in faces_of(alice.workspace)}
    assert (there["Robin Low"], there["Alice"], there["Bob"]) == ("active", "active", "")
    for model, name in ((SlackIdentity, "presence_at"), (ConsoleVisit, "seen_at")):
        model._default_manager.update(**{name: timezone.now() - timedelta(minutes=10)})
    assert {face.there for face in faces_of(alice.workspace)} == {""}


def change(client_of: ClientOf, who: Member, agent: Agent, **data: str) -> int:
    return int(client_of(who).post(f"/console/team/{agent.pk}", data).status_code)


def test_an_owner_chooses_what_visitors_see(client_of: ClientOf, alice: Member, robin: Agent) -> None:
    page = shown(client_of, alice, f"/console/team/{robin.pk}")
    assert "Leave it empty to show Robin Low." in page
    assert change(client_of, alice, robin, alias=" Service\u202e ", title="We answer", hide_photo="on") == 302
    robin.refresh_from_db()
    assert (robin.public_name, robin.public_title, robin.public_picture) == ("Service", "We answer", "")
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="agent.changed").exists()
    assert change(client_of, alice, robin, alias="", title="") == 302
    robin.refresh_from_db()
    assert (robin.public_name, robin.public_picture) == ("Robin Low", "k1")


def test_a_name_that_is_too_long_is_told_beside_its_field(
    client_of: ClientOf, alice: Member, robin: Agent
) -> None:
    answer = client_of(alice).post(f"/console/team/{robin.pk}", {"alias": "x" * 81})
    assert answer.status_code == 422
    assert "at most 80 characters" in answer.content.decode()


def test_an_agent_changes_their_own_face_and_nobody_elses(
    client_of: ClientOf, alice: Member, bob: Member, robin: Agent
) -> None:
    assert change(client_of, bob, agent_of(bob), alias="Bobby") == 302
    assert agent_of(bob).public_name == "Bobby"
    assert change(client_of, bob, robin, alias="Stupid") == 403
    assert change(client_of, bob, agent_of(alice), alias="Stupid") == 403
    assert "Owners and admins choose" in shown(client_of, bob, f"/console/team/{robin.pk}")


def test_a_linked_slack_account_is_ones_own_face(client_of: ClientOf, bob: Member, robin: Agent) -> None:
    SlackIdentity.objects.update(user=bob.user)
    assert change(client_of, bob, robin, alias="Robin") == 302


def test_viewers_read(client_of: ClientOf, victor: Member, robin: Agent) -> None:
    assert "Robin Low" in shown(client_of, victor)
    assert change(client_of, victor, robin, alias="x") == 403


def test_mallory_sees_and_changes_nobody_of_acme(client_of: ClientOf, mallory: Member, robin: Agent) -> None:
    assert "Robin Low" not in shown(client_of, mallory)
    assert client_of(mallory).get(f"/console/team/{robin.pk}").status_code == 404
    assert change(client_of, mallory, robin, alias="x") == 404
    robin.refresh_from_db()
    assert robin.alias == ""


def test_somebody_not_known_yet_can_be_given_a_name(client_of: ClientOf, alice: Member, robin: Agent) -> None:
    unknown = upsert_external_agent(alice.workspace, "slack:T1:U9", "")
    assert "Slack has not told who this is" in shown(client_of, alice, f"/console/team/{unknown.pk}")
    assert change(client_of, alice, unknown, alias="Sam") == 302
    assert "Sam" in shown(client_of, alice)


def test_somebody_who_left_stands_last(client_of: ClientOf, alice: Member, robin: Agent) -> None:
    _, team, user = str(robin.external_id).split(":")
    store_identity(team, user, {"name": "Adam", "is_gone": True})
    assert [face.agent.name for face in faces_of(alice.workspace)][-1] == "Adam"
    assert "Left" in shown(client_of, alice)


def test_a_connections_page_says_who_is_active(
    client_of: ClientOf, alice: Member, robin: Agent, connection: Connection
) -> None:
    _, team, user = str(robin.external_id).split(":")
    store_roster(connection, [user])
    note_presence(team, user, "active")
    assert 'Active in Slack</span> <span dir="auto">Robin Low' in shown(
        client_of, alice, f"/console/slack/{connection.pk}"
    )


# --- whose lines reach visitors -------------------------------------------------------------------------------------


def fresh(connection: Connection) -> Connection:
    return Connection.objects.in_workspace(connection.workspace).get(pk=connection.pk)


def test_the_owner_lets_guests_and_partners_answer(
    client_of: ClientOf, alice: Member, connection: Connection
) -> None:
    path = f"/console/slack/{connection.pk}/answering"
    assert "Who may answer" in shown(client_of, alice, f"/console/slack/{connection.pk}")
    assert client_of(alice).post(path, {"guests": "on"}).status_code == 302
    assert (fresh(connection).allow_guests, fresh(connection).allow_partners) == (True, False)
    assert client_of(alice).post(path, {"partners": "on"}).status_code == 302
    assert (fresh(connection).allow_guests, fresh(connection).allow_partners) == (False, True)
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="slack.people_chosen").count() == 2


def test_agents_and_strangers_let_nobody_in(
    client_of: ClientOf, bob: Member, mallory: Member, connection: Connection
) -> None:
    path = f"/console/slack/{connection.pk}/answering"
    assert client_of(bob).post(path, {"guests": "on"}).status_code == 403
    assert client_of(mallory).post(path, {"guests": "on"}).status_code == 404
    assert not fresh(connection).allow_guests
    assert "Nobody else may answer" in shown(client_of, bob, f"/console/slack/{connection.pk}")
