"""What the app may do in Slack, for whoever is asked to allow it (S25)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from slackapp import oauth, signin
from slackapp.features import COMMAND


@require_safe
def scopes(request: HttpRequest) -> HttpResponse:
    """Each from the very table that Slack is asked with, with its reason."""
    context = {
        "always": oauth.SCOPES,
        "noisy": {**oauth.NOISY_SCOPES, **oauth.PRIVATE_SCOPES},
        "person": signin.REASONS,
        "command": COMMAND,
    }
    return render(request, "public/scopes.html", context)
