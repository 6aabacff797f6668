"""The project runs anywhere: no file knows the folder or the home of the machine it was written on."""

import re

from tests.house.sources import ROOT

HOMES = re.compile(r"(?<![\w.:/])/(?:work|root|home|Users)/[\w.-]+|[A-Z]:\\\\Users")
SUFFIXES = {".py", ".js", ".css", ".html", ".md", ".toml", ".txt", ".lock", ".json", ".yml", ".sh", ""}
SKIPPED = {".git", ".venv", ".hypothesis", "var", "node_modules", "vendor", "__pycache__"}


def test_no_file_names_a_machines_folder() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in ROOT.rglob("*")
        if path.is_file() and path.suffix in SUFFIXES and not skipped(path.relative_to(ROOT).parts)
        for match in HOMES.finditer(path.read_text(errors="replace"))
    ]
    assert not found


def skipped(parts: tuple[str, ...]) -> bool:
    return any(part in SKIPPED or part.endswith("_cache") for part in parts)


def test_the_check_sees_a_home() -> None:
    assert HOMES.search("path = '" + "/ho" + "me/alice/threadbell'")
    assert not HOMES.search("https://example.com/home/alice")
