"""The Billing tab of the settings: where the workspace stands, what is used, what was charged.

The page is drawn from the mirror; what Stripe alone can tell comes in a part of its own, and can be asked for again.
"""

import logging

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from billing import metering, overview, paying, plans
from billing.errors import BillingError
from billing.overview import Stage
from billing.views.trouble import told

log = logging.getLogger(__name__)

NOT_TOLD = (
    "Stripe alone knows your card and the next invoice, and does not tell them just now. All else goes on."
)


@console_view("billing.manage")
def page(request: MemberRequest) -> HttpResponse:
    workspace = request.member.workspace
    found = overview.overview(workspace)
    used = metering.usage(workspace)
    context = {
        "now": found,
        "words": f"console/billing/stages/{found.stage}.html",
        "used": used,
        "bars": overview.bars(used),
        "invoices": overview.invoices_of(workspace),
        "seats": overview.seats_to_pay(workspace),
        "trial": plans.TRIAL,
        "free": plans.FREE,
        "sells": found.stage != Stage.UNLIMITED,
        "is_back": "back" in request.GET,
    }
    return render(request, "console/billing/page.html", context)


@console_view("billing.manage")
def told_by_stripe(request: MemberRequest) -> HttpResponse:
    """The card, and what is charged next: known to Stripe alone."""
    workspace = request.member.workspace
    try:
        context: dict[str, object] = {"card": paying.card(workspace), "upcoming": paying.upcoming(workspace)}
    except BillingError as error:
        log.warning("Stripe could not be asked for a card: %s", error.problem)
        context = {"problem": NOT_TOLD}
    return render(request, "console/billing/told.html", context)


@console_view("billing.manage")
def news(request: MemberRequest) -> HttpResponse:
    """Somebody was on a page of Stripe's: whether anything is other than what their page shows (`seen`)."""
    workspace = request.member.workspace
    try:
        paying.returned(workspace)
    except BillingError as error:
        log.warning("a look at Stripe failed: %s", error.problem)
    if overview.overview(workspace).mark == request.GET.get("seen"):
        return HttpResponse(status=204)
    return HttpResponseClientRedirect(redirect("billing").url)


@console_view("billing.manage")
def invoice(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """On to Stripe's page of it, to read, print or pay. Its address lets anybody in: it is fetched for this click."""
    try:
        address = paying.invoice_address(request.member.workspace, invoice_id)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    except BillingError as error:
        messages.error(request, told(error))
    else:
        return away(address)
    return redirect("billing")


def away(address: str) -> HttpResponse:
    """To one of Stripe's pages. Nobody keeps this answer: the address opens the page for whoever has it."""
    return HttpResponseRedirect(address)


def back_at(path: str) -> str:
    """An address for Stripe's buttons *Back*."""
    return f"{settings.CONSOLE_URL}{path}"
