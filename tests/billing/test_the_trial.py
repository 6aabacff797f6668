"""B2, B9: two weeks of everything without a card, where something is sold; no limits where nothing is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import access
from accounts.actions import add_member
from accounts.actions.ending import begin_ending
from accounts.actions.workspaces import create_workspace
from accounts.entitled import SELF_HOSTED
from accounts.models import Member, Role, Workspace
from billing.access import customer_of
from billing.actions import beginning, mirroring
from billing.models import Customer
from billing.plans import FREE, TRIAL
from tests.conftest import person

pytestmark = pytest.mark.django_db


def entitlements(workspace: Workspace) -> object:
    return Workspace.objects.get(pk=workspace.pk).entitlements


def test_a_new_workspace_tries_everything_for_two_weeks(paid_for: Settings, alice: Member) -> None:
    workspace = alice.workspace
    customer = customer_of(workspace)
    assert customer is not None
    assert customer.trial_ends_at is not None
    assert timedelta(days=13) < customer.trial_ends_at - timezone.now() <= timedelta(days=14)
    assert (customer.stripe_customer_id, customer.settle_at) == (None, customer.trial_ends_at)
    assert entitlements(workspace) == TRIAL.entitlements


def test_after_two_weeks_it_is_free(paid_for: Settings, alice: Member) -> None:
    workspace = create_workspace("Initech", alice.user).workspace
    past = timezone.now() - timedelta(minutes=1)
    Customer.unscoped.filter(workspace=workspace).update(trial_ends_at=past, settle_at=past)
    assert mirroring.settle_those_due() == 1
    assert Workspace.objects.get(pk=workspace.pk).plan_name == "Free"


def test_without_a_key_nothing_begins(settings: Settings, alice: Member) -> None:
    settings.STRIPE_SECRET_KEY = ""
    workspace = create_workspace("Initech", alice.user).workspace
    assert customer_of(workspace) is None
    assert entitlements(workspace) == SELF_HOSTED


def test_the_key_may_come_later(paid_for: Settings, alice: Member, mallory: Member) -> None:
    paid_for.STRIPE_SECRET_KEY = ""
    old = create_workspace("Initech", alice.user).workspace
    paid_for.STRIPE_SECRET_KEY = "sk_test_later"
    assert beginning.begin_those_waiting() >= 1
    assert entitlements(old) == TRIAL.entitlements
    assert beginning.begin_those_waiting() == 0


def test_the_key_may_go_and_come_back_without_a_second_trial(paid_for: Settings, alice: Member) -> None:
    workspace = create_workspace("Initech", alice.user).workspace
    past = timezone.now() - timedelta(days=1)
    Customer.unscoped.filter(workspace=workspace).update(trial_ends_at=past)
    beginning.release_all()
    assert entitlements(workspace) == SELF_HOSTED
    assert beginning.release_all() == 0
    beginning.begin_those_waiting()
    assert Workspace.objects.get(pk=workspace.pk).plan_name == "Free"
    assert Customer.unscoped.filter(workspace=workspace).count() == 1


def test_a_trial_begins_once(paid_for: Settings, alice: Member) -> None:
    workspace = create_workspace("Initech", alice.user).workspace
    before = customer_of(workspace)
    assert before is not None
    assert beginning.begin(workspace.pk).trial_ends_at == before.trial_ends_at


def test_whoever_begins_one_workspace_after_another_tries_once(
    paid_for: Settings, alice: Member, bob: Member
) -> None:
    """Two weeks of everything for each new workspace would be everything for ever."""
    carol = person("Carol", "carol@initech.example")
    first = create_workspace("Initech", carol).workspace
    assert entitlements(first) == TRIAL.entitlements
    for name in ("Initech again", "Initech for ever"):
        again = create_workspace(name, carol).workspace
        customer = customer_of(again)
        assert customer is not None
        assert customer.trial_ends_at is None
        assert entitlements(again) == FREE.entitlements
    begin_ending(access.member_for(carol, first.pk))
    assert entitlements(create_workspace("Initech anew", carol).workspace) == FREE.entitlements


def test_who_only_works_for_others_tries_their_own(paid_for: Settings, acme: Workspace) -> None:
    carol = person("Carol", "carol@initech.example")
    create_workspace("Initech", carol)
    dave = person("Dave", "dave@initech.example")
    add_member(access.member_for(carol).workspace, dave, Role.ADMIN)
    assert entitlements(create_workspace("Dave’s", dave).workspace) == TRIAL.entitlements
