"""What the documents name exists: tests, constraints, files and settings."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import is_valid_path

from config import env

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#]*)(?:#([^)]*))?\)")


def names_of_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text())}


def names_of_constraints() -> set[str]:
    return {constraint.name for model in apps.get_models() for constraint in model._meta.constraints}


def headings(page: Path) -> set[str]:
    lines = [line.lstrip("# ") for line in page.read_text().splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_every_invariant_names_tests_and_constraints_that_exist():
    page = (ROOT / "docs" / "invariants.md").read_text()
    named = set(re.findall(r"`(\w+)`", page))
    tests = {name for name in named if name.startswith("test_")}
    constraints = {
        name
        for line in page.splitlines()
        for part in re.findall(r"constraints? ((?:`\w+`(?:, )?)+)", line)
        for name in re.findall(r"`(\w+)`", part)
    }
    assert len(tests) > 40
    assert len(constraints) > 8
    assert tests - names_of_tests() == set()
    assert constraints - names_of_constraints() == set()


def test_what_the_marketplace_asks_is_shown_by_tests_and_files_that_exist():
    page = (ROOT / "docs" / "marketplace.md").read_text()
    named = set(re.findall(r"`([\w./-]+)`", page))
    tests = {name for name in named if name.startswith("test_") and not name.endswith(".py")}
    files = {name for name in named if "/" in name and not name.startswith("/")} - {"bin/run"}
    assert len(tests) > 40
    assert tests - names_of_tests() == set()
    assert {name for name in files if not (ROOT / name).exists()} == set()


def test_the_marketplaces_page_names_addresses_that_answer():
    page = (ROOT / "docs" / "marketplace.md").read_text()
    named = set(re.findall(r"`https://chat\.example\.com(/[\w/]*)`", page))
    assert len(named) > 5
    assert {path for path in named if not is_valid_path(path)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    for target, anchor in LINK.findall(page.read_text()):
        if target.startswith("http"):
            continue
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), target
        assert not anchor or anchor in headings(found), f"{target}#{anchor}"


def test_every_setting_is_in_the_table_and_nothing_else_is():
    page = (ROOT / "docs" / "deploying.md").read_text()
    table = page[page.index("## Every setting") :]
    named = {name.removesuffix("_FILE") for name in re.findall(r"`([A-Z][A-Z_]+)`", table)}
    assert named - {"FULL", "NORMAL", "NAME"} == env.NAMES


def test_pictures_are_small():
    for picture in (ROOT / "docs").rglob("*.png"):
        assert picture.stat().st_size < 200_000, picture.name
