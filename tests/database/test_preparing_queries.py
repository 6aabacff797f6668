"""Prepared statements do as the querysets and rows they are made from, built once however often they are used."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, AuditEntry, Member, Role, Workspace
from config.prepared import Change, Insert, Prepared
from livechat.models import Message
from slackapp.models import Lane
from tests.cast import newcomer, say, shop_of


def test_rows_and_their_relations_are_as_the_queryset_gives_them(alice: Member, bob: Member) -> None:
    def of_role(workspace_id: uuid.UUID, role: str) -> models.QuerySet[Member]:
        members = Member.objects.in_workspace(alice.workspace).select_related("user", "workspace")
        return members.filter(workspace_id=workspace_id, role=role).order_by("pk")

    prepared = Prepared(of_role)
    for role in (Role.OWNER, Role.AGENT, Role.VIEWER):
        expected = list(of_role(alice.workspace_id, role))
        with CaptureQueriesContext(connection) as asked:
            found = prepared.all(workspace_id=alice.workspace_id, role=role)
            assert [member.user.email for member in found] == [member.user.email for member in expected]
        assert len(asked) == 1
        assert [vars(member.workspace).keys() for member in found] == [
            vars(member.workspace).keys() for member in expected
        ]
        assert found == expected


def test_it_is_built_once(acme: Workspace) -> None:
    built = []

    def named(name: str) -> models.QuerySet[Workspace]:
        built.append(name)
        return Workspace.objects.filter(name=name)

    prepared = Prepared(named)
    assert prepared.first(name="Acme") == acme
    assert prepared.first(name="Globex") is None
    assert len(built) == 1


def test_a_value_that_the_query_does_not_use_is_a_mistake(acme: Workspace) -> None:
    prepared = Prepared(lambda name, colour: Workspace.objects.filter(name=name))
    with pytest.raises(TypeError, match="does not use colour"):
        prepared.first(name="Acme", colour="red")


def test_a_changed_row_is_read_anew(acme: Workspace) -> None:
    prepared = Prepared(lambda name: Workspace.objects.filter(name=name))
    assert prepared.first(name="Acme") is not None
    Workspace.objects.filter(pk=acme.pk).update(name="Acme Ltd")
    assert prepared.first(name="Acme") is None


def _to(
    key: str, due_at: datetime | None, token: uuid.UUID | None
) -> tuple[models.QuerySet[Lane], dict[str, object]]:
    return Lane.objects.filter(key=key), {"due_at": due_at, "lease_token": token, "lease_until": Now()}


def test_a_change_writes_what_it_is_given_also_nothing(db: None) -> None:
    change = Change(_to, key=str, due_at=datetime, token=uuid.UUID)
    Lane.objects.bulk_create([Lane(key="one"), Lane(key="two")])
    moment, token = timezone.now() + timedelta(days=1), uuid.uuid4()
    assert change(key="one", due_at=moment, token=token) == 1
    lane = Lane.objects.get(key="one")
    assert (lane.due_at, lane.lease_token) == (moment, token)
    assert lane.lease_until is not None
    assert change(key="one", due_at=None, token=None) == 1
    lane.refresh_from_db()
    assert (lane.due_at, lane.lease_token) == (None, None)
    assert change(key="three", due_at=None, token=None) == 0
    assert Lane.objects.get(key="two").lease_until is None


def test_a_row_is_inserted_as_the_model_says(acme: Workspace) -> None:
    insert = Insert(Agent)
    for name in ("Ann", "Bea"):
        agent = insert(Agent(workspace=acme, name=name))
        stored = Agent.objects.in_workspace(acme).get(name=name)
        for field in Agent._meta.concrete_fields:
            assert getattr(agent, field.attname) == getattr(stored, field.attname), field.name
        agent.name = f"{name} Miller"
        agent.save()
        assert Agent.objects.in_workspace(acme).get(pk=stored.pk).name == f"{name} Miller"


def test_the_database_gives_the_key_and_the_model_the_moment(acme: Workspace) -> None:
    insert = Insert(AuditEntry)
    first, second = (insert(AuditEntry(workspace=acme, verb=verb)) for verb in ("one", "two"))
    assert second.pk > first.pk
    assert AuditEntry.objects.in_workspace(acme).get(pk=second.pk).verb == "two"
    assert second.created_at is not None


def test_an_equal_row_is_refused_or_left_alone(db: None) -> None:
    insert = Insert(Lane)
    lane = insert(Lane(key="only"))
    Insert(Lane, ignore_conflicts=True)(Lane(key="only", lease_token=uuid.uuid4()))
    assert Lane.objects.get().lease_token is None
    assert Lane.objects.get().pk == lane.pk
    with pytest.raises(IntegrityError):
        insert(Lane(key="only"))


def test_json_is_stored_as_json(alice: Member) -> None:
    claim = newcomer(shop_of(alice))
    message = say(claim, 'a "quote", a \\ and \N{HIBISCUS}')
    assert Message.unscoped.get().segments == message.segments == [{"type": "text", "text": message.body}]


NAMES = ["it's", "100 % %s", "a \\ b", "%%", "\N{HIBISCUS}", ""]


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_is_written_out_as_it_is(acme: Workspace, name: str) -> None:
    """Whatever it holds, so that a partial index is seen to fit."""
    prepared = Prepared(lambda role: Agent.objects.in_workspace(acme).filter(name=name, title=role))
    agent = Agent.unscoped.create(workspace=acme, name=name, title="Chef")
    Agent.unscoped.create(workspace=acme, name=f"{name}!", title="Chef")
    with CaptureQueriesContext(connection) as asked:
        assert prepared.all(role="Chef") == [agent]
    written = "'" + name.replace("'", "''") + "'"
    assert written in asked[0]["sql"] or written in asked[0]["sql"].replace("%%", "%")


def test_what_cannot_be_written_out_stays_a_parameter(acme: Workspace) -> None:
    moment = timezone.now()
    prepared = Prepared(lambda key: Lane.objects.filter(key=key, due_at=moment))
    lane = Lane.objects.create(key="one", due_at=moment)
    Lane.objects.create(key="two", due_at=moment + timedelta(seconds=1))
    assert prepared.all(key="one") == [lane]
    assert prepared.all(key="two") == []


def test_what_is_said_for_later_is_done_before_whatever_comes_next(acme: Workspace) -> None:
    insert, change = Insert(Lane), Change(_to, key=str, due_at=datetime, token=uuid.UUID)
    moment = timezone.now()
    with transaction.atomic():
        assert insert.later(Lane(key="one"))._state.adding is False
        change.later(key="one", due_at=moment, token=None)
        assert Lane.objects.get().due_at == moment
        change.later(key="one", due_at=None, token=None)
    assert Lane.objects.get().due_at is None
