"""System checks of Stripe's keys: what would take money by mistake, or write down who pays, is refused at start."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

STRIPES_OWN = "https://api.stripe.com"
SECRET_KEYS = ("sk_live_", "rk_live_", "sk_test_", "rk_test_")


@register(Tags.security)
def stripes_keys(**_: Any) -> list[CheckMessage]:
    if not settings.STRIPE_SECRET_KEY:
        return []
    found: list[CheckMessage] = []
    if not settings.STRIPE_SECRET_KEY.startswith(SECRET_KEYS):
        found.append(
            Error(
                "STRIPE_SECRET_KEY is no secret key of Stripe.",
                hint="Take the secret or restricted key (sk_… or rk_…) from Stripe's dashboard, under API keys.",
                id="billing.E001",
            )
        )
    if any(not secret.startswith("whsec_") for secret in settings.STRIPE_WEBHOOK_SECRETS):
        found.append(
            Error(
                "STRIPE_WEBHOOK_SECRET is no signing secret of a webhook endpoint.",
                hint="It begins with whsec_ and stands beside the endpoint in Stripe's dashboard under Webhooks.",
                id="billing.E002",
            )
        )
    if settings.STRIPE_LIVEMODE and settings.STRIPE_API_URL != STRIPES_OWN:
        found.append(
            Error(
                "STRIPE_SECRET_KEY is a live key, and STRIPE_API_URL is not Stripe: the key would be sent elsewhere.",
                hint="Take STRIPE_API_URL out of the environment, or use a test key.",
                id="billing.E003",
            )
        )
    return [*found, *_talkative_library()]


def _talkative_library() -> list[CheckMessage]:
    if os.environ.get("STRIPE_LOG") not in ("debug", "info"):
        return []
    return [
        Error(
            "STRIPE_LOG is set: Stripe's library prints who pays, and pages that let their holder in.",
            hint="Take STRIPE_LOG out of the environment.",
            id="billing.E004",
        )
    ]
