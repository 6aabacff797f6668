"""A4: asking people to join, and the pages behind the link of such a mail."""

import uuid

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import invitation_by_link, invitation_for
from accounts.actions import invitations as actions
from accounts.errors import NotFound, Refused
from accounts.forms import InviteForm, JoinForm
from accounts.gate import MemberRequest, choose_workspace, recently_proved
from accounts.invitation_mail import send
from accounts.limits import behind_proxies, hit
from accounts.models import Invitation, Member, Role, User
from accounts.permissions import ROLE_WORDS, roles_to_give
from accounts.views.shared import console_view, sentence_of, too_many

LINK = "invitation"
NOT_SENT = "The mail to {} could not be sent. Check the address, and send it again from the list."


@console_view("members.edit", "GET", "POST")
@recently_proved
def team_invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, roles=roles_to_give(request.member))
    if request.method == "POST" and form.is_valid():
        try:
            _invite(request, form.cleaned_data["email"], form.cleaned_data["role"])
            return redirect("team")
        except Refused as refusal:
            where = "email" if refusal.code == "in_already" else None
            form.add_error(where, sentence_of(request, refusal))
    context = {"form": form, "role_words": ROLE_WORDS}
    return render(request, "console/team/invite.html", context, status=422 if form.errors else 200)


def _invite(request: MemberRequest, email: str, role: Role) -> None:
    invitation, secret = actions.invite(request.member, email, role)
    if send(invitation, secret):
        messages.success(request, f"{invitation.email} has mail. The link in it is good for 7 days.")
    else:
        messages.error(request, NOT_SENT.format(invitation.email))


@console_view("members.edit", "POST")
@recently_proved
def invitation_resend(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    found = invitation_for(request.member, invitation_id)
    try:
        _invite(request, found.email, Role(found.role))
    except Refused as refusal:
        messages.error(request, sentence_of(request, refusal))
    return redirect("team")


@console_view("members.edit", "POST")
@recently_proved
def invitation_withdraw(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    found = invitation_for(request.member, invitation_id)
    try:
        actions.withdraw(request.member, found)
        messages.success(request, f"The link that {found.email} got opens nothing any more.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("team")


# --- behind the link ---------------------------------------------------------------------------------------------


@require_GET
@never_cache
def invitation_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The secret leaves the address bar at once: what stands there is kept by browsers and told to other pages."""
    peer, forwarded = request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    if wait := hit("invitation_links_per_address", behind_proxies(peer, forwarded)):
        return too_many(request, wait)
    request.session[LINK] = secret
    response = redirect("invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    try:
        found = invitation_by_link(request.session.get(LINK, ""))
        return _accept(request, found) if request.method == "POST" else _page(request, found)
    except NotFound:
        return render(request, "accounts/invitation_over.html", status=410)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("invitation")


def _page(request: HttpRequest, found: Invitation, form: JoinForm | None = None) -> HttpResponse:
    context = {
        "invitation": found,
        "may_accept": actions.may_accept(request.user, found),
        "is_known": actions.knows(found.email),
        "form": form or JoinForm(),
        "login_url": f"{reverse('account_login')}?next={reverse('invitation')}",
    }
    return render(request, "accounts/invitation.html", context, status=422 if form is not None else 200)


def _accept(request: HttpRequest, found: Invitation) -> HttpResponse:
    if isinstance(request.user, User):
        return _welcome(request, actions.accept_as(request.user, request.session[LINK]), redirect("chats"))
    form = JoinForm(request.POST, email=found.email)
    if not form.is_valid():
        return _page(request, found, form)
    member = actions.accept_anew(
        request.session[LINK], form.cleaned_data["name"], form.cleaned_data["password"]
    )
    then = perform_login(request, member.user, email_verification="none", redirect_url=reverse("chats"))
    record_authentication(request, member.user, method="password")
    return _welcome(request, member, then)


def _welcome(request: HttpRequest, member: Member, then: HttpResponse) -> HttpResponse:
    request.session.pop(LINK, None)
    choose_workspace(request, member.workspace_id)
    messages.success(request, f"Welcome to {member.workspace}.")
    return then
