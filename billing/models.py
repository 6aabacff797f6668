"""What Stripe has told us: a mirror that is overwritten, never added up. Ids, states and amounts; no card, no address.

Stripe is the truth. Each look at it takes a ticket before it begins, and is written only if no later look has been
written: an old answer that comes late changes nothing.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.scoping import WorkspaceManager


class Customer(models.Model):
    """One for each workspace. `stripe_customer_id` is there once somebody has gone to pay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="customer")
    stripe_customer_id = models.CharField(max_length=255, null=True, blank=True, unique=True)
    delinquent = models.BooleanField(default=False)
    # the trial without a card is ours, Stripe knows nothing of it
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    # since when the invoice that is open could not be charged; grace is counted from here
    first_failed_at = models.DateTimeField(null=True, blank=True)
    # the number of the last look at Stripe that began, and of the last one whose answer was written
    looks = models.PositiveBigIntegerField(default=0)
    written_look = models.PositiveBigIntegerField(default=0)
    # since when Stripe is asked for a customer, and with which number the key of that ends: written before the call,
    # so that whoever tries again can find what the first try has made
    asked_at = models.DateTimeField(null=True, blank=True)
    asking_number = models.PositiveIntegerField(default=0)
    # when the seats are to be counted, and Stripe told
    seats_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # when what they may have changes by the clock alone
    settle_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # how they stood when that was last settled, in the words of billing.plans and billing.standing: what every page of
    # the console tells is read from this one row, and what has changed since is found by it
    plan = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=20, blank=True)
    # when a subscription that was cancelled ends
    leaves_at = models.DateTimeField(null=True, blank=True)
    # the invoice that could not be charged, and whether the bank has asked for its owner
    bill_id = models.CharField(max_length=255, blank=True)
    bill_needs_action = models.BooleanField(default=False)

    unscoped: ClassVar[models.Manager["Customer"]] = models.Manager()
    objects = WorkspaceManager["Customer"]()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(written_look__lte=models.F("looks")), name="what_is_written_was_looked_at"
            )
        ]

    def __str__(self) -> str:
        return str(self.workspace)


class Subscription(models.Model):
    """As Stripe has it. `status` is Stripe's word, also one we do not know; `plan` is empty for a strange price."""

    id = models.CharField(primary_key=True, max_length=255)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="subscriptions")
    status = models.CharField(max_length=40)
    plan = models.CharField(max_length=20, blank=True)
    price_id = models.CharField(max_length=255)
    item_id = models.CharField(max_length=255)
    quantity = models.PositiveIntegerField()
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    trial_end = models.DateTimeField(null=True)
    cancel_at = models.DateTimeField(null=True)
    cancel_at_period_end = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    pending_update_expires_at = models.DateTimeField(null=True)
    schedule_id = models.CharField(max_length=255, blank=True)
    # the plan that begins with the next period, where another one is planned
    next_plan = models.CharField(max_length=20, blank=True)
    latest_invoice_id = models.CharField(max_length=255, blank=True)
    stripe_created = models.DateTimeField()

    class Meta:
        ordering = ("-stripe_created",)


class Invoice(models.Model):
    """The list in the console. An invoice's page is fetched from Stripe on a click: its address lets anybody in."""

    id = models.CharField(primary_key=True, max_length=255)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="invoices")
    subscription_id = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=40)
    reason = models.CharField(max_length=60, blank=True)
    total = models.BigIntegerField()
    amount_due = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    stripe_created = models.DateTimeField()

    class Meta:
        ordering = ("-stripe_created",)


class StripeEvent(models.Model):
    """That something happened, and to whom. What it says is thrown away: it may be old by the time it comes."""

    class State(models.TextChoices):
        NEW = "new", "To be looked at"
        DONE = "done", "Done"
        IGNORED = "ignored", "Of nobody here"
        DEAD = "dead", "Given up"

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=120)
    object_id = models.CharField(max_length=255, blank=True)
    stripe_customer_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="new"), name="stripe_event_to_look_at"),
            models.Index(fields=["stripe_customer_id", "state"], name="stripe_event_of_customer"),
        ]


class UsagePeriod(models.Model):
    """How many chats a workspace had in a month of its plan, as last counted. A new month is a new row: nothing is ever
    set back to nought, and a month is one row however many count it at once.

    `told_80_of` and `told_100_of`: the largest limit of which owners were told that so much is used. A larger plan is
    told of anew, the same or a smaller one never. `due_at` is the promise of the mail, null while none is owed.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    chats = models.PositiveIntegerField(default=0)
    # what the plan held when they were counted
    most_chats = models.PositiveIntegerField(null=True, blank=True)
    # whatever was begun before is counted in it
    counted_to = models.DateTimeField()
    told_80_of = models.PositiveIntegerField(default=0)
    told_100_of = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    unscoped: ClassVar[models.Manager["UsagePeriod"]] = models.Manager()
    objects = WorkspaceManager["UsagePeriod"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "starts_at"], name="one_count_for_a_month"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="months_have_days"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-counted_to"], name="usage_last_counted"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="usage_mail_due"),
        ]


class BillingMail(models.Model):
    """A promise that those who pay are told something once. `key` says of what: an invoice, a moment, a change.

    `due_at` is null once there is nothing to do any more: it was sent, was no longer true, or was given up, and then
    `problem` says why. `told` are the ids of members whose mail the server has taken.
    """

    class Kind(models.TextChoices):
        TRIAL_ENDS_SOON = "trial_ends_soon", "The trial ends soon"
        TRIAL_ENDED = "trial_ended", "The trial has ended"
        PAYMENT_FAILED = "payment_failed", "A payment failed"
        ACTION_REQUIRED = "action_required", "The bank wants a payment confirmed"
        PAYMENT_REMINDER = "payment_reminder", "It is still not paid"
        GRACE_ENDS_SOON = "grace_ends_soon", "Grace ends soon"
        GRACE_OVER = "grace_over", "Grace is over"
        RECOVERED = "recovered", "Paid after all"
        CANCELLED = "cancelled", "Cancelled for the end of the period"
        RESUMED = "resumed", "Goes on after all"
        ENDED = "ended", "Has ended"
        PLAN_CHANGED = "plan_changed", "The plan has changed"
        DOWNGRADED = "downgraded", "A smaller plan has begun"

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=255)
    due_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    told = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "key"], name="nobody_is_told_twice"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(due_at=None), name="what_is_sent_is_not_due"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="billing_mail_due")
        ]
