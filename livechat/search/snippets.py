"""The piece of a message that answers a search, as parts of plain text of which some are marked."""

from dataclasses import dataclass

from livechat.search.language import Query
from livechat.search.words import Word, words

LENGTH, LEAD = 200, 60


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    marked: bool


def snippet(text: str, query: Query) -> list[Part]:
    """About LENGTH characters around the first words that were looked for; the beginning if none of them is here."""
    spans = _spans(list(words(text)), query)
    begin = _word_begin(text, max(0, spans[0][0] - LEAD)) if spans else 0
    end = min(len(text), begin + LENGTH)
    parts, at = [Part("…", False)] if begin else [], begin
    for start, stop in spans:
        if at <= start and stop <= end:
            parts += [Part(text[at:start], False), Part(text[start:stop], True)]
            at = stop
    parts += [Part(text[at:end], False), Part("…" if end < len(text) else "", False)]
    return [part for part in parts if part.text]


def _spans(found: list[Word], query: Query) -> list[tuple[int, int]]:
    spans = set()
    for number, phrase in enumerate(query.wanted):
        goes_on = query.goes_on and number == len(query.wanted) - 1
        for place in range(len(found) - len(phrase) + 1):
            here = found[place : place + len(phrase)]
            if _is(tuple(word.text for word in here), phrase, goes_on):
                spans.add((here[0].start, here[-1].end))
    return sorted(spans)


def _is(here: tuple[str, ...], phrase: tuple[str, ...], goes_on: bool) -> bool:
    if not goes_on:
        return here == phrase
    return here[:-1] == phrase[:-1] and here[-1].startswith(phrase[-1])


def _word_begin(text: str, at: int) -> int:
    space = text.find(" ", at, at + LEAD // 2)
    return at if at == 0 or space < 0 else space + 1
