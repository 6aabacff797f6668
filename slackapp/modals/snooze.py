"""*Snooze…*: until when a chat is out of sight. A moment of one's own is chosen on one's own clock, as Slack has it.

*Tomorrow* is chosen to begin with: the form is opened most often at the end of a day.
"""

from datetime import UTC, datetime, tzinfo
from typing import Any

from accounts.errors import Refused
from livechat import snooze
from livechat.actions import messages, snoozing
from slackapp import people, which
from slackapp.asked import Asked, Json
from slackapp.interactivity import mapping
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, option, plain
from slackapp.which import Found

OTHER = "other"
FOR, AT = "for", "at"
FIRST = "tomorrow"
WITHOUT_MOMENT = "Choose the day and the time."
ABOUT = "The chat leaves the open ones and nobody is reminded of it. It comes back then, or when the visitor writes."


def opened(asked: Asked) -> Json:
    found = which.found(asked)
    if problem := snoozing.problem(found.link.chat):
        raise Refused("refused", problem)
    return _view(found, _clock(asked), FIRST)


def picked(sent: Sent) -> Json | None:
    """A moment of one's own needs a field more."""
    if sent.asked.name != FOR:
        return None
    chosen = mapping(sent.state(FOR).get("selected_option")).get("value")
    return _view(which.noted(sent.asked, sent.note), _clock(sent.asked), str(chosen or ""))


def _clock(asked: Asked) -> tzinfo:
    return people.clock_of(asked.user_team, asked.user_id)


def _view(found: Found, clock: tzinfo, chosen: str) -> Json:
    return {
        "title": plain("Snooze this chat", SHORT),
        "submit": plain("Snooze", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": found.note,
        "blocks": [
            _choices(found, clock, chosen),
            *([_moment()] if chosen == OTHER else []),
            {"type": "context", "elements": [plain(ABOUT)]},
        ],
    }


def _choices(found: Found, clock: tzinfo, chosen: str) -> Json:
    usual = [(choice.key, choice.label) for choice in snooze.choices(found.link.chat.site, clock)]
    options = {key: option(label, key) for key, label in [*usual, (OTHER, "Another moment…")]}
    radio: dict[str, Any] = {"type": "radio_buttons", "action_id": FOR, "options": list(options.values())}
    if chosen in options:
        radio["initial_option"] = options[chosen]
    label = f"Until when shall the chat with {found.link.chat.visitor.display_name} rest?"
    return {
        "type": "input",
        "block_id": FOR,
        "dispatch_action": True,
        "label": plain(label),
        "element": radio,
    }


def _moment() -> Json:
    field = {"type": "datetimepicker", "action_id": AT}
    return {
        "type": "input",
        "block_id": AT,
        "label": plain("Another moment, on your clock"),
        "element": field,
    }


def send(sent: Sent) -> Act | Response:
    found = which.noted(sent.asked, sent.note)
    if sent.text(FOR) != OTHER:
        until = snooze.usual(found.link.chat.site, sent.text(FOR), _clock(sent.asked))
    else:
        try:
            until = snooze.checked(_chosen(sent))
        except Refused as refusal:
            return {"response_action": "errors", "errors": {AT: refusal.sentence}}

    def act() -> Response:
        snoozing.snooze_in(messages.lock_chat(found.link.chat_id), found.speaker.agent(), until)
        return {"response_action": "clear"}

    return act


def _chosen(sent: Sent) -> datetime:
    """In seconds since 1970, in which no year is too far for Slack."""
    try:
        return datetime.fromtimestamp(int(sent.state(AT).get("selected_date_time") or ""), UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused("refused", WITHOUT_MOMENT) from None


SNOOZE = Modal(open=opened, send=send, pick=picked)
