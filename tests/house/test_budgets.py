"""What fits on a screen gets read: lengths of files and functions."""

import ast
from statistics import median

from tests.house.sources import CODE, PRODUCT, files, name, tree

FILE_LINES = 400
FUNCTION_LINES = 50
MEDIAN_LINES = 8


def lengths(module: ast.AST) -> list[tuple[str, int]]:
    """Name and number of lines of every function, decorators not counted."""
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_file_is_longer_than_400_lines() -> None:
    written = [path for folder in CODE for path in files(folder, suffix=".py")]
    written += [
        path for suffix in (".js", ".css", ".html") for path in files("static", "templates", suffix=suffix)
    ]
    written += [
        path for suffix in (".js", ".css") for path in files("slack_sandbox", "stripe_sandbox", suffix=suffix)
    ]
    lines = {name(path): len(path.read_text().splitlines()) for path in written}
    assert not {path: count for path, count in lines.items() if count > FILE_LINES}


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{name(path)} {function}: {count}"
        for path in files(*CODE, suffix=".py")
        for function, count in lengths(tree(path))
        if count > FUNCTION_LINES
    ]
    assert not long


def test_half_of_the_functions_have_at_most_8_lines() -> None:
    counts = [count for path in files(*PRODUCT, suffix=".py") for _, count in lengths(tree(path))]
    assert median(counts) <= MEDIAN_LINES
