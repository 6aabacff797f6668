"""What the pages of billing call. Each speaks with Stripe, outside of any transaction.

Raises accounts.errors.Refused with a sentence for whoever pays, NotFound for what is another workspace's, and
billing.errors.BillingError where Stripe or the bank says no. Who may call is the page's to ask (`billing.manage`).
"""

from django.conf import settings

from accounts.errors import Refused
from accounts.limits import hit
from accounts.models import Member, Workspace
from billing import buying, changing, inbox, orders
from billing.access import customer_of, invoice_of
from billing.actions import customers, mirroring
from billing.changing import Changed, Preview
from billing.errors import TooOften
from billing.models import Customer
from billing.orders import Card, Upcoming
from billing.plans import Plan, of_key

NOTHING_SOLD = "Nothing is sold on this server: everything is free here, without limits."
NO_SUCH_PLAN = "There is no such plan. Choose one of those on the billing page."
NOT_A_CUSTOMER = "Nothing has been paid here yet. Choose a plan first."
NOT_FINAL = "This invoice is not final yet. Stripe finishes it within an hour; try again then."


def checkout(member: Member, plan_key: str, *, back: str) -> str:
    """The address of Stripe's page on which the card is given. `back` is where it leads in either case."""
    _sells()
    _gently(member.workspace)
    return buying.checkout(member, _sold(plan_key), back)


def portal(member: Member, *, back: str, flow: str = "") -> str:
    """`flow`: empty for everything, or one of orders.FLOWS for that alone."""
    _sells()
    customer, stripe_id = _customer(member.workspace)
    if customer is None or (flow and flow not in orders.FLOWS):
        raise Refused("not_a_customer", NOT_A_CUSTOMER)
    address = orders.open_portal(stripe_id, back, flow)
    customers.note_portal(member)
    return address


def preview(workspace: Workspace, plan_key: str) -> Preview:
    """What it would cost and mean to go over to this plan; Free too. Nothing is changed."""
    _sells()
    return changing.preview(workspace, _customer(workspace)[0], _known(plan_key))


def change(member: Member, plan_key: str, seen: str = "") -> Changed:
    """For a workspace that has a paid plan; others go to `checkout`. Free is `cancel`. `seen`: the mark of the preview
    that was agreed to; Refused if it is no longer so."""
    return changing.change(member, _paying(member), _known(plan_key), seen)


def cancel(member: Member) -> None:
    """At the end of the period that is paid for; at once where an invoice is open, which is not asked for any more."""
    changing.cancel(member, _paying(member))


def resume(member: Member) -> None:
    """Takes back what was planned for the end of the period: that it is the end, or a smaller plan."""
    changing.resume(member, _paying(member))


def returned(workspace: Workspace) -> None:
    """Somebody is back from Stripe's pages: what they did there is looked at now, not when the webhook comes."""
    customer, _ = _customer(workspace)
    if settings.STRIPE_SECRET_KEY and customer is not None:
        inbox.look_again(customer)


def card(workspace: Workspace) -> Card | None:
    """What the next invoice is charged to, as Stripe tells it now."""
    customer, stripe_id = _customer(workspace)
    if not settings.STRIPE_SECRET_KEY or customer is None:
        return None
    live = mirroring.live_subscription(customer)
    return orders.card_of(stripe_id, live.id if live is not None else "")


def upcoming(workspace: Workspace) -> Upcoming | None:
    """None where nothing more will be charged."""
    customer, _ = _customer(workspace)
    if not settings.STRIPE_SECRET_KEY or customer is None:
        return None
    live = mirroring.live_subscription(customer)
    if live is None or live.status not in ("active", "trialing", "past_due") or live.cancel_at_period_end:
        return None
    return orders.upcoming(live)


def invoice_address(workspace: Workspace, invoice_id: str) -> str:
    """Stripe's page of an invoice: to read, to print and to pay. It lets anybody in, so it is fetched on a click."""
    invoice = invoice_of(workspace, invoice_id)
    _sells()
    _gently(workspace)
    address = orders.invoice_address(invoice.id)
    if not address:
        raise Refused("not_final", NOT_FINAL)
    return address


def _sells() -> None:
    if not settings.STRIPE_SECRET_KEY:
        raise Refused("nothing_sold", NOTHING_SOLD)


def _known(plan_key: str) -> Plan:
    plan = of_key(plan_key)
    if plan is None:
        raise Refused("no_such_plan", NO_SUCH_PLAN)
    return plan


def _sold(plan_key: str) -> Plan:
    plan = _known(plan_key)
    if plan.price is None:
        raise Refused("no_such_plan", NO_SUCH_PLAN)
    return plan


def _paying(member: Member) -> Customer:
    _sells()
    customer, _ = _customer(member.workspace)
    if customer is None:
        raise Refused("no_plan", changing.NO_PLAN)
    return customer


def _customer(workspace: Workspace) -> tuple[Customer | None, str]:
    """None, also for one that Stripe has never heard of."""
    found = customer_of(workspace)
    if found is None or not found.stripe_customer_id:
        return None, ""
    _gently(workspace)
    return found, found.stripe_customer_id


def _gently(workspace: Workspace) -> None:
    """Stripe takes so many calls a second from all of us: nobody who reloads a page keeps others from paying."""
    if settings.STRIPE_SECRET_KEY and hit("stripe_per_workspace", str(workspace.pk)):
        raise TooOften("our own limit for one workspace")
