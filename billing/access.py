"""The one way in for ids: whose is it here?"""

from accounts.errors import NotFound
from accounts.models import Workspace
from billing.models import Customer, Invoice


def customer_of(workspace: Workspace) -> Customer | None:
    """None before a trial began and nobody has gone to pay."""
    return Customer.objects.in_workspace(workspace).first()


def invoice_of(workspace: Workspace, invoice_id: str) -> Invoice:
    """NotFound for one of another workspace too."""
    found = Invoice.objects.filter(customer__workspace=workspace, pk=invoice_id).first()
    if found is None:
        raise NotFound
    return found


def customer_of_stripe(stripe_customer_id: str) -> Customer | None:
    """None for what is nobody's here: another product's customer, or one whose workspace is gone."""
    if not stripe_customer_id:
        return None
    return Customer.unscoped.filter(stripe_customer_id=stripe_customer_id).first()
