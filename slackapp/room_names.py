"""Names of the channels that Noisy chats get: `tb-ana-042`, and `zz-tb-ana-042` once the chat is over.

Slack's rules (docs.slack.dev/reference/methods/conversations.create): at most 80 of a–z, 0–9, hyphen and underscore,
not punctuation alone, unique over public, private and archived channels and user groups.
"""

import re
import unicodedata

PREFIX, OVER = "tb-", "zz-"
MOST_SLUG = 40
# letters that are no Latin letter with a mark; after NFKD, which takes the marks off these, too
_LATIN = dict(zip("æœøłđðþßħŋı", "ae oe o l d d th ss h ng i".split(), strict=True))
_CYRILLIC = dict(
    zip(
        "абвгдежзиклмнопрстуфхцчшщыэюяієґјљњћђџ",
        "a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch y e yu ya i ye g j lj nj c dj dz".split(),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)
_LETTERS = str.maketrans({**_LATIN, **_CYRILLIC, **_GREEK})


def slug(name: str) -> str:
    """What can be said of a visitor's name in Slack's letters; `visitor` if that is nothing."""
    letters = unicodedata.normalize("NFKD", name).lower().translate(_LETTERS)
    plain = letters.encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:MOST_SLUG].strip("-") or "visitor"


def room_name(visitor: str, number: int) -> str:
    """`number` is given once per Slack team, so that no two chats ever want the same name."""
    return f"{PREFIX}{slug(visitor)}-{number:03d}"


def another(name: str, attempt: int) -> str:
    """The name for the n-th attempt, the first being 0: somebody else's channel has the ones before."""
    return name if attempt == 0 else f"{name}-{attempt + 1}"


def name_when_over(name: str) -> str:
    """Frees the name, and sorts below the channels of open chats."""
    return f"{OVER}{name_when_open(name)}"[:80]


def name_when_open(name: str) -> str:
    return name.removeprefix(OVER)
