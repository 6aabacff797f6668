"""What it costs, for everybody: from the same table as the console."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.entitled import SELF_HOSTED
from billing import plans
from billing.offers import offers
from livechat.views.about import about_page


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    if not settings.STRIPE_SECRET_KEY:
        return about_page(request, "pricing_unlimited", plan=SELF_HOSTED.plan_name)
    known = {"trial": plans.TRIAL, "trial_days": plans.TRIAL_DAYS, "free": plans.FREE}
    return about_page(request, "pricing", offers=offers(), **known)
