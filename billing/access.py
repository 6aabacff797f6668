"""The one way in for ids: whose is it here?"""

import re

from accounts.errors import NotFound
from accounts.models import Workspace
from billing.models import Customer, Invoice

STRIPE_ID = re.compile(r"[\w-]{1,255}", re.ASCII)


def customer_of(workspace: Workspace) -> Customer | None:
    """None before a trial began and nobody has gone to pay."""
    return Customer.objects.in_workspace(workspace).first()


def invoice_of(workspace: Workspace, invoice_id: str) -> Invoice:
    """NotFound for one of another workspace too."""
    if not is_stripes_id(invoice_id):
        raise NotFound
    found = Invoice.objects.filter(customer__workspace=workspace, pk=invoice_id).first()
    if found is None:
        raise NotFound
    return found


def customer_of_stripe(stripe_customer_id: str) -> Customer | None:
    """None for what is nobody's here: another product's customer, or one whose workspace is gone."""
    if not is_stripes_id(stripe_customer_id):
        return None
    return Customer.unscoped.filter(stripe_customer_id=stripe_customer_id).first()


def is_stripes_id(value: object) -> bool:
    """Its shape alone; whatever else stands in its place no database need be asked about."""
    return isinstance(value, str) and STRIPE_ID.fullmatch(value) is not None
