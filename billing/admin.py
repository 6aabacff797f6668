"""What the people who run the service see of subscriptions: all of it, and nothing to change by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from accounts.operator_site import ReadOnlyAdmin
from billing import figures, tasks
from billing.actions import events
from billing.actions.mirroring import live_subscription
from billing.checks import STRIPES_OWN
from billing.models import BillingMail, Customer, Invoice, StripeEvent, Subscription, UsagePeriod
from billing.plans import PLANS, of_key
from billing.standing import KNOWN, OVER, PAYS_TWICE, Why, is_paid_for, oddities, standing

DASHBOARD = "https://dashboard.stripe.com"
WHY = {
    Why.NO_PLAN: "has no plan",
    Why.TRIAL: "on trial",
    Why.PAID: "paid",
    Why.GRACE: "past due, in grace",
    Why.OVERDUE: "past due, grace is over",
    Why.PAUSED: "paused at Stripe",
}
Rows = QuerySet[Any]


def dashboard(stripe_customer_id: str | None) -> str:
    """The page of a customer in Stripe's dashboard; empty where there is none, as with a Stripe of one's own."""
    if not stripe_customer_id or settings.STRIPE_API_URL != STRIPES_OWN:
        return ""
    return f"{DASHBOARD}/{'' if settings.STRIPE_LIVEMODE else 'test/'}customers/{stripe_customer_id}"


class Stands(admin.SimpleListFilter):
    title = "how it stands"
    parameter_name = "stands"
    which: dict[str, tuple[str, Callable[[Rows, datetime], Rows]]] = {
        "paying": ("Paying", lambda rows, now: figures.paid_by(rows)),
        "past_due": ("Past due", lambda rows, now: rows.filter(figures.having(figures.PAST_DUE))),
        "trial": ("On trial", figures.on_trial),
        "leaving": ("Leaving", lambda rows, now: rows.filter(figures.having(figures.LEAVING))),
        "odd": ("Not understood", lambda rows, now: rows.filter(figures.having(figures.ODD))),
        "dead": ("With events given up", lambda rows, now: figures.with_dead_events(rows)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, words) for key, (words, _) in self.which.items()]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        found = self.which.get(self.value() or "")
        return found[1](queryset, timezone.now()) if found is not None else queryset


class Bought(admin.SimpleListFilter):
    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(plan.key, plan.name) for plan in PLANS if plan.price is not None]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        chosen = of_key(self.value() or "")
        if chosen is None:
            return queryset
        return queryset.filter(figures.having(figures.LIVE & Q(plan=chosen.key)))


class Inline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SubscriptionInline(Inline):
    model = Subscription
    fields = readonly_fields = ("id", "status", "plan", "quantity", "period_end", "cancel_at_period_end")


class InvoiceInline(Inline):
    model = Invoice
    fields = readonly_fields = (
        "number",
        "status",
        "reason",
        "total",
        "currency",
        "attempts",
        "stripe_created",
    )


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """One row for each workspace, as it stands in this moment."""

    list_display = (
        "workspace",
        "has_now",
        "status",
        "seats",
        "runs_until",
        "grace_since",
        "given_up",
        "at_stripe",
    )
    list_filter = (Stands, Bought)
    search_fields = ("=stripe_customer_id", "=subscriptions__id", "workspace__name")
    ordering = ("workspace__name",)
    actions = ("look_again", "try_dead_events_again")
    readonly_fields = ("has_now", "status", "what_is_odd", "at_stripe")
    inlines = (SubscriptionInline, InvoiceInline)

    def get_queryset(self, request: HttpRequest) -> Rows:
        dead = StripeEvent.objects.filter(
            state=StripeEvent.State.DEAD, stripe_customer_id=OuterRef("stripe_customer_id")
        )
        counted = dead.order_by().values("stripe_customer_id").annotate(n=Count("pk")).values("n")
        rows = super().get_queryset(request).prefetch_related("subscriptions")
        found: Rows = rows.annotate(dead_events=Subquery(counted))
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        told = {"figures": figures.figures(timezone.now()), "has_key": bool(settings.STRIPE_SECRET_KEY)}
        return super().changelist_view(request, {**(extra_context or {}), **told})

    @admin.display(description="has now")
    def has_now(self, customer: Customer) -> str:
        where = standing(customer, live_subscription(customer), timezone.now())
        return f"{where.plan.name}, {WHY[where.why]}"

    @admin.display(description="status at Stripe")
    def status(self, customer: Customer) -> str:
        live = live_subscription(customer)
        if live is None:
            return "–"
        return format_html("{}<br>⚠ pays twice", _marked(live)) if _pays_twice(customer) else _marked(live)

    @admin.display(description="not understood")
    def what_is_odd(self, customer: Customer) -> str:
        live = live_subscription(customer)
        found = oddities(live) if live is not None else []
        if _pays_twice(customer):
            found.append(f"It {PAYS_TWICE}")
        return " ".join(found) or "–"

    @admin.display(description="seats")
    def seats(self, customer: Customer) -> str:
        live = live_subscription(customer)
        return str(live.quantity) if live is not None else "–"

    @admin.display(description="runs until")
    def runs_until(self, customer: Customer) -> str:
        live = live_subscription(customer)
        if live is None:
            return _day(customer.trial_ends_at)
        return _day(live.cancel_at or live.period_end) + (", then ends" if _leaves(live) else "")

    @admin.display(description="in grace since", ordering="first_failed_at")
    def grace_since(self, customer: Customer) -> str:
        return _day(customer.first_failed_at)

    @admin.display(description="events given up", ordering="dead_events")
    def given_up(self, customer: Customer) -> str:
        return str(getattr(customer, "dead_events", None) or "–")

    @admin.display(description="at Stripe")
    def at_stripe(self, customer: Customer) -> str:
        address = dashboard(customer.stripe_customer_id)
        if not address:
            return customer.stripe_customer_id or "never went to pay"
        return format_html('<a href="{}" rel="noreferrer">{}</a>', address, customer.stripe_customer_id or "")

    @admin.action(description="Look at Stripe again")
    def look_again(self, request: HttpRequest, queryset: Rows) -> None:
        known = queryset.exclude(stripe_customer_id=None).values_list("stripe_customer_id", flat=True)
        many = events.ask_for(str(one) for one in known)
        if not many:
            self.message_user(
                request, "None of them is known at Stripe: there is nothing to look at.", messages.WARNING
            )
            return
        _ring(self, request, f"Stripe is looked at again for {_counted(many, 'workspace')}.")

    @admin.action(description="Try events that were given up again")
    def try_dead_events_again(self, request: HttpRequest, queryset: Rows) -> None:
        owners = queryset.exclude(stripe_customer_id=None).values("stripe_customer_id")
        _try_again(self, request, StripeEvent.objects.filter(stripe_customer_id__in=owners))


class Understood(admin.SimpleListFilter):
    title = "understood"
    parameter_name = "understood"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Not understood")]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset.filter(figures.ODD) if self.value() == "no" else queryset


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "said", "plan", "quantity", "period_end", "cancel_at_period_end")
    list_select_related = ("customer__workspace",)
    list_filter = (Understood, "status", "plan")
    search_fields = ("=id", "customer__workspace__name", "=customer__stripe_customer_id")
    readonly_fields = ("said", "what_is_odd")

    @admin.display(description="not understood")
    def what_is_odd(self, subscription: Subscription) -> str:
        return " ".join(oddities(subscription)) or "–"

    @admin.display(description="status", ordering="status")
    def said(self, subscription: Subscription) -> str:
        return _marked(subscription)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "customer",
        "status",
        "reason",
        "total",
        "currency",
        "attempts",
        "stripe_created",
    )
    list_select_related = ("customer__workspace",)
    list_filter = ("status", "reason")
    search_fields = ("=id", "number", "customer__workspace__name")


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "type", "stripe_customer_id", "state", "attempts", "problem", "received_at")
    list_filter = ("state", "type")
    search_fields = ("=id", "=object_id", "=stripe_customer_id")
    actions = ("try_dead_events_again",)

    @admin.action(description="Try events that were given up again")
    def try_dead_events_again(self, request: HttpRequest, queryset: Rows) -> None:
        _try_again(self, request, queryset)


@admin.register(UsagePeriod)
class UsagePeriodAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "starts_at", "ends_at", "chats", "most_chats", "counted_to", "due_at")
    search_fields = ("workspace__name",)


@admin.register(BillingMail)
class BillingMailAdmin(ReadOnlyAdmin):
    list_display = ("kind", "customer", "key", "due_at", "sent_at", "attempts", "problem")
    list_filter = ("kind",)
    list_select_related = ("customer__workspace",)
    search_fields = ("=key", "customer__workspace__name")


def _try_again(page: ReadOnlyAdmin, request: HttpRequest, rows: Rows) -> None:
    many = events.try_again(rows.order_by().values_list("pk", flat=True))
    if not many:
        page.message_user(request, "None of their events was given up.", messages.WARNING)
        return
    _ring(
        page,
        request,
        f"{_counted(many, 'event')} that had been given up {'is' if many == 1 else 'are'} tried again.",
    )


def _ring(page: ReadOnlyAdmin, request: HttpRequest, sentence: str) -> None:
    tasks.ring()
    page.message_user(request, f"{sentence} Reload this page in a moment.", messages.SUCCESS)


def _marked(subscription: Subscription) -> str:
    """Stripe's word, with a mark at what is not understood; the row's own page says what that means."""
    unknown = [
        thing
        for thing, is_odd in (("status", subscription.status not in KNOWN), ("price", not subscription.plan))
        if is_odd and subscription.status not in OVER
    ]
    if not unknown:
        return subscription.status
    return format_html("<strong>⚠ {}</strong>, unknown {}", subscription.status, " and ".join(unknown))


def _pays_twice(customer: Customer) -> bool:
    return len([row for row in customer.subscriptions.all() if is_paid_for(row.status)]) > 1


def _leaves(subscription: Subscription) -> bool:
    return subscription.cancel_at_period_end or subscription.cancel_at is not None


def _day(moment: datetime | None) -> str:
    return f"{moment:%-d\N{NO-BREAK SPACE}%b\N{NO-BREAK SPACE}%Y}" if moment is not None else "–"


def _counted(many: int, thing: str) -> str:
    return f"{many:,} {thing}{'' if many == 1 else 's'}"
