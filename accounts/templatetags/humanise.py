"""Numbers as people write them."""

from django import template

register = template.Library()


@register.filter
def thousands(number: int) -> str:
    """1204 as 1,204."""
    return f"{number:,}"


@register.filter
def as_size(count: int) -> str:
    """Bytes as somebody would say them: 1.4 MB."""
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit in ("bytes", "kB") else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
