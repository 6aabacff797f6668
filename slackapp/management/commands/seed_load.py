"""Fills a database with made-up chats, to measure what the product does when there are many."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.access import agent_of
from accounts.actions import add_member, create_workspace
from accounts.actions.seeding import was_always_there
from accounts.models import Agent, Member, Role, User, Workspace
from livechat.actions.bulk import look_over
from livechat.actions.load import Load, holds_chats
from livechat.actions.searching import index_due
from livechat.actions.sites import create_site
from livechat.models import Site
from slackapp.actions.load import connect, link

SITES, AGENTS = 5, 8
# as much of everything for a second workspace: what is asked for one is to take no longer beside the other
SECOND = 10
REAL = "There are chats in this database already. Use an empty one, or say --force to put made-up chats beside them."


class Command(BaseCommand):
    help = (
        "Fills the database with made-up chats in two workspaces, for measuring. Never on one that is in use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chats", type=int, default=50_000)
        parser.add_argument("--messages", type=int, default=1_000_000)
        parser.add_argument("--workspace", help="the id of a workspace to fill instead of a new one")
        parser.add_argument("--seed", type=int, default=1, help="the same number tells the same chats")
        parser.add_argument("--force", action="store_true", help="although there are chats already")

    def handle(self, *args: Any, chats: int, messages: int, seed: int, force: bool, **options: Any) -> None:
        if messages < chats or chats < 1:
            raise CommandError("Every chat has at least one message: ask for as many messages as chats.")
        if holds_chats() and not force:
            raise CommandError(REAL)
        first = owner_of(options["workspace"]) if options["workspace"] else newcomer("Load")
        second = newcomer("Load, second")
        for owner, share in ((first, 1), (second, SECOND)):
            count = max(1, chats // share)
            self._fill(owner, seed * share, count, max(count, messages // share))
        self.stderr.write("The words are being made findable")
        index_due(seconds=float("inf"), at_once=5000)
        look_over()

    def _fill(self, owner: Member, seed: int, chats: int, messages: int) -> None:
        sites = sites_of(owner)
        load = Load(owner, sites, agents_of(owner), seed)
        for written in load.write(chats, messages):
            self.stderr.write(f"{owner.workspace.name}: {written:,} of {chats:,} chats")
        for written in link(connect(sites)):
            self.stderr.write(f"{owner.workspace.name}: {written:,} chats are in Slack")
        self.stdout.write(f"{owner.workspace.name} ({owner.workspace.pk}) has {chats:,} chats more.")


def owner_of(workspace_id: str) -> Member:
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        raise CommandError("There is no workspace of this id.")
    return (
        Member.objects.in_workspace(workspace).select_related("workspace", "user").filter(role=Role.OWNER)[0]
    )


def newcomer(name: str) -> Member:
    """The owner of a new workspace, who logs in as nobody: benchmarks enter by themselves."""
    with transaction.atomic():
        owner = create_workspace(name, User.objects.create_user(None, None, name=f"Owner of {name}"))
        was_always_there(owner)
        return owner


def sites_of(owner: Member) -> list[Site]:
    """Those that are there, or new ones."""
    found = list(Site.objects.in_workspace(owner.workspace))
    return found or [create_site(owner, f"Shop {number}") for number in range(1, SITES + 1)]


def agents_of(owner: Member) -> list[Agent]:
    made = [add_member(owner.workspace, colleague(number), Role.AGENT) for number in range(1, AGENTS + 1)]
    return [agent_of(member) for member in made]


def colleague(number: int) -> User:
    return User.objects.create_user(None, None, name=f"Colleague {number}")
