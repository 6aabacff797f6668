"""*Reply…*: an answer to the visitor from where lines of the thread stay inside (S14)."""

from livechat.actions import messages
from livechat.inside import is_note
from slackapp import which
from slackapp.asked import Asked, Json
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, errors, plain
from slackapp.modals.words import context, text_area

EMPTY = "Write something first."
INSIDE = "This begins like a note, so it was not sent. Take the prefix away, or write it in the thread."


def opened(asked: Asked) -> Json:
    found = which.found(asked)
    again = "" if found.link.chat.is_open else " The chat is closed; your answer opens it again."
    return {
        "title": plain("Reply to the visitor", SHORT),
        "submit": plain("Send", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": found.note,
        "blocks": [
            text_area("body", f"To {found.visitor}"),
            context(f"{found.visitor} reads this on the website.{again}"),
        ],
    }


def send(sent: Sent) -> Act | Response:
    found, body = which.noted(sent.asked, sent.note), sent.text("body")
    if not body:
        return errors(body=EMPTY)
    if is_note(body):
        return errors(body=INSIDE)

    def act() -> Response:
        messages.post_agent_message(found.link.chat_id, found.speaker.agent(), body)
        return None

    return act


REPLY = Modal(open=opened, send=send)
