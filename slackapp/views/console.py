"""The console's Slack pages: connect a site, choose its channel, see how it goes, send again, part."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.models import Member
from accounts.permissions import may
from accounts.views.shared import console_view, say_no
from livechat.access import site_for
from livechat.forms import first_error
from slackapp import actions, availability, hearing, oauth, policies, queries, setup, teams
from slackapp.access import connection_for
from slackapp.actions import routes
from slackapp.choosing import installation_of
from slackapp.errors import SlackError
from slackapp.forms import (
    GRACES,
    ChannelForm,
    ConnectForm,
    DisconnectForm,
    NewChannelForm,
    TeamForm,
)
from slackapp.models import Connection
from slackapp.room_names import slug

NEW_CHANNEL = "website-chat"


@console_view("slack.read")
def slack(request: MemberRequest) -> HttpResponse:
    context = {
        "sites": queries.site_connections(request.member.workspace),
        "news": queries.news_of(request.member.workspace),
        "identities": queries.identities_of(request.member.user),
        "may_edit": may(request.member, "slack.edit"),
    }
    return render(request, "console/slack.html", context)


@console_view("slack.edit", "POST")
@recently_proved
def connect(request: MemberRequest) -> HttpResponse:
    form = ConnectForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a site and how its chats appear in Slack.")
        return redirect("slack")
    site = site_for(request.member, form.cleaned_data["site"])
    try:
        connection = actions.start_connection(request.member, site, form.cleaned_data["mode"])
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("slack")
    return _to_slack(connection)


@console_view("slack.edit", "POST")
@recently_proved
def reconnect(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    return _to_slack(connection_for(request.member, connection_id))


@console_view("slack.edit", "POST")
def try_again(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    """The channel was mended in Slack: what waits goes out, or the problem shows again."""
    found = connection_for(request.member, connection_id)
    actions.try_again(request.member, found)
    messages.success(request, "What waited goes out again.")
    return redirect("slack_connection", found.pk)


def _to_slack(connection: Connection) -> HttpResponse:
    return redirect(f"/slack/install?{urlencode({'connection': connection.pk})}")


@console_view("slack.read")
def connection(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    if found.state == Connection.State.DISCONNECTED:
        return redirect("slack")
    return render(request, "console/slack/connection.html", _context(request, found))


@console_view("slack.read")
def health(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    return render(request, "console/slack/health.html", _context(request, found))


@console_view("slack.edit")
def channels(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    """A fragment of its own: Slack is asked, and Slack may be slow."""
    found = connection_for(request.member, connection_id)
    if teams.needs_team(found):
        return _teams(request, found)
    try:
        choices = setup.channels(found)
    except Refused as refusal:
        return render(request, "console/slack/no_channels.html", {"connection": found, "refusal": refusal})
    return render(request, "console/slack/channels.html", {"connection": found, "channels": choices})


def _teams(request: MemberRequest, found: Connection) -> HttpResponse:
    """An organisation's app: which of its workspaces the site's channel is in."""
    try:
        choices = teams.teams_of(installation_of(found))
    except SlackError:
        refusal = Refused("slack_away", "Slack did not answer. Please try again in a moment.")
        return render(request, "console/slack/no_channels.html", {"connection": found, "refusal": refusal})
    return render(request, "console/slack/teams.html", {"connection": found, "teams": choices})


@console_view("slack.edit", "POST")
@recently_proved
def choose_team(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found, form = connection_for(request.member, connection_id), TeamForm(request.POST)
    if not form.is_valid():
        return _told(request, found, first_error(form))
    team_id = form.cleaned_data["team"]
    done = "Now choose the channel there."
    return _tried(request, found, lambda: _choose_team(request.member, found, team_id), done)


def _choose_team(member: Member, found: Connection, team_id: str) -> None:
    try:
        teams.choose(member, found, team_id)
    except SlackError as error:
        raise Refused("slack_away", "Slack did not answer. Please try again in a moment.") from error


@console_view("slack.edit", "POST")
@recently_proved
def choose_channel(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found, form = connection_for(request.member, connection_id), ChannelForm(request.POST)
    if not form.is_valid():
        return _told(request, found, first_error(form))
    channel_id = form.cleaned_data["channel"]
    done = "Chats of this site go to that channel from now on. Open chats stay where they are."
    return _tried(request, found, lambda: setup.use_channel(request.member, found, channel_id), done)


@console_view("slack.edit", "POST")
@recently_proved
def create_channel(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found, form = connection_for(request.member, connection_id), NewChannelForm(request.POST)
    if not form.is_valid():
        return _told(request, found, first_error(form))
    name = form.cleaned_data["name"]
    done = f"The channel #{name} is made. Chats of this site go there."
    return _tried(request, found, lambda: setup.create_channel(request.member, found, name), done)


@console_view("slack.edit", "POST")
def send_test(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    done = f"The test message is in #{found.channel_name}. Have a look in Slack."
    return _tried(request, found, lambda: setup.send_test_message(request.member, found), done)


@console_view("slack.edit", "POST")
@recently_proved
def disconnect(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found, form = connection_for(request.member, connection_id), DisconnectForm(request.POST)
    if not form.is_valid():
        return _told(request, found, first_error(form))
    try:
        routes.check_parting(request.member, found)
    except Refused as refusal:
        return _told(request, found, refusal.sentence)
    actions.disconnect(request.member, found)
    messages.success(request, f"{found.site.name} no longer uses Slack. Its chats go on here in the console.")
    return redirect("slack")


@console_view("deliveries.replay", "POST")
def replay(request: MemberRequest, delivery_id: int) -> HttpResponse:
    try:
        actions.replay(request.member, delivery_id)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The message goes out again.")
    return redirect(_back(request))


@console_view("deliveries.replay", "POST")
def resend(request: MemberRequest, message_id: uuid.UUID) -> HttpResponse:
    """*Send again* beside a line of a transcript."""
    delivery = queries.delivery_of(request.member.workspace, message_id)
    if delivery is None or delivery.message is None:
        raise NotFound
    try:
        actions.replay(request.member, delivery.pk)
    except NotFound:
        raise
    except Refused as refusal:
        if request.htmx:
            return say_no(request, refusal, "#reply-error")
        messages.error(request, refusal.sentence)
    view = "chat_lines" if request.htmx else "chat"
    return redirect(view, delivery.message.chat_id)


def _back(request: MemberRequest) -> str:
    """Only to a connection's page, whatever the form says."""
    try:
        return reverse("slack_connection", args=[uuid.UUID(request.POST.get("connection", ""))])
    except ValueError:
        return reverse("slack")


