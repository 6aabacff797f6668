"""Where the links in visitors' mails lead: no more mails, and a rating. The signature says who comes."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.errors import NotFound, Refused
from livechat import visitor_mails
from livechat.actions import rating
from livechat.actions.visitor_mails import end_mails
from livechat.forms import PlainForm
from livechat.protocol import LONGEST_COMMENT

STARS = [(str(number), "1 star" if number == 1 else f"{number} stars") for number in range(5, 0, -1)]


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Reading the page changes nothing: programs that look at links in mails would stop them."""
    try:
        ends = visitor_mails.stop_behind(token)
    except NotFound as error:
        raise Http404(error.sentence) from error
    if request.method == "POST":
        end_mails(ends)
    return render(request, "public/mail_stop.html", {"stopped": request.method == "POST"})


class RatingForm(PlainForm):
    stars = forms.ChoiceField(
        label="How was this chat?",
        choices=STARS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one to five stars."},
    )
    comment = forms.CharField(
        label="What should we know?",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    try:
        chat = visitor_mails.chat_of(token)
    except NotFound as error:
        raise Http404(error.sentence) from error
    known = {"stars": str(chat.rating or ""), "comment": chat.rating_comment}
    form = RatingForm(request.POST if request.method == "POST" else None, initial=known)
    shown = {"site": chat.site, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "public/rate.html", shown, status=422 if request.method == "POST" else 200)
    try:
        rating.rate(chat.pk, int(form.cleaned_data["stars"]), form.cleaned_data["comment"].strip())
    except Refused as refusal:
        return render(request, "public/rate.html", shown | {"refusal": refusal.sentence}, status=409)
    return render(request, "public/rate.html", shown | {"thanks": True})
