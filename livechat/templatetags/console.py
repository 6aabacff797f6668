"""Small renderings for the console's templates: faces, times in words, addresses that may be clicked."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from livechat.segments import safe_url

register = template.Library()


@register.filter
def initial(name: str) -> str:
    """The first letter, for a face without a photo."""
    return next((character.upper() for character in name if character.isalnum()), "?")


@register.filter
def day_name(moment: datetime) -> str:
    local = timezone.localtime(moment)
    days = (timezone.localdate() - local.date()).days
    if days in (0, 1):
        return ("Today", "Yesterday")[days]
    return date_format(local, "l, j F" if 0 < days < 300 else "j F Y")


@register.filter
def ago(moment: datetime | None) -> str:
    """`now`, `4 min`, `3 h`, `Mon`, `3 Nov`: short enough for the corner of a list."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h"
    return date_format(timezone.localtime(moment), "D" if seconds < 6 * 86_400 else "j M")


@register.filter
def ago_words(moment: datetime | None) -> str:
    """`4 min ago`, for sentences; `just now` below a minute."""
    short = ago(moment)
    if short.endswith((" min", " h")):
        return f"{short} ago"
    return "just now" if short == "now" else f"on {short}"


@register.filter
def clickable(url: str) -> str:
    """What a stranger's page called its address, if a browser may be sent there; else nothing."""
    return url if url.startswith(("http://", "https://")) and safe_url(url) else ""


@register.filter
def host(url: str) -> str:
    """The address without scheme and query, for reading."""
    return url.partition("://")[2].partition("?")[0].partition("#")[0].rstrip("/") or url
