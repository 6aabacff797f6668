"""The names and pictures that visitors see, whoever chose them (S10)."""

import threading

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts import actions
from accounts.access import agent_of
from accounts.actions import safe_avatar, update_agent, upsert_external_agent
from accounts.errors import Refused
from accounts.models import Agent, AuditEntry, Member, Role, Workspace
from accounts.names import clean_name, name_from_email
from tests.conftest import person

ANN = "slack:T1:U1"
PHOTO = "https://avatars.slack-edge.com/ann.png"


@pytest.mark.django_db
def test_somebody_from_outside_is_met_once_and_kept_up_to_date(acme: Workspace) -> None:
    first = upsert_external_agent(acme, ANN, "Ann", "Support", PHOTO)
    again = upsert_external_agent(acme, ANN, "Ann Lee", "Support", PHOTO)
    assert first.pk == again.pk
    kept = Agent.objects.in_workspace(acme).get(external_id=ANN)
    assert (kept.name, kept.title, kept.avatar_url) == ("Ann Lee", "Support", PHOTO)


@pytest.mark.django_db
def test_the_same_person_has_a_face_in_each_workspace(acme: Workspace, globex: Workspace) -> None:
    assert upsert_external_agent(acme, ANN, "Ann").pk != upsert_external_agent(globex, ANN, "Ann").pk
    upsert_external_agent(globex, ANN, "Not Ann")
    assert Agent.objects.in_workspace(acme).get(external_id=ANN).name == "Ann"


@pytest.mark.django_db
def test_meeting_somebody_again_writes_nothing(acme: Workspace, django_assert_num_queries) -> None:
    upsert_external_agent(acme, ANN, "Ann")
    with django_assert_num_queries(1):
        upsert_external_agent(acme, ANN, "Ann")


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_meet_somebody_at_once_make_one_face(acme: Workspace) -> None:
    def meet() -> None:
        try:
            start.wait()
            faces.append(upsert_external_agent(acme, ANN, "Ann").pk)
        finally:
            connection.close()

    start, faces = threading.Barrier(4), list[object]()
    workers = [threading.Thread(target=meet) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(faces) == 4
    assert len(set(faces)) == 1


@pytest.mark.django_db
def test_somebody_without_a_name_has_none_until_it_is_known(acme: Workspace) -> None:
    assert upsert_external_agent(acme, ANN, " \u202e\n ").public_name == ""
    assert upsert_external_agent(acme, ANN, "Ann").public_name == "Ann"


@pytest.mark.django_db
def test_what_the_workspace_shows_instead_stays_whatever_slack_says(alice: Member) -> None:
    agent = upsert_external_agent(alice.workspace, ANN, "Ann", "Support", PHOTO, picture="k")
    actions.disguise_agent(agent, alias="Service", title="We answer", hide_photo=True, actor=alice.user)
    agent = upsert_external_agent(alice.workspace, ANN, "Ann Lee", "Lead", PHOTO, picture="k2")
    assert (agent.public_name, agent.public_title, agent.public_picture) == ("Service", "We answer", "")
    actions.disguise_agent(agent, alias="", title="", hide_photo=False, actor=alice.user)
    assert (agent.public_name, agent.public_title, agent.public_picture) == ("Ann Lee", "Lead", "k2")
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="agent.changed").count() == 2


@pytest.mark.django_db
def test_a_changed_face_is_in_the_audit(alice: Member) -> None:
    agent = agent_of(alice)
    update_agent(agent, name="Alice L.", title="Owner", actor=alice.user)
    update_agent(agent, name="Alice L.", title="Owner", actor=alice.user)
    entries = AuditEntry.objects.in_workspace(alice.workspace).filter(verb="agent.changed")
    assert [(entry.actor, entry.subject) for entry in entries] == [(alice.user, f"agent:{agent.pk}")]


@pytest.mark.django_db
def test_a_face_keeps_a_name(alice: Member) -> None:
    with pytest.raises(Refused, match="need a name"):
        update_agent(agent_of(alice), name=" \t ")
    with pytest.raises(Refused, match="needs a name"):
        actions.create_workspace("\u200f", alice.user)


@pytest.mark.django_db
def test_a_member_taken_in_twice_stays_one(acme: Workspace) -> None:
    carol = person("", "carol.van-dyk+acme@acme.example")
    first = actions.add_member(acme, carol, Role.AGENT)
    again = actions.add_member(acme, carol, Role.ADMIN)
    assert (first.pk, again.role) == (again.pk, Role.AGENT)
    assert agent_of(first).name == "Carol Van Dyk"


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("mary.jones@x.example", "Mary Jones"),
        ("o_o-1@x.example", "O O"),
        ("42@x.example", "Agent"),
        ("", "Agent"),
    ],
)
def test_a_name_is_guessed_from_the_address(email: str, name: str) -> None:
    assert name_from_email(email) == name


@given(st.text(max_size=200), st.integers(1, 80))
def test_a_name_is_one_short_plain_line(text: str, limit: int) -> None:
    name = clean_name(text, limit)
    assert len(name) <= limit
    assert name == " ".join(name.split())
    assert not set(name) & set("\x00\n\r\t\u202e\u2066\u200f\ufeff")
    assert clean_name(name, limit) == name
    name.encode()


def test_a_long_name_is_cut_between_emoji_not_inside() -> None:
    family = "👩‍👩‍👧‍👦"
    assert clean_name(family * 3, len(family) * 2 + 1) == family * 2


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:image/png;base64,x", "//x.example/a.png", "https://", "http://[", "x" * 20,
     f"https://x.example/{'a' * 500}", "https://x.example/ü.png"],
)  # fmt: skip
def test_a_strange_picture_is_left_out(url: str) -> None:
    assert safe_avatar(url) == ""


def test_a_picture_is_kept() -> None:
    assert safe_avatar(PHOTO) == PHOTO
