"""What somebody typed behind the command, as a keyboard, a phone or a paste made it."""

import re

# what phones and word processors put in the place of plain marks
_SMART = str.maketrans(
    {**dict.fromkeys("\u201c\u201d\u201e\xab\xbb", '"'), **dict.fromkeys("\u2018\u2019\u201a", "'")}
)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
# <@U1|bob>, <#C1|general>, <!subteam^S1|@team>, <https://x|label>
_REFERENCE = re.compile(r"<([@#!]?)([^<>|\s]*)(?:\|([^<>]*))?>")


def verb_and_rest(text: object) -> tuple[str, str]:
    """In plain words, single blanks: `("close", "anna")` of `  Close   “anna” `."""
    words = plain(str(text or "")).split()
    rest = " ".join(words[1:])
    return (words[0].lower().strip("\"'/") if words else ""), _unquoted(rest)


def rest_as_typed(text: object) -> str:
    """What follows the verb, with its lines and quotation marks."""
    _, _, rest = _unmarked(str(text or "")).strip().partition(" ")
    return rest.strip()


def plain(text: str) -> str:
    """Without Slack's marks, and with the quotation marks of a typewriter."""
    return _unmarked(text).translate(_SMART)


def _unmarked(text: str) -> str:
    """A person is `@bob`, a channel `#general`, an address itself."""
    said = _REFERENCE.sub(_said, text)
    for entity, character in _ENTITIES:
        said = said.replace(entity, character)
    return said


def _said(found: re.Match[str]) -> str:
    kind, target, label = found.groups()
    if kind in ("@", "#"):
        return kind + (label or target).removeprefix(kind)
    return label or target


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if quoted else text
