"""The one way in for Stripe's ids: whose is it here?"""

from billing.models import Customer


def customer_of_stripe(stripe_customer_id: str) -> Customer | None:
    """None for what is nobody's here: another product's customer, or one whose workspace is gone."""
    if not stripe_customer_id:
        return None
    return Customer.unscoped.filter(stripe_customer_id=stripe_customer_id).first()
