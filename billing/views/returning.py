"""Back from Stripe's Checkout: thank you, or nothing was bought. Which of the two, only a look at Stripe says."""

import logging

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from billing import overview, paying, plans
from billing.errors import BillingError
from billing.overview import Stage

log = logging.getLogger(__name__)

# one every two seconds, counted by the page
MOST_LOOKS = 15
# Stripe has the subscription before it leads back to us: who is found without one has bought nothing
ENOUGH_LOOKS = 2


@console_view("billing.manage")
def page(request: MemberRequest) -> HttpResponse:
    """From the mirror: the webhook may have been quicker than the browser."""
    return _render(request, "console/billing/return.html", looks=0, seen=0)


@console_view("billing.manage")
def looked(request: MemberRequest) -> HttpResponse:
    """A part of that page, asked for until it knows. `seen`: how often Stripe has answered."""
    looks, seen = _count(request, "looks") + 1, _count(request, "seen")
    try:
        paying.returned(request.member.workspace)
        seen += 1
    except BillingError as error:
        log.warning("a look at Stripe failed: %s", error.problem)
    return _render(request, "console/billing/returned.html", looks=looks, seen=seen)


def _render(request: MemberRequest, template: str, looks: int, seen: int) -> HttpResponse:
    found = overview.overview(request.member.workspace)
    if found.stage == Stage.UNLIMITED:
        return redirect("billing")
    context = {
        "now": found,
        "wanted": plans.of_key(request.GET.get("plan", "")),
        "state": _state(found, looks, seen),
        "looks": looks,
        "seen": seen,
    }
    return render(request, template, context)


def _state(found: overview.Overview, looks: int, seen: int) -> str:
    if found.stage in (Stage.PAID, Stage.CHANGING):
        return "bought"
    if seen >= ENOUGH_LOOKS:
        return "nothing"
    return "silence" if looks >= MOST_LOOKS else "waiting"


def _count(request: MemberRequest, name: str) -> int:
    said = request.GET.get(name, "")
    return min(int(said), MOST_LOOKS) if said.isdecimal() and len(said) < 4 else 0
