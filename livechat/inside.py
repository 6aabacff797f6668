"""Lines that are not for the visitor, wherever a colleague writes them (S14)."""

import re
import unicodedata

# also in a quote or a list, and after characters that nobody sees
PREFIX = re.compile(
    r"\A(?:[\s>•*\-\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\d+\.)*(?:;;|note:)", re.IGNORECASE
)
MOST_BEFORE = 200


def is_note(text: str) -> bool:
    """A line that begins with `;;` or `note:` stays inside; in doubt it does.

    Keyboards for Chinese, Japanese and Greek write these signs with characters of their own. What stands here decides;
    `static/console/note.js` says the same before it is sent.
    """
    beginning = unicodedata.normalize("NFKC", text.lstrip()[:MOST_BEFORE])
    return PREFIX.match(beginning) is not None
