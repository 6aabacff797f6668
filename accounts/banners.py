"""What is told above every page of the console until it is no longer so. Apps above add who tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from accounts.models import Member


@dataclass(frozen=True, slots=True)
class Banner:
    """`link` are the words of a link to `address`, which say what to do next; without them there is none."""

    words: str
    link: str = ""
    address: str = ""
    tone: Literal["warn", "bad"] = "warn"


# Each costs every page of the console: at most one statement, and none for a workspace that pays nobody. Apps above add
# theirs; the most urgent comes first.
tellers: list[Callable[[Member], list[Banner]]] = []


def banners_of(member: Member) -> list[Banner]:
    return [banner for teller in tellers for banner in teller(member)]
