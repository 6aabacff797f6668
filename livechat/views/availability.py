"""The card that says whether somebody is there and why, and where a person says otherwise (S21)."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.views.shared import console_view
from livechat import presence, standing
from livechat.access import site_for
from livechat.actions import forcing
from livechat.models import Site

# minutes, by what the form sends; none holds until it is changed
LASTS = {"": None, "30": 30, "60": 60, "180": 180, "480": 480}
LABELS = (
    ("", "until it is changed"),
    ("30", "for 30 minutes"),
    ("60", "for an hour"),
    ("180", "for three hours"),
    ("480", "for eight hours"),
)
SAID = {"online": True, "away": False}


@console_view("availability.say", "POST")
def site_availability(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, agent = site_for(request.member, site_id), agent_of(request.member)
    said, lasts = request.POST.get("said"), request.POST.get("lasts", "")
    try:
        if said in SAID and lasts in LASTS:
            minutes = LASTS[lasts]
            until = timezone.now() + timedelta(minutes=minutes) if minutes else None
            forcing.force(found, SAID[said], agent, Site.Where.CONSOLE, until)
            word = "online" if SAID[said] else "away"
            messages.success(request, f"Visitors of {found.name} see that you are {word}.")
        elif said == "auto":
            forcing.let_go(found, agent)
            messages.success(request, "Hours and people decide again whether somebody is there.")
        else:
            messages.error(request, "Choose online, away or automatic, and for how long.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("site_hours", found.id)


def context(request: MemberRequest, site: Site) -> dict[str, Any]:
    """For the card. Open for as long as somebody said so; `said` is what stands in the form."""
    now = timezone.now()
    forced = site.forced_now(now)
    found = presence.standing(site)
    return {
        "standing": found,
        "standing_words": standing.words(site, found, now),
        "said": "auto" if forced is None else "online" if forced else "away",
        "lasts": LABELS,
        "precedence": standing.PRECEDENCE,
        "may_say": may(request.member, "availability.say"),
    }
