"""C11: made-up chats, by which the product is measured, are chats as the product makes them."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import Workspace
from livechat import counting
from livechat.actions import figures
from livechat.models import ChatFigures, ChatSession, Message
from livechat.tokens import VisitorClaim
from tests.cast import say
from tests.faults.checks import check_places


def seed(**options: object) -> None:
    call_command("seed_load", chats=60, messages=900, stdout=StringIO(), stderr=StringIO(), **options)


@pytest.mark.django_db
def test_they_keep_every_invariant_and_look_like_two_years_of_two_companies() -> None:
    seed()
    first, second = (Workspace.objects.get(name=name) for name in ("Load", "Load, second"))
    assert ChatSession.objects.in_workspace(first).count() == 60
    assert Message.objects.in_workspace(first).count() == 900
    assert ChatSession.objects.in_workspace(second).count() == 6
    check_places()
    chats = ChatSession.objects.in_workspace(first)
    assert chats.exclude(previous=None).exists()
    assert not chats.exclude(previous=None).exclude(previous__visitor=F("visitor")).exists()
    assert chats.order_by("started_at")[0].started_at < timezone.now() - timedelta(days=600)
    assert set(Message.objects.in_workspace(first).values_list("author_kind", flat=True)) == {
        "visitor",
        "agent",
    }
    # what pages join
    assert chats.exclude(rating=None).exists()
    assert chats.filter(tagged__tag__deleted_at=None).exists()
    assert not chats.filter(slack_link=None).exists()
    assert not Message.objects.in_workspace(first).filter(slack_links=None).exists()


@pytest.mark.django_db
def test_reports_count_them_as_they_would_have_been_counted() -> None:
    seed()
    names = (
        "chat",
        "site",
        "agent",
        "day",
        "slot",
        "answered_in",
        "resolved_in",
        "visitor_lines",
        "agent_lines",
        "rating",
    )
    made = set(ChatFigures.unscoped.values_list(*names))
    counts = set(ChatSession.unscoped.values_list("pk", *counting.COLUMNS))
    ChatFigures.unscoped.filter().delete()
    assert figures.fill_missing() == 66
    assert set(ChatFigures.unscoped.values_list(*names)) == made
    assert set(ChatSession.unscoped.values_list("pk", *counting.COLUMNS)) == counts


def test_real_chats_are_left_alone(claim: VisitorClaim) -> None:
    say(claim)
    with pytest.raises(CommandError, match="There are chats in this database already"):
        seed()
    assert ChatSession.unscoped.count() == 1


@pytest.mark.django_db
def test_chats_without_messages_are_not_made() -> None:
    with pytest.raises(CommandError, match="at least one message"):
        call_command("seed_load", chats=10, messages=9)
