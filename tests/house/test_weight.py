"""What a visitor downloads, as brotli sends it."""

from config.joining import joined
from tests.benchmarks.weight import PANEL, WIDGET, weight


def test_the_loader_weighs_at_most_4_kb() -> None:
    assert weight(WIDGET / "loader.js") <= 4_000


def test_the_whole_panel_weighs_at_most_25_kb() -> None:
    assert sum(weight(path) for path in PANEL) <= 25_000


def test_the_panel_is_all_that_was_written_for_it_in_one_file_each() -> None:
    whole = "".join(joined(path) for path in PANEL if path.suffix in (".js", ".css"))
    for path in WIDGET.iterdir():
        if path.suffix in (".js", ".css") and path.name not in ("loader.js", "widget.css"):
            written = path.read_text().splitlines()
            assert max(written, key=len).removeprefix("export ") in whole, f"nothing imports {path.name}"
