"""Which passwords are refused besides short ones: those that attackers try first."""

import gzip
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ValidationError

from accounts.models import User

LONGEST = 128
COMMON = Path(__file__).with_name("common_passwords.txt.gz")


@lru_cache(maxsize=1)
def _common() -> bytes:
    """One text instead of a set: half a megabyte, searched in a tenth of a millisecond."""
    return b"\n" + gzip.decompress(COMMON.read_bytes())


class NotCommon:
    """The list is that of the million most common ones; COMMON's licence names its source."""

    def validate(self, password: str, user: User | None = None) -> None:
        word = password.strip().lower()
        if "\n" in word or f"\n{word}\n".encode(errors="replace") in _common():
            raise ValidationError(
                "This password is too common: it is among the first that are tried.", "common"
            )

    def get_help_text(self) -> str:
        return "Not one that many others use."


class NotTooLong:
    """Hashing a whole book would keep the server busy."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(f"A password has at most {LONGEST} characters.", "too_long")

    def get_help_text(self) -> str:
        return f"At most {LONGEST} characters."
