from django.urls import path

from billing.views import choosing, owing, prices, returning, tab

urlpatterns = [
    path("pricing", prices.pricing, name="pricing"),
    path("console/settings/billing", tab.page, name="billing"),
    path("console/settings/billing/stripe", tab.told_by_stripe, name="billing_stripe"),
    path("console/settings/billing/news", tab.news, name="billing_news"),
    path("console/settings/billing/invoices/<str:invoice_id>", tab.invoice, name="billing_invoice"),
    path("console/settings/billing/plan", choosing.picker, name="billing_plan"),
    path("console/settings/billing/plan/<slug:key>", choosing.plan, name="billing_plan_change"),
    path("console/settings/billing/plan/<slug:key>/preview", choosing.preview, name="billing_preview"),
    path("console/settings/billing/plan/<slug:key>/buy", choosing.buy, name="billing_buy"),
    path("console/settings/billing/plan/<slug:key>/confirm", choosing.change, name="billing_change"),
    path("console/settings/billing/cancel", choosing.leave, name="billing_leave"),
    path("console/settings/billing/cancel/confirm", choosing.cancel, name="billing_cancel"),
    path("console/settings/billing/resume", choosing.resume, name="billing_resume"),
    path("console/settings/billing/portal", choosing.portal, name="billing_portal"),
    path("console/settings/billing/return", returning.page, name="billing_return"),
    path("console/settings/billing/return/state", returning.looked, name="billing_returned"),
    path("console/settings/billing/pay", owing.pay, name="billing_pay"),
]
