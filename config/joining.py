"""ES modules that belong together, and style sheets, as one file each: compressed alone they weigh a fifth more.

What is in the repository runs in a browser as it stands; this is done where static files are collected. Modules become
functions that are called once, in the order in which a browser would run them. It knows what our own modules use and
no more: named imports of neighbours, and exported functions, classes and constants.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
SHEET = re.compile(r'^@import "\./([\w.]+)";\n', re.MULTILINE)


def joined(root: Path) -> str:
    """The module or style sheet with everything that it imports."""
    return joined_sheet(root) if root.suffix == ".css" else joined_modules(root)


def joined_sheet(root: Path) -> str:
    return SHEET.sub(lambda found: joined_sheet(root.parent / found[1]), root.read_text())


def joined_modules(root: Path) -> str:
    """Raises ValueError for an import or export that it does not know."""
    found: dict[str, str] = {}
    _collect(root, found)
    return "".join(found.values())


def _collect(module: Path, found: dict[str, str], parents: tuple[str, ...] = ()) -> None:
    if module.name in parents:
        raise ValueError(f"{module.name} imports itself by way of {' and '.join(parents)}")
    source = module.read_text()
    for imported in IMPORT.finditer(source):
        if imported[2] not in found:
            _collect(module.parent / imported[2], found, (*parents, module.name))
    found[module.name] = _as_function(module.stem, source, is_root=not parents)


def _as_function(stem: str, source: str, *, is_root: bool) -> str:
    names = [name for _, name in EXPORT.findall(source)]
    body = EXPORT.sub(r"\1 \2", IMPORT.sub(_taken, source))
    if unknown := OTHER.search(body):
        raise ValueError(f"{stem}: {unknown[0]}")
    if is_root:
        return body
    return f"const {_variable(stem)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();\n"


def _taken(found: re.Match[str]) -> str:
    names = found[1].replace(" as ", ": ")
    return f"const {{{names}}} = {_variable(Path(found[2]).stem)};\n"


def _variable(stem: str) -> str:
    return f"of_{stem}"
