"""Prepared queries answer as the querysets they are made from, built once however often they are asked."""

import uuid

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import Member, Role, Workspace
from config.prepared import Prepared


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
