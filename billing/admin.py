"""What the people who run the service see of subscriptions: all of it, and nothing to change by hand."""

from django.contrib import admin

from accounts.operator_site import ReadOnlyAdmin
from billing.models import Customer, Invoice, StripeEvent, Subscription, UsagePeriod


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "stripe_customer_id", "delinquent", "trial_ends_at", "first_failed_at")
    list_filter = ("delinquent",)
    search_fields = ("=stripe_customer_id", "workspace__name")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "status", "plan", "quantity", "period_end", "cancel_at_period_end")
    list_filter = ("status", "plan")
    search_fields = ("=id", "customer__workspace__name", "=customer__stripe_customer_id")


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
    list_filter = ("status", "reason")
    search_fields = ("=id", "number", "customer__workspace__name")


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "type", "stripe_customer_id", "state", "attempts", "problem", "received_at")
    list_filter = ("state", "type")
    search_fields = ("=id", "=object_id", "=stripe_customer_id")


@admin.register(UsagePeriod)
class UsagePeriodAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "starts_at", "ends_at", "chats", "most_chats", "counted_to", "due_at")
    search_fields = ("workspace__name",)
