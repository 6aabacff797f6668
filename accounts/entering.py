"""Logging somebody in by other means than a password, through the same stages as with one."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse

from accounts.models import User


def enter(request: HttpRequest, user: User, then: HttpResponse, method: str) -> HttpResponse:
    """The session is rotated; `then` is where it leads, unless a stage such as a second factor comes first."""
    if request.user == user:
        return then
    response: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=then.headers["Location"]
    )
    record_authentication(request, user, method=method)
    return response
