"""Settings, Roles: the table of who may do what, as the product itself reads it."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts import permission_words
from accounts.gate import MemberRequest
from accounts.permissions import RANKS, ROLE_WORDS
from accounts.views.shared import console_view


@console_view("workspace.read")
def roles(request: MemberRequest) -> HttpResponse:
    context = {"rows": list(permission_words.rows()), "roles": RANKS, "role_words": ROLE_WORDS}
    return render(request, "console/settings/roles.html", context)
