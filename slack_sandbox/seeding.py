"""The workspaces everybody starts with: Acme (Alice, Bob, Carol) and Globex (Mallory)."""

import time
from typing import Any

from slack_sandbox.model import Channel, Person, Team, World

COLORS = ("4f46e5", "0f766e", "b45309", "be185d", "1d4ed8", "6d28d9", "15803d", "b91c1c")

ACME: tuple[dict[str, Any], ...] = (
    {
        "name": "alice",
        "real_name": "Alice Meyer",
        "display_name": "Alice",
        "title": "Founder",
        "is_owner": True,
    },
    {"name": "bob", "real_name": "Bob Ozolins", "display_name": "Bob", "title": "Customer support"},
    {"name": "carol", "real_name": "Carol Nguyen", "display_name": "Carol", "title": "Product specialist"},
)
GLOBEX: tuple[dict[str, Any], ...] = (
    {
        "name": "mallory",
        "real_name": "Mallory Kent",
        "display_name": "Mallory",
        "title": "Director",
        "is_owner": True,
    },
)


def seed(world: World) -> None:
    world.teams.clear()
    world.orgs.clear()
    add_team(world, "Acme", ACME)
    add_team(world, "Globex", GLOBEX)


def add_team(world: World, name: str, people: tuple[dict[str, Any], ...] = (), domain: str = "") -> Team:
    team = Team(world.new_id("T"), name, domain or name.lower())
    world.teams[team.id] = team
    for person in people:
        add_person(world, team, **person)
    first = next(iter(team.people), "")
    add_channel(
        world, team, "general", first, "Company-wide announcements and work-based matters", general=True
    )
    add_channel(world, team, "random", first, "Non-work banter and water cooler conversation")
    return team


def add_person(world: World, team: Team, name: str, **given: Any) -> Person:
    values = {"real_name": name.title(), "email": f"{name}@{team.domain}.example", **given}
    values.setdefault("color", COLORS[len(team.people) % len(COLORS)])
    values.setdefault("is_admin", bool(values.get("is_owner")))
    person = Person(id=world.new_id("U"), team=team.id, name=name, **values)
    team.people[person.id] = person
    for channel in team.channels.values():
        if channel.is_general or channel.name == "random":
            channel.members.append(person.id)
    return person


def add_channel(
    world: World, team: Team, name: str, creator: str, purpose: str, general: bool = False
) -> Channel:
    channel = Channel(
        id=world.new_id("C"),
        team=team.id,
        name=name,
        creator=creator,
        created=int(time.time()),
        purpose=purpose,
        is_general=general,
        members=[p.id for p in team.people.values() if not p.is_bot],
    )
    team.channels[channel.id] = channel
    return channel
