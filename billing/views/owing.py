"""From a mail or a banner to the one page of Stripe's where an open payment is confirmed or made."""

import logging

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from billing import paying
from billing.access import customer_of
from billing.bills import PAGE
from billing.errors import BillingError
from billing.views.tab import away
from billing.views.trouble import told

log = logging.getLogger(__name__)

NOTHING_OPEN = "Nothing is waiting to be paid."


@console_view("billing.manage")
def pay(request: MemberRequest) -> HttpResponse:
    """The address lets anybody in who has it: it is asked for on this click, and stands in no mail and no row."""
    customer = customer_of(request.member.workspace)
    try:
        if customer is not None and customer.bill_id:
            address = paying.invoice_address(request.member.workspace, customer.bill_id)
            return away(address)
        messages.info(request, NOTHING_OPEN)
    except (NotFound, Refused):
        messages.info(request, NOTHING_OPEN)
    except BillingError as error:
        log.warning("the page of an invoice could not be had: %s", error.problem)
        messages.error(request, told(error))
    return redirect(PAGE)
