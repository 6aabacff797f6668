"""How a site's chat looks and speaks to visitors (W11): what its owner chose beside title, greeting and colour."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from livechat import away, questions
from livechat.models import Site

CORNERS = {"right": "Right", "left": "Left"}
SHAPES = {"circle": "Circle", "rounded": "Rounded square", "label": "With words"}
ICONS = {"bubble": "Speech bubble", "question": "Question mark", "smile": "Smile", "letter": "Letter"}
THEMES = {"auto": "As the visitor’s device", "light": "Light", "dark": "Dark"}
FURTHEST = 200
# the highest that a browser keeps is some thousands above
TOPMOST = 2_147_483_000
LONGEST_LABEL = 24
LONGEST_BUTTON = 40


@dataclass(frozen=True, slots=True)
class Look:
    """`side` and `bottom` are pixels from the window's edges, `layer` a z-index, `picture` a Picture's key."""

    corner: str = "right"
    side: int = 20
    bottom: int = 20
    layer: int = TOPMOST
    shape: str = "circle"
    icon: str = "bubble"
    label: str = ""
    theme: str = "auto"
    on_phones: bool = True
    faces: bool = True
    picture: str = ""

    def row(self) -> dict[str, Any]:
        """Only what differs from the default, so that a better default reaches whoever never chose."""
        return {name: value for name, value in asdict(self).items() if value != getattr(DEFAULT, name)}


DEFAULT = Look()
_NAMES = {field.name for field in fields(Look)}


def of(site: Site) -> Look:
    return Look(**{name: value for name, value in dict(site.look).items() if name in _NAMES})


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence of the panel that an owner may replace. `usual` stands in static/widget/texts.js too.

    `is_shown` is whether a site's panel ever says it; others are not offered.
    """

    label: str
    usual: str
    longest: int = 120
    is_shown: Callable[[Site], bool] = lambda site: True


def _asks_first(site: Site) -> bool:
    return bool(questions.of(site).row())


def _asks_later(site: Site) -> bool:
    return site.asks_rating or away.of(site).ask_email


# by the name that the panel knows
TEXTS = {
    "placeholder": Words("In the empty field", "Write a message", 60),
    "online": Words("When somebody is there", "We are online", 60),
    "away": Words("When nobody is there", "We are away. Write, and we will answer here."),
    "ended": Words("After a chat has ended", "This chat has ended. Write to start a new one."),
    "closed": Words("On pages that are open while you pause the chat", "This chat is closed for now."),
    "start": Words("Button below your questions", "Start the chat", LONGEST_BUTTON, _asks_first),
    "send": Words("Button below an address or stars", "Send", LONGEST_BUTTON, _asks_later),
    "noThanks": Words(
        "Button that leaves an address or stars out", "No, thanks", LONGEST_BUTTON, _asks_later
    ),
}


def texts_of(site: Site) -> dict[str, str]:
    """What the owner wrote; the panel has words of its own for the rest."""
    return {name: str(site.texts[name]) for name in TEXTS if site.texts.get(name)}
