"""The app leaves: a token is revoked, the app is removed, an organisation closes a team to it."""

import time

from slack_sandbox import installing
from slack_sandbox.model import Installation, Json, Team
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox


def end(box: Sandbox, installation: Installation, uninstalled: bool) -> list[str]:
    """Every token stops working; the app is told by tokens_revoked and, when it is removed, app_uninstalled."""
    installation.ended = "account_inactive" if uninstalled else "token_revoked"
    events: list[Json] = [{"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [installation.bot_user]}}]
    if uninstalled:
        events.append({"type": "app_uninstalled"})
    teams = box.world.teams_of(installation)
    for team in teams:
        _send_away(box, installation, team)
    where = None if installation.enterprise else teams[0]
    lane = installation.team or installation.enterprise
    stamped = [{**event, "event_ts": f"{int(time.time())}"} for event in events]
    return [box.emit_to(installation, where, event, lane=lane) for event in stamped]


def _send_away(box: Sandbox, installation: Installation, team: Team) -> None:
    for channel in team.channels.values():
        if installation.bot_user in channel.members:
            channel.members.remove(installation.bot_user)
    team.people[installation.bot_user].deleted = True
    box.tell_pages(team.id, {"type": "channels"})


def revoke(box: Sandbox, installation: Installation, token: str) -> None:
    """auth.revoke: where tokens rotate, this one alone; else the bot is gone with its only token."""
    if not installation.refresh_token:
        end(box, installation, uninstalled=False)
        return
    installation.earlier.pop(token, None)
    if token == installation.token:
        installation.token = ""


def grant(box: Sandbox, team: Team, granted: bool) -> list[str]:
    """An organisation opens one of its teams to the app, or closes it."""
    org = box.world.org_of(team)
    installation = org.installation if org else None
    if installation is None or not installation.active:
        raise Wrong(f"the app is not installed for the organisation of {team.name}")
    if (team.id in installation.granted) == granted:
        return []
    (installing.allow if granted else installing.withdraw)(box, installation, team)
    kind = "team_access_granted" if granted else "team_access_revoked"
    event = {"type": kind, "team_ids": [team.id], "event_ts": box.world.new_ts()}
    return [box.emit_to(installation, None, event, lane=installation.enterprise)]
