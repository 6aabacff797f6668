"""*Reply as note*: a note for the team, from the menu of any message of a chat."""

from slackapp import notes, which
from slackapp.asked import Asked, Json
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, plain
from slackapp.modals.words import context, text_area

EMPTY = "Write something first."


def opened(asked: Asked) -> Json:
    found = which.found(asked)
    return {
        "title": plain("Note for your team", SHORT),
        "submit": plain("Keep the note", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": found.note,
        "blocks": [
            text_area("note", f"About the chat with {found.visitor}"),
            context(f"Your team reads it here and in the console. {found.visitor} never sees it."),
        ],
    }


def keep(sent: Sent) -> Act | Response:
    found, body = which.noted(sent.asked, sent.note), sent.text("note")
    if not body:
        return {"response_action": "errors", "errors": {"note": EMPTY}}

    def act() -> Response:
        notes.keep(found.link, found.speaker.agent(), body)
        return {"response_action": "clear"}

    return act


NOTE = Modal(open=opened, send=keep)
