"""Choosing a plan, leaving one, and giving a card: each shows what it costs before anything is done."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.views.shared import console_view
from billing import changing, metering, overview, paying, plans
from billing.errors import BillingError
from billing.metering import Usage
from billing.offers import Offer, offers
from billing.overview import Overview, Stage
from billing.plans import FREE, Plan
from billing.views.tab import away, back_at
from billing.views.trouble import told

log = logging.getLogger(__name__)

CONFIRM = "Your bank wants you to confirm the payment. Until then everything stays as it is."
CHANGED = "{plan} is active."
PLANNED = "{plan} begins when what you have paid for is over."
CANCELLED = "Cancelled. You keep what you have paid for until its last day."
KEPT = "Everything stays as it was: your plan goes on."


@console_view("billing.manage")
def picker(request: MemberRequest) -> HttpResponse:
    found = overview.overview(request.member.workspace)
    if found.stage == Stage.UNLIMITED:
        return redirect("billing")
    seats, used = overview.seats_to_pay(request.member.workspace), metering.usage(request.member.workspace)
    choices = [_choice(found, one, seats, used) for one in offers()]
    context = {"now": found, "choices": choices, "seats": seats}
    return render(request, "console/billing/picker.html", context)


def _choice(found: Overview, offer: Offer, seats: int, used: Usage) -> dict[str, Any]:
    """`act`: what the button under a plan does."""
    mine = found.bought if found.is_customer else FREE if found.stage == Stage.FREE else None
    return {
        "offer": offer,
        "is_mine": offer.plan == mine,
        "act": _act(found, offer.plan, mine),
        "monthly": overview.monthly_for(offer.plan, seats),
        "too_many": overview.too_many(offer.plan, used),
    }


def _act(found: Overview, plan: Plan, mine: Plan | None) -> str:
    if plan == mine:
        return "keep" if found.may_stay else ""
    if not found.is_customer:
        return "buy" if plan.price is not None else ""
    if plan.price is None:
        return "leave" if found.may_end else ""
    return "change" if found.may_change else ""


@console_view("billing.manage")
def plan(request: MemberRequest, key: str) -> HttpResponse:
    """What a change would be. The sums are Stripe's, and come in a part of their own."""
    wanted, found = _wanted(key), overview.overview(request.member.workspace)
    if not found.may_change or wanted == found.bought:
        return redirect("billing_plan")
    misfits = changing.too_small(request.member.workspace, wanted)
    return render(request, "console/billing/plan.html", {"now": found, "wanted": wanted, "misfits": misfits})


@console_view("billing.manage")
def preview(request: MemberRequest, key: str) -> HttpResponse:
    wanted = _wanted(key)
    context: dict[str, Any] = {"wanted": wanted}
    try:
        context["preview"] = paying.preview(request.member.workspace, wanted.key)
    except Refused as refusal:
        context["problem"] = refusal.sentence
    except BillingError as error:
        log.warning("Stripe could not be asked for a preview: %s", error.problem)
        context |= {"problem": told(error), "again": True}
    return render(request, "console/billing/preview.html", context)


@console_view("billing.manage", "POST")
@recently_proved
def buy(request: MemberRequest, key: str) -> HttpResponse:
    """On to Stripe's Checkout, which takes the card."""
    wanted = _wanted(key)
    back = back_at(f"{resolve_url('billing_return')}?plan={wanted.key}")
    return _done(
        request, lambda: away(paying.checkout(request.member, wanted.key, back=back)), "billing_plan"
    )


@console_view("billing.manage", "POST")
@recently_proved
def change(request: MemberRequest, key: str) -> HttpResponse:
    wanted = _wanted(key)

    def do() -> HttpResponse:
        done = paying.change(request.member, wanted.key, request.POST.get("seen", ""))
        say = messages.warning if done.state == "confirm" else messages.success
        sentences = {"confirm": CONFIRM, "at_period_end": PLANNED, "done": CHANGED}
        say(request, sentences[done.state].format(plan=wanted.name))
        return redirect("billing")

    return _done(request, do, "billing_plan")


@console_view("billing.manage")
def leave(request: MemberRequest) -> HttpResponse:
    """What cancelling means, before it is done."""
    found = overview.overview(request.member.workspace)
    if not found.may_end:
        return redirect("billing")
    misfits = changing.too_small(request.member.workspace, FREE)
    return render(request, "console/billing/leave.html", {"now": found, "free": FREE, "misfits": misfits})


@console_view("billing.manage", "POST")
@recently_proved
def cancel(request: MemberRequest) -> HttpResponse:
    return _done(request, lambda: _said(request, CANCELLED, paying.cancel), "billing")


@console_view("billing.manage", "POST")
@recently_proved
def resume(request: MemberRequest) -> HttpResponse:
    return _done(request, lambda: _said(request, KEPT, paying.resume), "billing")


@console_view("billing.manage", "POST")
@recently_proved
def portal(request: MemberRequest) -> HttpResponse:
    """Stripe's pages for the card, the address and the tax id."""
    flow = "payment_method_update" if request.POST.get("flow") == "card" else ""
    back = back_at(f"{resolve_url('billing')}?back")
    return _done(request, lambda: away(paying.portal(request.member, back=back, flow=flow)), "billing")


def _said(request: MemberRequest, sentence: str, do: Callable[..., None]) -> HttpResponse:
    do(request.member)
    messages.success(request, sentence)
    return redirect("billing")


def _done(request: MemberRequest, do: Callable[[], HttpResponse], otherwise: str) -> HttpResponse:
    """What was refused is said on the page called `otherwise`."""
    try:
        return do()
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    except BillingError as error:
        log.warning("Stripe did not do what was asked: %s", error.problem)
        messages.error(request, told(error))
    return redirect(otherwise)


def _wanted(key: str) -> Plan:
    """A plan that is sold."""
    found = plans.of_key(key)
    if found is None or found.price is None:
        raise Http404("There is no such plan.")
    return found
