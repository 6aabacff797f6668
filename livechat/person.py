"""Who somebody is by the word of the website they are logged in to: what a checked identity token said (W14)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """`subject` is the website's own id of them, the same on every device. Texts are cleaned, empty if not said.

    `attributes`: label and value in their order. `left_out`: sentences about what was said and is not used.
    """

    subject: str
    expires_at: datetime
    name: str = ""
    email: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
