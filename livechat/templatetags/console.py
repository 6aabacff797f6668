"""Small renderings for the console's templates: faces, times in words, addresses that may be clicked."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from livechat import snooze, transcripts
from livechat.files.links import For, Part, link
from livechat.models import Attachment
from livechat.segments import Segment, safe_url
from livechat.segments import true_host as _true_host

register = template.Library()
PLAIN = {"type", "text"}
PICTURE_WIDTH, PICTURE_HEIGHT = 320, 240


@register.filter
def initial(name: str) -> str:
    """The first letter, for a face without a photo."""
    return next((character.upper() for character in name if character.isalnum()), "?")


@register.filter
def thumbnail(file: Attachment) -> str:
    """Good for minutes: a page that is drawn again has a new one."""
    return link(file.site_id, file.pk, file.name, For.CONSOLE, Part.THUMBNAIL)


@register.filter
def shown_width(file: Attachment) -> int:
    """Told beforehand, so that nothing jumps when the picture comes."""
    return max(1, round((file.width or 1) * _shrink(file)))


@register.filter
def shown_height(file: Attachment) -> int:
    return max(1, round((file.height or 1) * _shrink(file)))


def _shrink(file: Attachment) -> float:
    return min(1.0, PICTURE_WIDTH / (file.width or 1), PICTURE_HEIGHT / (file.height or 1))


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
def moment(of: datetime) -> str:
    """`15:00`, `tomorrow, 09:00`, `Tue 24 Nov, 09:00`, on the reader's clock."""
    return snooze.said_here(of, timezone.get_current_timezone())


@register.filter
def is_plain(segment: Segment) -> bool:
    """Nearly every segment is: a template that asks it for each style it has not got takes five times as long."""
    return segment.keys() == PLAIN and segment["type"] == "text"


@register.filter
def clickable(url: str) -> str:
    """What a stranger's page called its address, if a browser may be sent there; else nothing."""
    return url if url.startswith(("http://", "https://")) and safe_url(url) else ""


@register.filter
def true_host(url: str) -> str:
    """Said beside an address that reads like another; else nothing."""
    return _true_host(url)


@register.filter
def picture_url(key: str) -> str:
    """The address of our copy of a face or an emoji; empty without one."""
    return transcripts.picture_url(key) or ""


@register.filter
def host(url: str) -> str:
    """The address without scheme and query, for reading."""
    return url.partition("://")[2].partition("?")[0].partition("#")[0].rstrip("/") or url
