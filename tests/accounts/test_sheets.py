"""CSV files: no cell of theirs is run by whoever opens them."""

import csv
from io import StringIO

import pytest

from accounts import sheets


@pytest.mark.parametrize(
    "hostile",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        '=HYPERLINK("http://x")',
    ],
)
def test_what_a_spreadsheet_would_run_is_text(hostile: str) -> None:
    text = "".join(sheets.lines([[hostile]])).removeprefix(sheets.BOM)
    assert next(csv.reader(StringIO(text, newline=""))) == [f"'{hostile}"]


def test_everything_else_stays_as_it_is() -> None:
    text = "".join(sheets.lines([["Name", "a,b", 'say "hi"', -3, None, 4.5, "日本"], ["two\nlines"]]))
    assert text == '\ufeffName,"a,b","say ""hi""",-3,,4.5,日本\r\n"two\nlines"\r\n'


def test_it_is_written_as_it_is_read() -> None:
    taken = []

    def rows() -> object:
        for number in range(3):
            taken.append(number)
            yield [number]

    response = sheets.download("chats.csv", rows())  # type: ignore[arg-type]
    assert taken == []
    assert b"".join(response.streaming_content).endswith(b"0\r\n1\r\n2\r\n")  # type: ignore[arg-type]
    assert response["Content-Disposition"] == 'attachment; filename="chats.csv"'
