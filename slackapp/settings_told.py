"""What of a connection's and a site's settings towards Slack can be told: for the audit log."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Member
from livechat import hours
from livechat.models import Site
from slackapp import reminders, routes
from slackapp.models import Connection, SlackIdentity


def route_name(connection: Connection) -> str:
    return connection.name or (f"#{connection.channel_name}" if connection.channel_name else "the default")


def connection_settings(connection: Connection) -> dict[str, Any]:
    """`connection` with its installation. No key and no id of ours."""
    return {
        "name": connection.name,
        "default": connection.is_default,
        "place_in_the_order": connection.position,
        "Slack_team": connection.slack_team_id or str(connection.installation or ""),
        "channel": f"#{connection.channel_name}" if connection.channel_name else connection.channel_id,
        "mode": connection.get_mode_display(),
        "what_goes_to_visitors": connection.get_policy_display(),
        "private_channels": connection.private_rooms,
        "closed_channels_stay_for_minutes": connection.grace_minutes,
        "invited": _people((connection.team_id, one) for one in connection.responders),
        "guests_may_answer": connection.allow_guests,
        "partners_may_answer": connection.allow_partners,
        "receipts": connection.receipts,
        **_conditions(connection),
    }


def _conditions(connection: Connection) -> dict[str, str]:
    of = routes.conditions_of(connection)
    when = f"{hours.words(of.hours)} ({of.zone})" if of.hours else ""
    return {"pages": of.pages, "language": of.language, "department": of.department, "hours": when}


def reminder_settings(site: Site) -> dict[str, Any]:
    plan = reminders.plan_of(site)
    members = Member.objects.in_workspace(site.workspace).filter(pk__in=plan.members).select_related("user")
    return {
        "minutes_to_the_thread": plan.thread_minutes,
        "minutes_to_the_channel": plan.channel_minutes,
        "minutes_to_mentions": plan.mention_minutes,
        "minutes_to_a_mail": plan.mail_minutes,
        "mentioned": _people(tuple(one.split(":", 1)) for one in plan.people),
        "mailed": sorted(str(one.user) for one in members) or "owners and admins",
    }


def _people(ids: Iterable[tuple[str, ...]]) -> list[str]:
    """By team and user id: their names, where Slack has told them."""
    asked = list(ids)
    found = SlackIdentity.objects.filter(slack_user_id__in=[who[-1] for who in asked])
    names = {(one.slack_team_id, one.slack_user_id): one.name for one in found}
    return [names.get((who[0], who[-1])) or who[-1] for who in asked]
