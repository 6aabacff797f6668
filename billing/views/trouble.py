"""What somebody is told when Stripe, the bank or our own rules say no."""

from billing.errors import BillingError, Declined, Later, TooOften

NOT_NOW = (
    "Stripe does not answer just now. Look here again in a minute; if nothing has changed by then, try again."
)
TOO_OFTEN = "That was a lot in a short time. Wait a minute, then try again."
OUR_FAULT = (
    "This server and Stripe do not understand each other. Nothing was charged. Please write to support."
)


def told(error: BillingError) -> str:
    """For the person who pressed the button; what the operator needs is in the log."""
    if isinstance(error, Declined):
        return error.sentence
    if isinstance(error, TooOften):
        return TOO_OFTEN
    return NOT_NOW if isinstance(error, Later) else OUR_FAULT
