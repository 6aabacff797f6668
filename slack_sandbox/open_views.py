"""Modals that are open, Home tabs that are published, and what the app suggested to whom."""

from dataclasses import dataclass, field

from slack_sandbox.model import Json

STACK = 3


@dataclass
class View:
    id: str
    team: str
    user: str
    given: Json
    """As the app gave it, with ids filled in."""
    hash: str
    root: str
    previous: str = ""
    values: Json = field(default_factory=dict)
    """What the person has filled in so far: action_id → raw."""

    @property
    def blocks(self) -> list[Json]:
        return list(self.given["blocks"])


@dataclass
class Views:
    stacks: dict[tuple[str, str], list[View]] = field(default_factory=dict)
    """Open modals of a person in a team, the one on top last."""
    homes: dict[tuple[str, str], View] = field(default_factory=dict)
    offered: dict[tuple[str, str], dict[str, list[Json]]] = field(default_factory=dict)
    """Suggested options by action_id, for a place (a view's id or a message's ts) and person."""

    def offered_in(self, place: str, user: str) -> dict[str, list[Json]]:
        return self.offered.setdefault((place, user), {})

    def stack(self, team: str, user: str) -> list[View]:
        return self.stacks.setdefault((team, user), [])

    def open(self) -> list[View]:
        return [view for stack in self.stacks.values() for view in stack]

    def find(self, teams: set[str], view_id: str, external_id: str) -> View | None:
        known = [view for view in (*self.open(), *self.homes.values()) if view.team in teams]
        if view_id:
            return next((view for view in known if view.id == view_id), None)
        return next((view for view in known if view.given.get("external_id") == external_id), None)
