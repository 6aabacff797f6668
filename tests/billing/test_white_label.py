"""W11, B7: below the chat stands whose product it is, unless the plan has white label."""

import pytest
from django.test import Client

from accounts.actions.entitlements import set_entitlements
from accounts.entitled import SELF_HOSTED
from accounts.models import Member
from billing.plans import BUSINESS, PLANS
from tests import cast
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
LINE = "Powered by Threadbell"


def panel(client: Client, token: str) -> str:
    return client.get(f"/widget/frame?site={token}").content.decode()


@pytest.mark.parametrize("plan", PLANS)
def test_each_plan_shows_what_its_row_says(client: Client, alice: Member, plan: object) -> None:
    shop = cast.shop_of(alice)
    set_entitlements(alice.workspace_id, plan.entitlements)  # type: ignore[attr-defined]
    shown = panel(client, shop.public_token)
    assert (LINE in shown) is (plan is not BUSINESS)
    if plan is not BUSINESS:
        assert 'href="http://localhost:8000/" target="_blank" rel="noopener"' in shown


def test_who_hosts_it_themselves_shows_nothing(client: Client, alice: Member, mallory: Member) -> None:
    shop, theirs = cast.shop_of(alice), cast.shop_of(mallory)
    set_entitlements(mallory.workspace_id, PLANS[0].entitlements)
    assert alice.workspace.entitlements == SELF_HOSTED
    assert LINE not in panel(client, shop.public_token)
    assert LINE in panel(client, theirs.public_token)


def test_the_page_of_the_look_says_so_and_leads_owners_to_the_plans(
    client_of: ClientOf, alice: Member
) -> None:
    shop = cast.shop_of(alice)
    page = f"/console/sites/{shop.pk}/look"
    assert LINE not in client_of(alice).get(page).content.decode()
    set_entitlements(alice.workspace_id, PLANS[0].entitlements)
    told = client_of(alice).get(page).content.decode()
    assert f"visitors read “{LINE}”" in told
    assert '<a href="/console/settings/billing">See plans</a>' in told
    preview = client_of(alice).get(f"/console/sites/{shop.pk}/panel")
    assert LINE in preview.content.decode()


def test_the_page_where_strangers_try_it_out_needs_no_such_line(client: Client) -> None:
    assert LINE not in client.get("/tryout").content.decode()
