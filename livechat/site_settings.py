"""What of a site's settings can be told, in the words of its pages: for the audit log."""

from datetime import UTC
from typing import Any

from livechat import away, hours, look, questions, schedule
from livechat.models import Site
from livechat.questions import Question


def settings_of(site: Site) -> dict[str, Any]:
    """Under names that a person knows. Its keys and what keeps it apart from others are not among them."""
    return {
        "name": site.name,
        "title": site.title,
        "greeting": site.greeting,
        "colour": site.colour,
        "websites": site.allowed_origins or "every website",
        "paused": site.paused_at is not None,
        "removed": site.removed_at is not None,
        "shows_who_is_on_the_site": site.shows_onlookers,
        **_look(site),
        **_texts(site),
        **_asked(site),
        **_away(site),
        **_hours(site),
    }


def said_of(site: Site) -> dict[str, str]:
    """What somebody said of who is there, as it stands in the row: also where its moment is over."""
    if site.forced_online is None:
        return {"who_is_there": "by hours and people"}
    until = f" until {site.forced_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if site.forced_until else ""
    return {"who_is_there": f"{'online' if site.forced_online else 'away'}{until}"}


def _look(site: Site) -> dict[str, Any]:
    of = look.of(site)
    return {
        "corner": look.CORNERS.get(of.corner, of.corner),
        "from_the_side": of.side,
        "from_the_bottom": of.bottom,
        "layer": of.layer,
        "shape": look.SHAPES.get(of.shape, of.shape),
        "icon": look.ICONS.get(of.icon, of.icon),
        "words_on_the_button": of.label,
        "theme": look.THEMES.get(of.theme, of.theme),
        "on_phones": of.on_phones,
        "faces": of.faces,
        # told apart by the beginning of a name that says nothing
        "logo": f"picture {of.picture[:6]}" if of.picture else "",
    }


def _texts(site: Site) -> dict[str, str]:
    own = look.texts_of(site)
    return {words.label: own.get(name, words.usual) for name, words in look.TEXTS.items()}


def _asked(site: Site) -> dict[str, Any]:
    form = questions.of(site)
    return {
        "introduction": form.intro,
        "questions": "; ".join(_question(one) for one in form.questions),
        "asked_only_while_nobody_is_there": form.only_away,
        "consent": form.consent,
        "privacy_notice": form.consent_url,
        "stars_after_a_chat": site.asks_rating,
    }


def _question(one: Question) -> str:
    kind = f"{one.kind}, needed" if one.required else str(one.kind)
    offered = f": {', '.join(one.options)}" if one.options else ""
    help_line = f" – {one.help}" if one.help else ""
    return f"{one.label} ({kind}{offered}){help_line}"


def _away(site: Site) -> dict[str, Any]:
    of = away.of(site)
    return {
        "hidden_while_nobody_is_there": of.hide,
        "asks_for_an_address": of.ask_email,
        "answers_are_mailed_after": f"{of.mail_after} minutes" if of.mail_after else "never",
    }


def _hours(site: Site) -> dict[str, Any]:
    of = schedule.of(site)
    days = (f"{day.date} {', '.join(f'{a}–{b}' for a, b in day.spans) or 'closed'}" for day in of.days)
    return {
        "hours": "always open" if of.is_always_open else hours.words(of.hours),
        "time_zone": of.zone,
        "single_days": "; ".join(days),
    }
