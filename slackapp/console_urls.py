"""The console's Slack pages, under /console/slack."""

from django.urls import path

from slackapp.views import (
    console,
    copies,
    erasing,
    faces,
    modes,
    onboarding,
    policy,
    reminders,
    routes,
    signin,
)

urlpatterns = [
    path("console/sites/<uuid:site_id>/reminders", reminders.page, name="site_reminders"),
    path("console/sites/<uuid:site_id>/reminders/save", reminders.save, name="site_reminders_save"),
    path("console/sites/<uuid:site_id>/reminders/preview", reminders.preview, name="site_reminders_preview"),
    path("console/sites/<uuid:site_id>/reminders/people", reminders.people, name="site_reminders_people"),
    path("console/settings/data/erasures", erasing.all_of_them, name="erasures"),
    path("console/settings/data/erasures/<uuid:erasure_id>", erasing.one, name="erasure"),
    path("console/settings/data/erasures/copies/<int:copy_id>/done", erasing.done, name="erasure_done"),
    path("console/team", faces.team, name="team"),
    path("console/team/<uuid:agent_id>", faces.face, name="face"),
    path("console/slack", console.slack, name="slack"),
    path("console/slack/connect", console.connect, name="slack_connect"),
    path("console/slack/deliveries/<int:delivery_id>/replay", console.replay, name="slack_replay"),
    path("console/slack/messages/<uuid:message_id>/resend", console.resend, name="slack_resend"),
    path("console/slack/copies/<int:copy_id>/done", copies.copy_done, name="slack_copy_done"),
    path("console/slack/identities/link", signin.link, name="slack_link_identity"),
    path("console/slack/identities/<int:identity_id>/unlink", signin.unlink, name="slack_unlink_identity"),
    path("console/slack/notices/<int:notice_id>/away", onboarding.put_away, name="slack_put_away"),
    path("console/slack/sites/<uuid:site_id>/routes", routes.page, name="slack_routes"),
    path("console/slack/sites/<uuid:site_id>/routes/add", routes.add, name="slack_route_add"),
    path("console/slack/sites/<uuid:site_id>/routes/try", routes.attempt, name="slack_route_try"),
    path("console/slack/routes/<uuid:connection_id>", routes.change, name="slack_route"),
    path("console/slack/routes/<uuid:connection_id>/move", routes.move, name="slack_route_move"),
    path(
        "console/slack/routes/<uuid:connection_id>/default", routes.make_default, name="slack_route_default"
    ),
    path("console/slack/routes/<uuid:connection_id>/remove", routes.remove, name="slack_route_remove"),
    path("console/slack/<uuid:connection_id>/welcome", onboarding.welcome, name="slack_welcome"),
    path(
        "console/slack/<uuid:connection_id>/channel/open", onboarding.open_channel, name="slack_open_channel"
    ),
    path("console/slack/<uuid:connection_id>/undo", onboarding.undo, name="slack_undo"),
    path("console/slack/<uuid:connection_id>", console.connection, name="slack_connection"),
    path("console/slack/<uuid:connection_id>/health", console.health, name="slack_health"),
    path("console/slack/<uuid:connection_id>/channels", console.channels, name="slack_channels"),
    path("console/slack/<uuid:connection_id>/team", console.choose_team, name="slack_choose_team"),
    path("console/slack/<uuid:connection_id>/channel", console.choose_channel, name="slack_choose_channel"),
    path(
        "console/slack/<uuid:connection_id>/channel/new", console.create_channel, name="slack_create_channel"
    ),
    path("console/slack/<uuid:connection_id>/receipts", policy.choose_receipts, name="slack_receipts"),
    path("console/slack/<uuid:connection_id>/policy", policy.choose_policy, name="slack_policy"),
    path("console/slack/<uuid:connection_id>/mode", modes.choose_mode, name="slack_mode"),
    path("console/slack/<uuid:connection_id>/people", modes.people, name="slack_people"),
    path("console/slack/<uuid:connection_id>/rooms/read", modes.put_problem_away, name="slack_rooms_read"),
    path("console/slack/<uuid:connection_id>/answering", faces.let_answer, name="slack_let_answer"),
    path("console/slack/<uuid:connection_id>/test", console.send_test, name="slack_test"),
    path("console/slack/<uuid:connection_id>/reconnect", console.reconnect, name="slack_reconnect"),
    path("console/slack/<uuid:connection_id>/again", console.try_again, name="slack_try_again"),
    path("console/slack/<uuid:connection_id>/disconnect", console.disconnect, name="slack_disconnect"),
]
