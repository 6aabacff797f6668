"""*Transcript by e-mail…* (M7, S15): to the visitor; owners and admins send it to themselves or elsewhere, too."""

from accounts.models import Member
from accounts.permissions import may
from livechat.actions import mailing
from slackapp import which
from slackapp.asked import Asked, Json
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, errors, plain, sentence
from slackapp.modals.words import context, field

NONE = "Write an address first."


def opened(asked: Asked) -> Json:
    found = which.found(asked)
    member = asked.member_in(found.link.connection.workspace)
    is_free = member is not None and may(member, "chats.export")
    address = _usual(member) if is_free else found.link.chat.visitor.email
    element: Json = {"type": "email_text_input", "action_id": "address"}
    if address:
        element["initial_value"] = address
    return {
        "title": plain("Transcript by e-mail", SHORT),
        "submit": plain("Send", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": found.note,
        "blocks": [
            field("address", "To", element),
            context(f"What {found.visitor} and your team said to each other, as it is now. Notes stay here."),
            *([] if is_free else [context(mailing.ELSEWHERE.format(known=address or mailing.UNKNOWN))]),
        ],
    }


def _usual(member: Member | None) -> str:
    return (member.user.email or "") if member else ""


def send(sent: Sent) -> Act | Response:
    found, address = which.noted(sent.asked, sent.note), sent.text("address")
    if not address:
        return errors(address=NONE)
    member = sent.asked.member_in(found.link.connection.workspace)

    def act() -> Response:
        mailing.ask(found.link.chat, address, member)
        return {"response_action": "update", "view": sentence(f"The transcript is on its way to {address}.")}

    return act


MAIL = Modal(open=opened, send=send)
