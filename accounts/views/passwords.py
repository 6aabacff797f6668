"""The page of allauth on which an account that has no password gets one, behind the gate of what is dangerous.

A password is a way in and a way of showing who one is: whoever sits at an unlocked screen must not make their own.
"""

from typing import Any

from allauth.account.views import password_set
from django.http import HttpResponse

from accounts.gate import recently_proved
from accounts.views.own import own_page


@own_page("GET", "HEAD", "POST")
@recently_proved
def set_password(request: Any) -> HttpResponse:
    response: HttpResponse = password_set(request)
    return response
