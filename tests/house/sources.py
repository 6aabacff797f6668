"""The project's own files, as the rules of the house read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "livechat", "slackapp", "billing")
PRODUCT = ("config", *APPS)
CODE = (*PRODUCT, "slack_sandbox", "stripe_sandbox", "bin", "tests")
FOREIGN = {"vendor", "node_modules", "__pycache__", "migrations"}


def files(*folders: str, suffix: str) -> Iterator[Path]:
    """Our files below these folders, without vendored ones and migrations."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            if not FOREIGN & set(path.relative_to(ROOT).parts):
                yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=name(path))


def imports(module: ast.AST) -> dict[str, str]:
    """What each imported name stands for: {"client": "slackapp.client", "post": "slackapp.client.post"}."""
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name.split(".")[0]): alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    return found


def chain(node: ast.AST) -> list[str]:
    """The words of `Site.unscoped.filter(…).update`: ["Site", "unscoped", "filter", "update"]."""
    if isinstance(node, ast.Call):
        return chain(node.func)
    if isinstance(node, ast.Subscript):
        return chain(node.value)
    if isinstance(node, ast.Attribute):
        return [*chain(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else [""]
