"""What the tests of the Home tab do: open it as a person of Slack, read it, press on it."""

from typing import Any

from accounts.models import Member
from slackapp.actions import arrivals
from slackapp.actions.arrivals import Person
from tests.slackapp.peer import Json, Slack, settle


def open_home(slack: Slack, user: str, team: str = "Acme") -> str:
    slack.act("open_home", user=user, team=team)
    settle(slack)
    return home_of(slack, user, team)


def home_of(slack: Slack, user: str, team: str = "Acme") -> str:
    """Every word that the person's Home tab shows, a block a line."""
    return "\n".join(" ".join(_words(block)) for block in blocks_of(slack, user, team))


def blocks_of(slack: Slack, user: str, team: str = "Acme") -> list[Json]:
    view = slack.act("home", user=user, team=team)["view"]
    return list(view["blocks"]) if view else []


def _words(value: Any) -> list[str]:
    if isinstance(value, list):
        return [word for item in value for word in _words(item)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if isinstance(value.get("text"), str) else []
    return [*own, *[word for item in value.values() for word in _words(item)]]


def buttons_of(slack: Slack, user: str, team: str = "Acme") -> list[str]:
    rows = [block["elements"] for block in blocks_of(slack, user, team) if block["type"] == "actions"]
    return [button["action_id"] for row in rows for button in row]


def press_at_home(slack: Slack, user: str, action_id: str = "chat.take", team: str = "Acme") -> str:
    """The first button of this kind; gives what the Home tab shows then."""
    slack.act("modal_action", user=user, team=team, action_id=action_id, home=True)
    settle(slack)
    return home_of(slack, user, team)


def link_account(slack: Slack, member: Member, user: str, team: str = "Acme") -> None:
    """As *Sign in with Slack* does once Slack has said who it is."""
    assert member.user is not None
    arrivals.link(member.user, Person(slack.team(team)["id"], slack.person(user, team)))


def published(slack: Slack) -> int:
    return len(slack.calls("views.publish"))
