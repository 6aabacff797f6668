"""The words of the mails to those who pay: what has happened, what it means, and the one thing to do next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.names import clean_name
from billing.bills import PAGE, PAY
from billing.models import BillingMail, Invoice
from billing.money import written
from billing.offers import counted
from billing.owed import Case
from billing.plans import FREE, of_key
from billing.standing import GRACE

Kind = BillingMail.Kind
STAYS = "Nothing is deleted, and what visitors write goes on arriving."


@dataclass(frozen=True, slots=True)
class Letter:
    """`lines` are paragraphs; `link` are the words of the one link, to `address` in our own console."""

    subject: str
    lines: tuple[str, ...]
    link: str
    address: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`plan`: the name of what they have, or bought and cannot pay. `of_key`: what the mail's key begins with."""

    case: Case
    name: str
    plan: str
    of_key: str


Words = tuple[str, tuple[str, ...], str, str]


def letter(mail: BillingMail, case: Case) -> Letter:
    name = clean_name(case.customer.workspace.name, 60)
    facts = Facts(case, name, _plan(case), mail.key.partition(":")[0])
    subject, lines, link, page = WORDS[Kind(mail.kind)](facts)
    return Letter(subject, lines, link, f"{settings.CONSOLE_URL}{reverse(page)}", name)


def day(moment: datetime | None) -> str:
    return f"{moment:%-d %B %Y}" if moment is not None else ""


def free_holds() -> str:
    """Of the table of plans, so that it is never another number than the prices say."""
    has = FREE.entitlements
    sites, seats = counted(has.most_sites or 0, "site"), counted(has.most_seats or 0, "agent")
    return f"{sites}, {seats} and {counted(has.most_chats or 0, 'chat')} a month"


def _plan(case: Case) -> str:
    bought = of_key(case.subscription.plan) if case.subscription is not None else None
    return (bought or case.standing.plan).name


def _bill(facts: Facts, invoice_id: str) -> Invoice | None:
    return Invoice.objects.filter(customer=facts.case.customer, pk=invoice_id).first()


def _sum(bill: Invoice | None) -> str:
    return f" of {written(bill.amount_due, bill.currency)}" if bill is not None else ""


def _goes_on_until(facts: Facts) -> str:
    until = facts.case.standing.until
    if until is None:
        return "Until it is paid everything goes on as before."
    return (
        f"Until {day(until)} everything goes on as before. "
        f"After that {facts.name} goes on with Free: {free_holds()}."
    )


# --- one for each kind --------------------------------------------------------------------------------------------


def _trial_ends_soon(facts: Facts) -> Words:
    return (
        f"The trial of {facts.name} ends on {day(facts.case.standing.until)}",
        (
            f"{facts.name} has tried {facts.plan} without paying. The trial ends on {day(facts.case.standing.until)}.",
            f"If you choose no plan until then, it goes on with Free: {free_holds()}. {STAYS}",
        ),
        "Choose a plan",
        PAGE,
    )


def _trial_ended(facts: Facts) -> Words:
    return (
        f"The trial of {facts.name} has ended",
        (
            f"{facts.name} goes on with Free now: {free_holds()}. {STAYS}",
            "New sites and agents beyond that wait until you choose a plan.",
        ),
        "Choose a plan",
        PAGE,
    )


def _payment_failed(facts: Facts) -> Words:
    bill = _bill(facts, facts.of_key)
    again = bill.next_attempt_at if bill is not None else None
    # an hour past is no date to tell: the next look brings the new one
    soon = f"It is tried again on {day(again)}." if again and again > facts.case.now else ""
    return (
        f"A payment for {facts.name} did not go through",
        (
            f"The payment{_sum(bill)} for {facts.plan} did not go through. {soon}".strip(),
            f"{_goes_on_until(facts)} Please look at your card, or pay with another one.",
        ),
        "Look at the payment",
        PAGE,
    )


def _action_required(facts: Facts) -> Words:
    return (
        f"Please confirm a payment for {facts.name}",
        (
            f"Your bank wants you to confirm the payment{_sum(_bill(facts, facts.of_key))} for {facts.plan}. "
            "It cannot be charged without you.",
            _goes_on_until(facts),
        ),
        "Confirm payment",
        PAY,
    )


