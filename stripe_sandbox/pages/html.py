"""Pages as nested calls; every text is escaped on its way in."""

from html import escape


class Html(str):
    """Markup that may stand as it is."""

    __slots__ = ()


Child = str | int | None
EMPTY = frozenset({"input", "link", "meta", "br", "hr"})


def el(tag: str, *children: Child, **attrs: Child | bool) -> Html:
    """`el("a", "Back", href="/")`. An inner `_` is written `-`, a last one dropped; None and False are left out."""
    written = "".join(_attribute(name, value) for name, value in attrs.items() if value not in (None, False))
    if tag in EMPTY:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def _attribute(name: str, value: Child | bool) -> str:
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def join(*children: Child) -> Html:
    parts = [
        child if isinstance(child, Html) else escape(str(child)) for child in children if child is not None
    ]
    return Html("".join(parts))
