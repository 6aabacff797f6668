"""A page of ours with the real widget on it: owners are their own first visitors before the snippet stands anywhere."""

import uuid

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat.access import site_for


@csp_update({"script-src": [settings.WIDGET_URL]})
@console_view("sites.read")
def site_try(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    # a site that names its websites is shown on those alone (its frame-ancestors say so)
    context = {
        "site": found,
        "widget": f"{settings.WIDGET_URL}/widget.js",
        "elsewhere": found.allowed_origins,
    }
    return render(request, "console/sites/try.html", context)
