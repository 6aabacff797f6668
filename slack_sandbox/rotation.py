"""Tokens that end: `xoxe.xoxb-` access tokens of some hours, and refresh tokens that are good once."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sandbox.model import Installation, World

if TYPE_CHECKING:
    from slack_sandbox.sandbox import Sandbox

ACTIVE_AT_MOST = 2


@dataclass
class Rotation:
    """Whether the app rotates its tokens; in Slack it cannot be switched off once it is on."""

    on: bool = False
    seconds: float = 43_200
    grace: float = 60
    """For how long a used refresh token is forgiven."""


def long_lived_token(world: World) -> str:
    """As tokens are without rotation."""
    random = world.random
    return f"xoxb-{random.randrange(10**11, 10**12)}-{random.randrange(10**12, 10**13)}-{world.secret()}"


def issue(box: "Sandbox", installation: Installation) -> None:
    """A new pair. The access token before it stays good until its own end, older ones do not."""
    world, now = box.world, time.time()
    if installation.token and installation.expires > now:
        installation.earlier = dict(
            [*installation.earlier.items(), (installation.token, installation.expires)][1 - ACTIVE_AT_MOST :]
        )
    installation.token = f"xoxe.xoxb-1-{world.secret(60)}"
    installation.expires = now + box.rotation.seconds
    installation.refresh_token = f"xoxe-1-{world.secret(60)}"
    box.keeper.touch()


def refresh(box: "Sandbox", given: str) -> Installation | None:
    """Uses a refresh token up; None when it is unknown, or was used longer ago than is forgiven."""
    now = time.time()
    for installation in box.world.installations():
        known = given == installation.refresh_token
        if installation.active and (known or installation.spent.get(given, 0) > now):
            installation.spent.setdefault(given, now + box.rotation.grace)
            issue(box, installation)
            return installation
    return None


def exchange(box: "Sandbox", installation: Installation) -> None:
    """The long-lived token ends and a pair takes its place."""
    installation.exchanged.append(installation.token)
    installation.token = ""
    issue(box, installation)


def problem_of(installation: Installation, token: str) -> str:
    """The error that a call with this token of the installation is answered with; '' when it is good."""
    if not installation.active:
        return installation.ended
    if token in installation.exchanged:
        return "token_revoked"
    ends = installation.expires if token == installation.token else installation.earlier.get(token, 0)
    return "token_expired" if ends and ends <= time.time() else ""
