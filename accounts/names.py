"""Names as people may be shown them: one line, no tricks with direction or control, not endless."""

from functools import lru_cache

import regex

# controls, marks that turn the direction of what follows, and halves of surrogate pairs
_TRICKS = regex.compile(r"[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


@lru_cache(maxsize=1000)
def clean_name(text: str, limit: int = 80) -> str:
    """May be empty. Cut between graphemes, never inside one."""
    line = " ".join(_TRICKS.sub(" ", text).split())
    if len(line) <= limit:
        return line
    kept = ""
    for cluster in regex.findall(r"\X", line):
        if len(kept) + len(cluster) > limit:
            break
        kept += cluster
    return kept.rstrip()


def name_from_email(email: str) -> str:
    """`mary.jones+x@…` → `Mary Jones`: what visitors see until somebody chooses a name."""
    local = email.partition("@")[0].partition("+")[0]
    words = [word for word in regex.split(r"[._\-\d]+", local) if word]
    return clean_name(" ".join(word.capitalize() for word in words)) or "Agent"
