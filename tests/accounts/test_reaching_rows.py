"""Rows are reached through a workspace, or loudly not at all (G1)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accounts.models import Agent, Member, Workspace
from accounts.scoping import UnscopedAccess, WorkspaceManager
from livechat.models import ChatSession, Message, Site, Visitor

pytestmark = pytest.mark.django_db
SCOPED: list[Any] = [
    model for model in apps.get_models() if isinstance(getattr(model, "objects", None), WorkspaceManager)
]

WAYS: dict[str, Callable[[Any], Any]] = {
    "all": lambda rows: rows.all(),
    "get": lambda rows: rows.get(pk=1),
    "filter": lambda rows: rows.filter(pk=1),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(models.Count("pk")),
    "values": lambda rows: rows.values(),
    "first": lambda rows: rows.first(),
    "create": lambda rows: rows.create(),
    "update": lambda rows: rows.update(),
    "raw": lambda rows: list(rows.raw("SELECT 1")),
    "none": lambda rows: rows.none(),
    "select_related": lambda rows: rows.select_related(),
    "in_bulk": lambda rows: rows.in_bulk(),
    "iterator": lambda rows: rows.iterator(),
    "using": lambda rows: rows.using("default"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_query_that_names_no_workspace_raises(model: Any, way: str) -> None:
    with pytest.raises(UnscopedAccess, match="in_workspace"):
        WAYS[way](model.objects)


def test_every_model_that_belongs_to_a_workspace_is_scoped() -> None:
    ours = [
        model
        for app in ("accounts", "livechat", "slackapp", "billing")
        for model in apps.get_app_config(app).get_models()
    ]
    belonging = {model for model in ours if "workspace" in [column.name for column in model._meta.fields]}
    assert belonging <= set(SCOPED)
    assert {Member, Agent, Site, Visitor, ChatSession, Message} <= set(SCOPED)


def test_a_workspace_shows_its_own_rows(acme: Workspace, globex: Workspace) -> None:
    assert sorted(agent.name for agent in Agent.objects.in_workspace(acme)) == ["Alice", "Bob"]
    assert [agent.name for agent in Agent.objects.in_workspace(globex)] == ["Mallory"]


def test_rows_further_away_are_reached_through_their_site(acme: Workspace, globex: Workspace) -> None:
    site = Site.unscoped.create(workspace=acme, name="Shop")
    assert list(Site.objects.in_workspace(acme)) == [site]
    for model in (Site, Visitor, ChatSession, Message):
        assert model.objects.in_workspace(globex).count() == 0


@pytest.mark.parametrize("nobody", [None, Workspace(name="not saved")], ids=["none", "unsaved"])
def test_nobodys_workspace_is_refused(nobody: Any) -> None:
    with pytest.raises(UnscopedAccess, match="no saved workspace"):
        Agent.objects.in_workspace(nobody)


def test_another_kind_of_row_is_no_workspace(alice: Member) -> None:
    with pytest.raises(ValueError, match="Workspace"):
        Agent.objects.in_workspace(alice).count()


def test_rows_reached_from_a_workspace_are_its_own(acme: Workspace, globex: Workspace) -> None:
    assert {member.user.name for member in acme.members.all()} == {"Alice", "Bob"}
    assert globex.agents.count() == 1
    assert not acme.agents.filter(workspace=globex).exists()
