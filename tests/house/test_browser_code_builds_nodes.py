"""Text of strangers becomes text nodes, never markup; pages carry no code a policy would have to allow."""

import re

import pytest

from tests.house.sources import ROOT, files, name

MARKUP_FROM_TEXT = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|srcdoc)\b"
    r"|\bdocument\.writeln?\b|\beval\s*\(|\bnew\s+Function\b|\bset(?:Timeout|Interval)\s*\(\s*[\"'`]"
)
INLINE_CODE = re.compile(
    r"\son[a-z]+\s*=\s*[\"']|javascript:|\sstyle\s*=\s*[\"']|\|\s*safe\b|autoescape\s+off", re.IGNORECASE
)
BARE_SCRIPT = re.compile(r"<(?:script|style)(?![^>]*(?:\bsrc=|nonce=|application/json))[^>]*>", re.IGNORECASE)


def lines_with(pattern: re.Pattern[str], *folders: str, suffix: str) -> list[str]:
    return [
        f"{name(path)}:{number} {line.strip()[:100]}"
        for path in files(*folders, suffix=suffix)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_script_makes_markup_from_text() -> None:
    found = lines_with(MARKUP_FROM_TEXT, "static", "slack_sandbox", suffix=".js")
    assert not found, "Build nodes and set textContent:\n" + "\n".join(found)


def test_no_template_carries_inline_code_or_unescaped_text() -> None:
    found = [line for line in lines_with(INLINE_CODE, "templates", suffix=".html") if "/emails/" not in line]
    assert not found, "Use a module, a class and Django's escaping:\n" + "\n".join(found)


def test_every_inline_script_and_style_has_a_nonce() -> None:
    """A mail has no policy and no nonce, and is dark by a style alone; a script in one is refused all the same."""
    found = lines_with(BARE_SCRIPT, "templates", suffix=".html")
    assert not [line for line in found if not ("/emails/" in line and line.endswith("<style>"))]


@pytest.mark.parametrize(
    "line", ["box.innerHTML = text", "setTimeout('go()', 1)", "new Function(text)", "eval (text)"]
)
def test_the_check_sees_markup_from_text(line: str) -> None:
    assert MARKUP_FROM_TEXT.search(line)


def test_vendored_code_has_its_licence_beside_it() -> None:
    bare = [folder for folder in (ROOT / "static").rglob("vendor") if not any(folder.glob("*LICEN*"))]
    assert not bare
