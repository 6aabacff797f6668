"""*Block visitor…*: what it means, and the button that does it."""

from livechat.actions import blocking, messages
from livechat.models import ChatSession
from slackapp import which
from slackapp.asked import Asked, Json
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, plain, replaced, sentence

MEANS = (
    "Nothing more that {name} writes reaches you, here or in the console. They can still read this chat, and are told "
    "only that they cannot write at the moment."
)
HOLDS = (
    "It holds for this browser of theirs: in another one they are somebody new. You can unblock them at any time, "
    "here and in the console."
)


def opened(asked: Asked) -> Json:
    found = which.found(asked)
    chat = found.link.chat
    if chat.visitor.is_blocked:
        return already(chat)
    return {
        "title": plain("Block this visitor?", SHORT),
        "submit": plain("Block", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": found.note,
        "blocks": [
            {"type": "section", "text": plain(MEANS.format(name=chat.visitor.display_name), 3000)},
            {"type": "context", "elements": [plain(HOLDS)]},
        ],
    }


def already(chat: ChatSession) -> Json:
    who = chat.visitor.blocked_by or "Somebody"
    return sentence(f"{who} has blocked this visitor already. Nothing was changed.")


def send(sent: Sent) -> Act:
    found = which.noted(sent.asked, sent.note)

    def act() -> Response:
        chat = messages.lock_chat(found.link.chat_id)
        if blocking.block_in(chat, found.speaker.agent()):
            return {"response_action": "clear"}
        return replaced(already(chat))

    return act


BLOCK = Modal(open=opened, send=send)
