"""The events that the sandbox can send; an endpoint may ask for no others."""

EVENT_TYPES = frozenset(
    """
    charge.dispute.closed charge.dispute.created charge.refunded
    checkout.session.async_payment_failed checkout.session.async_payment_succeeded
    checkout.session.completed checkout.session.expired
    customer.created customer.deleted customer.updated
    customer.subscription.created customer.subscription.deleted customer.subscription.paused
    customer.subscription.pending_update_applied customer.subscription.pending_update_expired
    customer.subscription.resumed customer.subscription.trial_will_end customer.subscription.updated
    customer.tax_id.created customer.tax_id.deleted
    entitlements.active_entitlement_summary.updated
    invoice.created invoice.finalization_failed invoice.finalized invoice.marked_uncollectible invoice.overdue
    invoice.paid invoice.payment_action_required invoice.payment_failed invoice.upcoming invoice.voided
    payment_method.attached payment_method.automatically_updated payment_method.detached
    radar.early_fraud_warning.created
    subscription_schedule.aborted subscription_schedule.canceled subscription_schedule.created
    subscription_schedule.released subscription_schedule.updated
    """.split()
)
