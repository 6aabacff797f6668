"""Keeps the workspaces over a restart: one JSON file, replaced atomically shortly after a change."""

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path

from slack_sandbox.model import Channel, File, Installation, Json, Message, Org, Person, Team, World

QUIET_SECONDS = 0.5


class Keeper:
    def __init__(self, world: World, path: str) -> None:
        self.world, self.path = world, Path(path) if path else None
        self._timer: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        if self.path and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(QUIET_SECONDS, self.save)

    def save(self) -> None:
        if self.path is None:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_suffix(".new")
        rows = {
            "teams": [_team_row(team) for team in self.world.teams.values()],
            "orgs": [asdict(org) for org in self.world.orgs.values()],
        }
        scratch.write_text(json.dumps(rows))
        os.replace(scratch, self.path)

    def load(self) -> bool:
        """False when there is nothing to load."""
        if self.path is None or not self.path.exists():
            return False
        kept = json.loads(self.path.read_text())
        for row in kept["teams"]:
            team = _team(row)
            self.world.teams[team.id] = team
        for row in kept.get("orgs", []):
            self._load_org(row)
        return True

    def _load_org(self, row: Json) -> None:
        """An organisation's installation is one for all the teams that it granted."""
        installation = Installation(**row["installation"]) if row["installation"] else None
        org = Org(row["id"], row["name"], row["domain"], installation)
        self.world.orgs[org.id] = org
        for team in self.world.teams_of(installation) if installation else []:
            team.installation = installation


def _team_row(team: Team) -> Json:
    row = asdict(team)
    for channel in row["channels"].values():
        channel["messages"] = list(channel["messages"].values())
        del channel["threads"]
    return row


def _team(row: Json) -> Team:
    installation = Installation(**row["installation"]) if row["installation"] else None
    people = {key: Person(**value) for key, value in row["people"].items()}
    channels = {key: _channel(value) for key, value in row["channels"].items()}
    of_org, emoji = str(row.get("enterprise", "")), row.get("emoji", {})
    files = {key: File(**value) for key, value in row.get("files", {}).items()}
    team = Team(row["id"], row["name"], row["domain"], people, channels, installation, emoji, of_org, files)
    team.forbidden = list(row.get("forbidden", []))
    return team


def _channel(row: Json) -> Channel:
    messages = [Message(**message) for message in row.pop("messages")]
    channel = Channel(**row)
    for message in messages:
        channel.add(message)
    return channel
