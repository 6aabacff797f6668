"""Who asks for what, and where: what Slack wants answered inside its request, whichever way it was asked."""

from dataclasses import dataclass, replace
from typing import Any

from accounts.models import Member, Workspace
from slackapp import people, rights
from slackapp.access import installation_for
from slackapp.interactivity import mapping, pressed
from slackapp.models import Connection, Installation
from slackapp.speakers import Speaker, speaker_of_prompt

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """`name` is the command's verb, or an action or callback id; `value` the words behind the verb, what a button or

    menu carries, or what somebody typed into a select. Ids are opaque and prove nothing: where it was asked and who
    asked does. Empty is what the way of asking does not tell.
    """

    installation: Installation
    user_id: str
    user_team: str
    payload: Json
    name: str = ""
    value: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    trigger_id: str = ""
    response_url: str = ""

    def about(self, name: str, value: str = "") -> "Asked":
        return replace(self, name=name, value=value)

    def members(self) -> list[Member]:
        """The accounts of ours that this person is linked to, one for each workspace."""
        return rights.members_of(self.user_team, self.user_id)

    def member_in(self, workspace: Workspace) -> Member | None:
        return next((one for one in self.members() if one.workspace_id == workspace.pk), None)

    def speaker(self, connection: Connection) -> Speaker:
        """As whom they answer visitors there, with the sentence if they may not. May ask Slack who it is."""
        return speaker_of_prompt(connection, self.installation, self.user_team, self.user_id)


def of_command(fields: Json) -> Asked | None:
    """None if we have nothing to do with that Slack."""
    installation = usable(fields)
    if installation is None:
        return None
    user_id = str(fields.get("user_id") or "")
    return Asked(
        installation=installation,
        user_id=user_id,
        user_team=_team(installation, user_id, str(fields.get("team_id") or ""), fields.get("enterprise_id")),
        payload=fields,
        channel_id=str(fields.get("channel_id") or ""),
        trigger_id=str(fields.get("trigger_id") or ""),
        response_url=str(fields.get("response_url") or ""),
    )


def of_interaction(payload: Json) -> Asked | None:
    """Of anything that comes to the interactivity or the options address."""
    team, enterprise, user = (mapping(payload.get(name)) for name in ("team", "enterprise", "user"))
    view = mapping(payload.get("view"))
    where = {
        "api_app_id": payload.get("api_app_id") or view.get("app_id"),
        "team_id": view.get("app_installed_team_id") or team.get("id"),
        "enterprise_id": enterprise.get("id") or team.get("enterprise_id"),
    }
    installation = usable(where)
    if installation is None:
        return None
    container, channel, message = (mapping(payload.get(name)) for name in ("container", "channel", "message"))
    user_id = str(user.get("id") or "")
    name, value = _name_and_value(payload)
    return Asked(
        installation=installation,
        user_id=user_id,
        user_team=_team(installation, user_id, str(user.get("team_id") or ""), where["enterprise_id"]),
        payload=payload,
        name=name,
        value=value,
        channel_id=str(channel.get("id") or container.get("channel_id") or ""),
        message_ts=str(container.get("message_ts") or message.get("ts") or payload.get("message_ts") or ""),
        thread_ts=str(container.get("thread_ts") or message.get("thread_ts") or ""),
        trigger_id=str(payload.get("trigger_id") or ""),
        response_url=str(payload.get("response_url") or ""),
    )


def usable(where: Json) -> Installation | None:
    """The installation with whose key Slack may be spoken to."""
    found = installation_for(where)
    return found if found is not None and found.state == Installation.State.ACTIVE else None


def _name_and_value(payload: Json) -> tuple[str, str]:
    if payload.get("type") == "block_actions":
        actions = payload.get("actions")
        return pressed(mapping(actions[0])) if isinstance(actions, list) and actions else ("", "")
    if payload.get("type") == "block_suggestion":
        return str(payload.get("action_id") or ""), str(payload.get("value") or "")
    return str(payload.get("callback_id") or mapping(payload.get("view")).get("callback_id") or ""), ""


def _team(installation: Installation, user_id: str, told: str, organisation: Any) -> str:
    """As `speakers.team_of`: of a Grid, Slack may name the organisation in the place of the person's team."""
    if told and told != organisation:
        return told
    return installation.slack_team_id or people.team_of(installation, user_id)
