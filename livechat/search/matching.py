"""A query as each index reads it. Made of words and marks alone, which hold no sign that either would understand."""

import uuid
from collections.abc import Iterable

from livechat.search import lines
from livechat.search.language import Phrase, Query


class Match:
    """`site_ids` is None for all sites; `marks` are asked for in addition."""

    def __init__(
        self,
        query: Query,
        workspace_id: uuid.UUID,
        site_ids: list[uuid.UUID] | None,
        marks: tuple[str, ...] = (),
    ) -> None:
        self._query = query
        # each of these marks, and of each of these groups one
        self._marks = [lines.of_workspace(workspace_id), *marks]
        if query.author:
            self._marks.append(f"#{query.author}")
        if query.has_file:
            self._marks.append(lines.FILE)
        self._sites = [lines.of_site(site_id) for site_id in site_ids or ()]

    def fts(self, chats: Iterable[uuid.UUID] = ()) -> str:
        groups = [self._sites, sorted(lines.of_chat(chat_id) for chat_id in chats)]
        parts = [f'"{mark}"' for mark in self._marks]
        parts += [_any(group, '"', " OR ") for group in groups if group]
        parts += [
            f'"{" ".join(phrase)}"{"*" if self._goes_on(phrase) else ""}' for phrase in self._query.wanted
        ]
        unwanted = "".join(f' NOT "{" ".join(phrase)}"' for phrase in self._query.unwanted)
        return f"({' AND '.join(parts)}){unwanted}"

    def tsquery(self) -> str:
        parts = [f"'{mark}'" for mark in self._marks]
        if self._sites:
            parts.append(_any(self._sites, "'", " | "))
        parts += [_in_order(phrase, self._goes_on(phrase)) for phrase in self._query.wanted]
        parts += [f"!{_in_order(phrase, False)}" for phrase in self._query.unwanted]
        return " & ".join(parts)

    def _goes_on(self, phrase: Phrase) -> bool:
        return self._query.goes_on and phrase is self._query.wanted[-1]


def _in_order(phrase: Phrase, goes_on: bool) -> str:
    words = " <-> ".join(f"'{word}'" for word in phrase)
    return f"({words}:*)" if goes_on else f"({words})"


def _any(marks: Iterable[str], quote: str, word: str) -> str:
    return f"({word.join(f'{quote}{mark}{quote}' for mark in marks)})"
