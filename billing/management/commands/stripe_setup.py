from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing import setting_up
from billing.errors import BillingError, Later, Shut
from billing.setting_up import Endpoint, Sold

NO_KEY = "STRIPE_SECRET_KEY is not set: without it nothing is sold, and there is nothing to set up."


class Command(BaseCommand):
    help = (
        "Makes in your Stripe account what is needed there: products and prices, the customer portal's settings and "
        "the endpoint of events. Harmless to repeat: what is there stays."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.STRIPE_SECRET_KEY:
            raise CommandError(NO_KEY)
        try:
            sold = setting_up.sell()
            self._tell_prices(sold)
            self.stdout.write(f"The customer portal is set up: {setting_up.open_portal(sold)}.")
            self._tell_endpoint(setting_up.listen())
        except BillingError as error:
            raise CommandError(f"{_mend(error)} ({error.problem})") from error

    def _tell_prices(self, sold: list[Sold]) -> None:
        for one in sold:
            self.stdout.write(f"{one.lookup_key} {'was made' if one.is_new else 'is there'}: {one.price_id}.")
            if one.odd:
                self.stderr.write(
                    f"{one.odd}. A price that somebody pays is never changed: give the new one a new lookup key in "
                    "billing/plans.py, or mend it at Stripe."
                )

    def _tell_endpoint(self, found: Endpoint) -> None:
        if found.secret:
            self.stdout.write(
                f"The endpoint {found.id} was made for {found.url}. Its secret is told only now:\n"
                f"STRIPE_WEBHOOK_SECRET={found.secret}\nSet it and restart."
            )
        else:
            self.stdout.write(f"The endpoint {found.id} is there for {found.url}.")
        for name in found.others:
            self.stderr.write(
                f"{name} has the same address, and is switched off or tells in another version, which is refused. "
                "Delete it at Stripe once the new secret is set."
            )


def _mend(error: BillingError) -> str:
    if isinstance(error, Shut):
        return (
            "Stripe does not take STRIPE_SECRET_KEY for this. Setting up needs a key that may write Products, Prices, "
            "Customer portal and Webhook endpoints; the server itself needs less."
        )
    if isinstance(error, Later):
        return "Stripe could not be reached, or is busy. Try again in a minute; nothing is made twice."
    return f"Stripe refused it. It must be able to reach {settings.PUBLIC_URL} (PUBLIC_URL), in live mode over https."