def _tried(request: MemberRequest, found: Connection, deed: Callable[[], Any], done: str) -> HttpResponse:
    """Slack is asked outside of any transaction; what it refuses is told where the person pressed."""
    try:
        deed()
    except NotFound:
        raise
    except Refused as refusal:
        return _told(request, found, refusal.sentence)
    messages.success(request, done)
    return redirect("slack_connection", found.pk)


def _told(request: MemberRequest, found: Connection, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("slack_connection", found.pk)


def _new_channel(found: Connection) -> str:
    """A name to begin with; several routes of a site need several."""
    return f"{slug(found.name)}-chat" if found.name else NEW_CHANNEL


def _context(request: MemberRequest, found: Connection) -> dict[str, Any]:
    return {
        "connection": found,
        "health": queries.health_of(found),
        "lacking": oauth.lacking_reasons(found),
        "hearing": hearing.over_socket(),
        "dead": queries.dead_deliveries(found),
        "copies": queries.copies_for_people(found),
        "may_edit": may(request.member, "slack.edit"),
        "may_replay": may(request.member, "deliveries.replay"),
        "new_channel": NewChannelForm(initial={"name": _new_channel(found)}),
        "disconnect_word": "disconnect",
        "policies": policies.choices(),
        "active": availability.active_of(found),
        "graces": GRACES,
    }
