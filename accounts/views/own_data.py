"""What is held about somebody who logs in: theirs to take along, and to take away."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from accounts.actions.leaving import forget_user
from accounts.errors import Refused
from accounts.gate import recently_proved
from accounts.models import User
from accounts.own_data import everything_about, in_the_way, owned_alone
from accounts.views.own import TABS, own_page

WORD = "delete"


@own_page()
def page(request: Any) -> HttpResponse:
    return render(request, "console/account/data.html", _context(request))


def _context(request: Any) -> dict[str, Any]:
    return {
        "layout": "base_console.html" if request.member else "base_public.html",
        "own_tabs": TABS,
        "section": "account",
        "word": WORD,
        "in_the_way": in_the_way(request.user),
        "alone": owned_alone(request.user),
    }


@own_page()
@recently_proved
def file(request: Any) -> HttpResponse:
    answer = JsonResponse(
        everything_about(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = 'attachment; filename="threadbell-account.json"'
    return answer


@own_page("POST")
@recently_proved
def delete(request: Any) -> HttpResponse:
    if request.POST.get("word", "").strip().lower() != WORD:
        messages.error(request, f"Type {WORD} to confirm. Nothing was deleted.")
        return redirect("own_data")
    user = User.objects.get(pk=request.user.pk)
    try:
        forget_user(user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("own_data")
    logout(request)
    messages.success(request, "Your account is gone.")
    return redirect("home")
