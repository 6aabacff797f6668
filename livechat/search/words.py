"""Text as the words it is found by: the same for both databases, for what was said and for what is looked for.

Case, accents and apostrophes do not matter. Scripts without spaces between words are taken letter by letter, so that a
phrase of letters finds a word inside a sentence.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

LONGEST = 64
_DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_WORD = regex.compile(rf"{_DENSE}\p{{M}}*|(?:(?!{_DENSE})[\p{{L}}\p{{N}}\p{{M}}'’])+")
_NO_LETTER = regex.compile(r"[^\p{L}\p{N}]")


@dataclass(frozen=True, slots=True)
class Word:
    """`text` as it is found, and where it stands."""

    text: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        if plain := _plain(found.group()):
            yield Word(plain, found.start(), found.end())


def terms(text: str) -> list[str]:
    return [word.text for word in words(text)]


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower().replace("'", "")[:LONGEST]
    open_up = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", _NO_LETTER.sub("", open_up))[:LONGEST].casefold()
