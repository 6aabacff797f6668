"""What a shop's visitors download: the loader, and the panel with all its modules, as brotli 11 sends them."""

from pathlib import Path

import brotli

from config.joining import joined
from config.static import packed
from tests.benchmarks.figures import Rounds, Row, Target, at_most
from tests.stack import ROOT

WIDGET = ROOT / "static" / "widget"
FRAME = ROOT / "templates" / "widget" / "frame.html"
PANEL = [FRAME, WIDGET / "widget.css", WIDGET / "panel.js"]


def measure() -> list[Row]:
    return [
        _row("loader", [WIDGET / "loader.js"], at_most(4000, "4,000 bytes")),
        _row("panel", PANEL, at_most(25_000, "25,000 bytes")),
    ]


def weight(path: Path) -> int:
    """Bytes on the wire: joined and packed as when static files are collected."""
    source = joined(path) if path.suffix in (".js", ".css") else path.read_text()
    return len(brotli.compress(packed(path.name, source).encode(), quality=11))


def _row(name: str, files: list[Path], target: Target) -> Row:
    total = sum(weight(path) for path in files)
    return Row(name, "brotli 11", "bytes", Rounds([[float(total)]]), target, spread=False)
