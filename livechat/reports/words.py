"""Numbers of reports in words."""

from datetime import date


def lasted(seconds: int | None) -> str:
    """`45 s`, `4 min 10 s`, `25 min`, `3 h 20 min`, `2 d 4 h`, in one line; `–` for none."""
    return "–" if seconds is None else _lasted(seconds).replace(" ", "\u00a0")


def _lasted(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def share(part: int, whole: int) -> str:
    """`12 %`; empty of nothing."""
    return f"{round(part * 100 / whole)} %" if whole else ""


def more_or_less(now: int, before: int) -> str:
    """Beside a number of chats: how it stands to the period before."""
    if not before:
        return "None in the period before" if now else ""
    if now == before:
        return "As many as before"
    return f"{round(abs(now - before) * 100 / before)} % {'more' if now > before else 'fewer'} than before"


def sooner_or_later(now: int | None, before: int | None) -> str:
    if now is None or before is None:
        return ""
    if now == before:
        return "As before"
    return f"{lasted(abs(now - before))} {'faster' if now < before else 'slower'} than before"


def day(of: date) -> str:
    return f"{of:%a} {of.day} {of:%b %Y}"


def days(first: date, last: date) -> str:
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def chats(number: int) -> str:
    return f"{number:,} chat{'' if number == 1 else 's'}"
