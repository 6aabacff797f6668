"""What a visitor downloads, as brotli sends it."""

from tests.benchmarks.weight import FRAME, WIDGET, weight


def test_the_loader_weighs_at_most_4_kb() -> None:
    assert weight(WIDGET / "loader.js") <= 4_000


def test_the_whole_panel_weighs_at_most_25_kb() -> None:
    panel = [path for path in WIDGET.iterdir() if path.suffix in (".js", ".css") and path.name != "loader.js"]
    assert sum(weight(path) for path in [FRAME, *panel]) <= 25_000
