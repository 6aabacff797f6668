"""Settings of a connection, for owners and admins who are linked: policy, receipts, reminders, default responders."""

import json
from dataclasses import dataclass

from django.conf import settings

from accounts.errors import Refused
from accounts.models import Member
from accounts.permissions import MANAGING, may
from slackapp import policies, reminders, rights
from slackapp.actions import changes, modes
from slackapp.actions.marks import choose_receipts
from slackapp.actions.reminders import set_plan
from slackapp.asked import Asked, Json
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, option, plain
from slackapp.modals.words import context, field, radio, section
from slackapp.models import Connection, ReminderPlan
from slackapp.reminded import Step
from slackapp.which import read_note

WHERE, POLICY, RECEIPTS, PEOPLE = "where", "policy", "receipts", "people"
# in fewer words than the console has room for
ABOUT: dict[str, str] = {
    Connection.Policy.REPLIES: "What colleagues write; a line that begins with ;; stays inside",
    Connection.Policy.SILENT: "Only lines that begin with >>",
    Connection.Policy.ALERTS: "Nothing: your team answers in the console",
}
LABELS = {
    Step.THREAD: "Reminder in the chat's thread, minutes",
    Step.CHANNEL: "Reminder in the channel, minutes",
    Step.MENTION: "Mention of the people chosen in the console, minutes",
    Step.MAIL: "Reminder by mail, minutes",
}
ABOUT_MINUTES = (
    "Minutes that a visitor waits while the site is open; empty means never. They hold for the whole site."
)
MOST_MINUTES = 7 * 24 * 60
MINUTES = "Write whole minutes from 1 to 10,080, which is a week, or leave it empty: then it never comes."
ORDER = "Each reminder comes later than the one before it. Change the minutes, or leave it empty."
GONE = "This site is not connected to Slack any more. Nothing was changed."
NOT_LINKED = "Settings are for owners and admins. Link your Slack account to yours first: {url}"


@dataclass(frozen=True, slots=True)
class Managed:
    """A connection, and as which member somebody may change it."""

    connection: Connection
    member: Member


def managed(asked: Asked) -> list[Managed]:
    """Those that whoever asks may change; the ones of this channel first. Raises Refused with who can."""
    members = {one.workspace_id: one for one in asked.members() if may(one, "slack.edit")}
    connections = rights.connections_for(asked.installation, list(members.values()), "")
    found = [Managed(one, members[one.workspace_id]) for one in connections if one.workspace_id in members]
    if not found:
        raise Refused("not_allowed", who_can(asked))
    return sorted(found, key=lambda one: one.connection.channel_id != asked.channel_id)


def who_can(asked: Asked) -> str:
    """For somebody who may not: whom to ask, in a workspace that is theirs too."""
    member = next(iter(asked.members()), None)
    if member is None:
        return NOT_LINKED.format(url=f"{settings.CONSOLE_URL}/console/slack")
    team = Member.objects.in_workspace(member.workspace).filter(role__in=MANAGING).select_related("user")
    names = ", ".join(sorted({one.user.name or "somebody" for one in team})[:5])
    return f"Only owners and admins change settings. Ask one of them: {names}."


def opened(asked: Asked) -> Json:
    found = managed(asked)
    chosen = next((one for one in found if str(one.connection.pk) == asked.value), found[0])
    return _view(found, chosen)


def picked(sent: Sent) -> Json | None:
    """Another connection has settings of its own."""
    if sent.asked.name != WHERE:
        return None
    found = managed(sent.asked)
    return _view(found, _one_of(found, sent.text(WHERE)))


def _one_of(found: list[Managed], connection_id: str) -> Managed:
    chosen = next((one for one in found if str(one.connection.pk) == connection_id), None)
    if chosen is None:
        raise Refused("gone", GONE)
    return chosen


