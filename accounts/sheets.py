"""Tables for spreadsheets: CSV that Excel reads as UTF-8, and in which no cell is a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# what begins so is run as a formula, also behind spaces, and in the wide forms of East Asian keyboards; OWASP
# describes it under "CSV Injection"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BOM = "\ufeff"


class _Line:
    """What csv.writer writes to: it hands the line back."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> Any:
    """Text that would be run is shown instead, behind an apostrophe; numbers and moments stay as they are."""
    if not isinstance(value, str):
        return "" if value is None else value
    runs = value.startswith(FORMULAS) or value.lstrip().startswith(FORMULAS)
    return f"'{value}" if runs else value


def lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BOM
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def download(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Written as it is read. `name` is ours and ends in `.csv`."""
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
