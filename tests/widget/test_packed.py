"""The scripts that visitors get are packed (W2): they must do what the written ones do."""

import shutil
import subprocess
from pathlib import Path

import pytest

from config.static import packed
from house.services import modern_node
from tests.stack import ROOT


@pytest.mark.skipif(modern_node() is None, reason="needs Node 18 or newer: apt-get install nodejs")
def test_packed_modules_pass_the_tests_of_the_written_ones(tmp_path: Path) -> None:
    for folder in ("tests/widget", "templates/widget", "static/widget"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for script in (tmp_path / "static").rglob("*.js"):
        script.write_text(packed(script.name, script.read_text()))
    tests = sorted(str(path) for path in (tmp_path / "tests").rglob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *tests], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
