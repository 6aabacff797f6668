"""The console's Slack pages, under /console/slack."""

from django.urls import path

from slackapp.views import console

urlpatterns = [
    path("console/slack", console.slack, name="slack"),
    path("console/slack/connect", console.connect, name="slack_connect"),
    path("console/slack/deliveries/<int:delivery_id>/replay", console.replay, name="slack_replay"),
    path("console/slack/messages/<uuid:message_id>/resend", console.resend, name="slack_resend"),
    path("console/slack/<uuid:connection_id>", console.connection, name="slack_connection"),
    path("console/slack/<uuid:connection_id>/health", console.health, name="slack_health"),
    path("console/slack/<uuid:connection_id>/channels", console.channels, name="slack_channels"),
    path("console/slack/<uuid:connection_id>/channel", console.choose_channel, name="slack_choose_channel"),
    path(
        "console/slack/<uuid:connection_id>/channel/new", console.create_channel, name="slack_create_channel"
    ),
    path("console/slack/<uuid:connection_id>/test", console.send_test, name="slack_test"),
    path("console/slack/<uuid:connection_id>/reconnect", console.reconnect, name="slack_reconnect"),
    path("console/slack/<uuid:connection_id>/again", console.try_again, name="slack_try_again"),
    path("console/slack/<uuid:connection_id>/disconnect", console.disconnect, name="slack_disconnect"),
]
