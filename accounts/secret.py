"""A value that does not show itself."""

from hmac import compare_digest
from typing import Any, NoReturn, Self


class Secret:
    """Text that only `reveal()` shows: printed, formatted or logged it is `***`, and it goes into no JSON or pickle.

    >>> f"token {Secret('xoxb-1')}"
    'token ***'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            other = other.reveal()
        if not isinstance(other, str):
            return NotImplemented
        return compare_digest(self.reveal().encode(errors="replace"), other.encode(errors="replace"))

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A Secret is not pickled: pass the id of its row instead.")