def _payment_reminder(facts: Facts) -> Words:
    needs_action = facts.case.customer.bill_needs_action
    what = "confirmed" if needs_action else "paid"
    return (
        f"A payment for {facts.name} is still not {what}",
        (
            f"The payment{_sum(_bill(facts, facts.of_key))} for {facts.plan} is still not {what}.",
            _goes_on_until(facts),
        ),
        "Confirm payment" if needs_action else "Look at the payment",
        PAY if needs_action else PAGE,
    )


def _grace_ends_soon(facts: Facts) -> Words:
    until = day(facts.case.standing.until)
    return (
        f"{facts.plan} stops for {facts.name} on {until}",
        (
            f"A payment for {facts.plan} has been open for more than a week. If it is not paid until {until}, "
            f"{facts.name} goes on with Free: {free_holds()}.",
            f"{STAYS} New sites and agents beyond Free are refused, and your logo gives way to ours.",
        ),
        "Pay now",
        PAY if facts.case.customer.bill_id else PAGE,
    )


def _grace_over(facts: Facts) -> Words:
    return (
        f"{facts.plan} has stopped for {facts.name}",
        (
            f"A payment for {facts.plan} has been open for {GRACE.days} days. "
            f"{facts.name} goes on with Free now: {free_holds()}.",
            f"{STAYS} New sites and agents beyond Free are refused. Once it is paid, everything is as it was.",
        ),
        "Pay now",
        PAY if facts.case.customer.bill_id else PAGE,
    )


def _recovered(facts: Facts) -> Words:
    bill = _bill(facts, facts.of_key)
    return (
        f"The payment for {facts.name} has arrived",
        (f"The payment{_sum(bill)} for {facts.plan} has arrived. Thank you. There is nothing left to do.",),
        "Your plan and invoices",
        PAGE,
    )


def _cancelled(facts: Facts) -> Words:
    until = day(facts.case.customer.leaves_at)
    return (
        f"{facts.plan} for {facts.name} is cancelled and ends on {until}",
        (
            f"{facts.plan} is cancelled. You have it until {until}, and nothing more is charged for it.",
            f"After that {facts.name} goes on with Free: {free_holds()}. {STAYS}",
            "If that was not meant, you can take it back until then.",
        ),
        "Keep the plan",
        PAGE,
    )


def _resumed(facts: Facts) -> Words:
    return (
        f"{facts.plan} for {facts.name} goes on",
        (f"The cancellation is taken back. {facts.plan} goes on and is charged as before.",),
        "Your plan and invoices",
        PAGE,
    )


def _ended(facts: Facts) -> Words:
    plan = of_key(facts.of_key) or FREE
    return (
        f"{plan.name} for {facts.name} has ended",
        (
            f"{plan.name} has ended and is not charged any more. {facts.name} has "
            f"{facts.case.standing.plan.name} now.",
            f"{STAYS} With Free there is room for {free_holds()}. You can choose a plan again at any time.",
        ),
        "Choose a plan",
        PAGE,
    )


def _plan_changed(facts: Facts) -> Words:
    return (
        f"{facts.name} has {facts.plan} now",
        (
            f"{facts.name} has {facts.plan} from now on. What it holds and what it costs stands in the console.",
        ),
        "Your plan and invoices",
        PAGE,
    )


def _downgraded(facts: Facts) -> Words:
    has = facts.case.standing.plan.entitlements
    return (
        f"{facts.name} has {facts.plan} now",
        (
            f"As you have chosen, {facts.name} has {facts.plan} from now on: {counted(has.most_sites or 0, 'site')}, "
            f"{counted(has.most_seats or 0, 'agent')} and {counted(has.most_chats or 0, 'chat')} a month.",
            "Sites and agents beyond that stay; new ones are refused until there is room.",
        ),
        "Your plan and invoices",
        PAGE,
    )


WORDS: dict[BillingMail.Kind, Callable[[Facts], Words]] = {
    Kind.TRIAL_ENDS_SOON: _trial_ends_soon,
    Kind.TRIAL_ENDED: _trial_ended,
    Kind.PAYMENT_FAILED: _payment_failed,
    Kind.ACTION_REQUIRED: _action_required,
    Kind.PAYMENT_REMINDER: _payment_reminder,
    Kind.GRACE_ENDS_SOON: _grace_ends_soon,
    Kind.GRACE_OVER: _grace_over,
    Kind.RECOVERED: _recovered,
    Kind.CANCELLED: _cancelled,
    Kind.RESUMED: _resumed,
    Kind.ENDED: _ended,
    Kind.PLAN_CHANGED: _plan_changed,
    Kind.DOWNGRADED: _downgraded,
}
