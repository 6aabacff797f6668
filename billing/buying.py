"""How a workspace comes to its subscription: one customer at Stripe, one open Checkout, never a second of either."""

from datetime import timedelta

from accounts.actions.entitlements import seats_taken
from accounts.errors import Refused
from accounts.models import Member
from billing import inbox, orders
from billing.actions import beginning, customers, mirroring
from billing.errors import BillingError
from billing.models import Customer, Subscription
from billing.orders import CheckoutNow
from billing.plans import Plan

SUBSCRIBED = "This workspace has a plan that is paid for. Change it on the billing page instead of buying a second one."
SOMEBODY_ELSE = (
    "Somebody else of your team is choosing a plan in this moment. Ask them, or try again in a minute."
)
CLOCKS_DIFFER = timedelta(hours=1)


def stripe_customer(customer: Customer) -> str:
    """Its id at Stripe; made now where there is none. Raises BillingError.

    A try of which we never heard the end is looked for before anything is made. Who comes while another's try is on
    asks with the same key.
    """
    if customer.stripe_customer_id:
        return customer.stripe_customer_id
    is_first, name = customers.note_asked(customer), str(customer.workspace_id)
    assert customer.asked_at is not None
    found = None if is_first else orders.find_customer(name, customer.asked_at - CLOCKS_DIFFER)
    if found is None:
        try:
            found = orders.make_customer(name, customer.asking_number)
        except BillingError as error:
            customers.ask_anew_after(customer, error)
            raise
    return customers.adopt(customer, found)


def checkout(member: Member, plan: Plan, back: str) -> str:
    """Pages that were opened before are shut before we look: what is not paid by then can not be paid any more."""
    customer = beginning.begin(member.workspace_id)
    stripe_id = stripe_customer(customer)
    orders.introduce(stripe_id, member.workspace.name, member.user.email or "")
    seats = max(1, seats_taken(member.workspace_id))
    earlier = orders.checkouts(stripe_id)
    same = next((page for page in earlier if _is_same(page, plan, seats, back)), None)
    for page in earlier:
        if page.is_open and page is not same:
            orders.shut_checkout(page.id)
    inbox.look_again(customer)
    found = _refuse_a_second(customer, same)
    page = same or _opened(customer, plan, seats, back, earlier, found)
    customers.note_checkout(member, plan.name)
    return page.address


def _is_same(page: CheckoutNow, plan: Plan, seats: int, back: str) -> bool:
    return page.is_open and (page.plan, page.seats, page.back) == (plan.key, str(seats), back)


def _refuse_a_second(customer: Customer, same: CheckoutNow | None) -> Subscription | None:
    """The one whose first payment was never made, if there is one."""
    found = mirroring.live_subscription(customer)
    if found is None or found.status == "incomplete":
        return found
    if same is not None:
        orders.shut_checkout(same.id)
    raise Refused("subscribed", SUBSCRIBED)


def _opened(
    customer: Customer,
    plan: Plan,
    seats: int,
    back: str,
    earlier: list[CheckoutNow],
    unpaid: Subscription | None,
) -> CheckoutNow:
    if unpaid is not None:
        # its page is shut, but its invoice could still be paid
        orders.end_now(unpaid.id)
    after = f"{earlier[0].id if earlier else ''} {customer.asking_number}"
    try:
        made = orders.open_checkout(customer.stripe_customer_id or "", plan, seats, back, after)
    except BillingError as error:
        customers.ask_anew_after(customer, error)
        raise
    is_open = [page for page in orders.checkouts(customer.stripe_customer_id or "") if page.is_open]
    for page in is_open[1:]:
        orders.shut_checkout(page.id)
    if not is_open or is_open[0].id != made.id:
        raise Refused("busy", SOMEBODY_ELSE)
    return made