def _view(found: list[Managed], chosen: Managed) -> Json:
    connection = chosen.connection
    url = f"{settings.CONSOLE_URL}/console/slack/{connection.pk}"
    more: Json = {
        "type": "button",
        "action_id": "settings.more",
        "text": plain("All settings in the console"),
        "url": url,
    }
    return {
        "title": plain("Settings", SHORT),
        "submit": plain("Save", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": json.dumps({"connection": str(connection.pk)}),
        "blocks": [
            _where(found, chosen),
            _policy(connection),
            _receipts(connection),
            *([_responders(connection)] if connection.mode == Connection.Mode.NOISY else []),
            *_minutes(connection),
            context(ABOUT_MINUTES),
            {"type": "actions", "elements": [more]},
        ],
    }


def _called(connection: Connection) -> str:
    route = f" ({connection.name})" if connection.name else ""
    return f"{connection.site.name[:30]}{route} → #{connection.channel_name or 'no channel yet'}"


def _where(found: list[Managed], chosen: Managed) -> Json:
    if len(found) == 1:
        return section(_called(chosen.connection))
    options = {
        one.connection.pk: option(_called(one.connection), str(one.connection.pk)) for one in found[:100]
    }
    element: Json = {"type": "static_select", "action_id": WHERE, "options": list(options.values())}
    element["initial_option"] = options.get(chosen.connection.pk, next(iter(options.values())))
    return field(WHERE, "Settings of", element, dispatch_action=True)


def _id(name: str, connection: Connection) -> str:
    """Fields of another connection are other fields: Slack keeps what was filled in by block_id."""
    return f"{name}.{connection.pk}"


def _policy(connection: Connection) -> Json:
    choices = [(value, label, ABOUT[value]) for value, label, _ in policies.choices()]
    return radio(_id(POLICY, connection), "What of a chat goes to the visitor", choices, connection.policy)


def _receipts(connection: Connection) -> Json:
    shown = option("Reactions at an answer say whether the visitor got and saw it", "on")
    element: Json = {"type": "checkboxes", "action_id": _id(RECEIPTS, connection), "options": [shown]}
    on = {"initial_options": [shown]} if connection.receipts else {}
    return field(_id(RECEIPTS, connection), "Receipts", {**element, **on}, optional=True)


def _responders(connection: Connection) -> Json:
    element: Json = {
        "type": "multi_users_select",
        "action_id": _id(PEOPLE, connection),
        "max_selected_items": modes.MOST_RESPONDERS,
    }
    known = {"initial_users": list(connection.responders)} if connection.responders else {}
    return field(
        _id(PEOPLE, connection), "Invited into the channel of each chat", {**element, **known}, optional=True
    )


def _steps(plan: ReminderPlan) -> list[Step]:
    """Whom to mention is said in the console; without anybody there is nobody to mention."""
    return [step for step in Step if step != Step.MENTION or plan.people]


def _minutes(connection: Connection) -> list[Json]:
    plan = reminders.plan_of(connection.site)
    fields = []
    for step in _steps(plan):
        now = getattr(plan, f"{step}_minutes")
        element: Json = {"type": "plain_text_input", "action_id": _id(step, connection), "max_length": 5}
        known = {"initial_value": str(now)} if now else {}
        fields.append(field(_id(step, connection), LABELS[step], {**element, **known}, optional=True))
    return fields


# --- sent -----------------------------------------------------------------------------------------------------------


def saved(sent: Sent) -> Act | Response:
    chosen = _one_of(managed(sent.asked), str(read_note(sent.note).get("connection") or ""))
    member, connection = chosen.member, chosen.connection
    plan = reminders.plan_of(connection.site)
    minutes = {step: sent.text(_id(step, connection)) for step in _steps(plan)}
    if wrong := _wrong(minutes):
        return {
            "response_action": "errors",
            "errors": {_id(step, connection): text for step, text in wrong.items()},
        }

    def act() -> Response:
        changes.choose_policy(member, connection, sent.text(_id(POLICY, connection)))
        choose_receipts(member, connection, on=bool(sent.texts(_id(RECEIPTS, connection))))
        if connection.mode == Connection.Mode.NOISY:
            modes.set_responders(member, connection, sent.texts(_id(PEOPLE, connection)))
        wanted = {f"{step}_minutes": int(typed) if typed else None for step, typed in minutes.items()}
        if any(getattr(plan, name) != value for name, value in wanted.items()):
            set_plan(member, connection.site, **wanted)
        return {"response_action": "clear"}

    return act


def _wrong(minutes: dict[Step, str]) -> dict[Step, str]:
    """What is said beside which field."""
    wrong: dict[Step, str] = {}
    before = 0
    for step, typed in minutes.items():
        if not typed:
            continue
        if not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= MOST_MINUTES):
            wrong[step] = MINUTES
        elif int(typed) <= before:
            wrong[step] = ORDER
        else:
            before = int(typed)
    return wrong


SETTINGS = Modal(open=opened, send=saved, pick=picked)
