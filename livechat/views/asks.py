"""What a site asks of its visitors: before a chat, while nobody is there, and after it (W6, W7, W8)."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat import question_forms, questions
from livechat.access import site_for
from livechat.actions import sites as actions
from livechat.models import Site
from livechat.question_forms import BLANK, KINDS, AsksForm, Row, asks_form_of
from livechat.views.looks import STATES, preview_config
from livechat.views.site_pages import by_method, page

SHOWN = ("new", "sent", "away", "ended")
TOO_MANY = f"At most {questions.MOST} questions. Visitors answer few of them gladly."


@console_view("sites.read")
def _asks(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    rows = question_forms.rows_of(questions.of(found))
    return _page(request, found, asks_form_of(found), rows)


@console_view("sites.edit", "POST")
def _save(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), AsksForm(request.POST)
    rows = question_forms.sent_rows(request.POST)
    problem = TOO_MANY if len(rows) > questions.MOST else ""
    if not form.is_valid() or problem or any(row.error for row in rows):
        return _page(request, found, form, rows, problem, status=422)
    asked, absent = form.form_with(rows), form.away()
    actions.set_asks(request.member, found, asked, absent, asks_rating=form.cleaned_data["asks_rating"])
    messages.success(request, "Saved. Visitors meet it when they open or reload a page.")
    return redirect("site_form", found.id)


site_form = by_method(_asks, _save)


def _page(
    request: MemberRequest,
    site: Site,
    form: AsksForm,
    rows: list[Row],
    problem: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    shown: dict[str, Any] = {"form": form, "rows": rows, "problem": problem, "blank": BLANK, "kinds": KINDS}
    states = {name: STATES[name] for name in SHOWN}
    beside = {"most": questions.MOST, "states": states, "saved": preview_config(site)}
    return page(request, "site_form", site, shown | beside, status=status)
