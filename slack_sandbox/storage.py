"""Keeps the workspaces over a restart: one JSON file, replaced atomically shortly after a change."""

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path

from slack_sandbox.model import Channel, Installation, Json, Message, Person, Team, World

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
        scratch.write_text(json.dumps({"teams": [_team_row(team) for team in self.world.teams.values()]}))
        os.replace(scratch, self.path)

    def load(self) -> bool:
        """False when there is nothing to load."""
        if self.path is None or not self.path.exists():
            return False
        for row in json.loads(self.path.read_text())["teams"]:
            team = _team(row)
            self.world.teams[team.id] = team
        return True


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
    return Team(row["id"], row["name"], row["domain"], people, channels, installation)


def _channel(row: Json) -> Channel:
    messages = [Message(**message) for message in row.pop("messages")]
    channel = Channel(**row)
    for message in messages:
        channel.add(message)
    return channel
