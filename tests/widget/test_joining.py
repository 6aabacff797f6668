"""The panel travels as one file (W2): its modules in the order in which a browser runs them; nothing is guessed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from config.joining import joined
from house.services import modern_node


def written(folder: Path, **modules: str) -> Path:
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "root.js"


@pytest.mark.skipif(modern_node() is None, reason="needs Node 18 or newer: apt-get install nodejs")
def test_joined_modules_do_what_they_did_apart_and_keep_their_names_to_themselves(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        root='import { one } from "./a.js";\nimport { one as other } from "./b.js";\nconst mine = 3;\n'
        "console.log(one(), other, mine);\n",
        a='import { one as theirs } from "./b.js";\nconst mine = 1;\n'
        "export function one() {\n  return mine + theirs;\n}\n",
        b="const mine = 40;\nexport const one = mine;\n",
    )
    whole = tmp_path / "whole.mjs"
    whole.write_text(joined(root))
    node = shutil.which("node") or ""
    said = subprocess.run([node, str(whole)], capture_output=True, text=True, check=True).stdout
    assert said == "41 40 3\n"


@pytest.mark.parametrize(
    "source",
    [
        'import all from "./a.js";\n',
        "export { mine };\n",
        "export default 1;\n",
        'import { x } from "elsewhere";\n',
    ],
)
def test_what_it_does_not_know_stops_it(tmp_path: Path, source: str) -> None:
    with pytest.raises(ValueError, match="root"):
        joined(written(tmp_path, root=source, a="export const mine = 1;\n"))


def test_a_circle_of_modules_stops_it(tmp_path: Path) -> None:
    circle = {
        "root": 'import { a } from "./a.js";\n',
        "a": 'import { b } from "./root.js";\nexport const a = 1;\n',
    }
    with pytest.raises(ValueError, match="by way of"):
        joined(written(tmp_path, **circle))
