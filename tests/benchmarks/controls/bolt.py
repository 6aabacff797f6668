"""slack_bolt's Django adapter as its documentation shows it, with an empty handler and its signature check on.

`authorize` answers from memory: the adapter is not charged for asking Slack who the bot is.
"""

from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from slack_bolt import App
from slack_bolt.adapter.django import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from config import env

bolt = App(
    signing_secret=env.text("SLACK_SIGNING_SECRET"),
    authorize=lambda **context: AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-control"),
)
handler = SlackRequestHandler(app=bolt)


@bolt.event("message")
def on_message(event: dict[str, Any]) -> None:
    """Nothing is done, and nothing is kept: what Bolt itself costs."""


@csrf_exempt
def events(request: HttpRequest) -> HttpResponse:
    return handler.handle(request)


urlpatterns = [path("slack/events", events)]
application = ASGIHandler()
