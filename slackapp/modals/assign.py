"""*Assign…*: another person of this Slack has the chat from now on, and is called to it."""

import json
import uuid

from accounts.errors import Refused
from livechat.actions import assigning, messages
from slackapp import which
from slackapp.asked import Asked, Json
from slackapp.interactivity import mapping
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, errors, plain
from slackapp.modals.words import context, field
from slackapp.speakers import Speaker, speaker_of_prompt
from slackapp.which import Found

NOBODY = "Choose a person."
CANNOT = "They cannot answer visitors here, so the chat was not given to them. Choose a colleague."
AGAIN = "Close this form and open it anew to give it to somebody all the same."


def opened(asked: Asked) -> Json:
    found = which.found(asked)
    chat = found.link.chat
    if not chat.is_open:
        raise Refused("closed", assigning.CLOSED)
    has = f"{chat.agent} has it now. " if chat.agent else "Nobody has it yet. "
    select = {
        "type": "users_select",
        "action_id": "person",
        "placeholder": plain("Somebody of your team", 150),
    }
    return {
        "title": plain("Assign this chat", SHORT),
        "submit": plain("Assign", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": json.dumps({"chat": str(chat.pk), "seen": str(chat.agent_id or "")}),
        "blocks": [
            field("person", f"Who answers {found.visitor}?", select),
            context(
                f"{has}Whoever you choose is called in the chat. Colleagues without Slack: in the console."
            ),
        ],
    }


def assign(sent: Sent) -> Act | Response:
    found, user_id = which.noted(sent.asked, sent.note), sent.text("person")
    if not user_id:
        return errors(person=NOBODY)
    chosen = _chosen(found, user_id)
    if chosen.refusal or chosen.who is None or chosen.who.is_bot or chosen.who.is_gone:
        return errors(person=CANNOT)

    def act() -> Response:
        chat = messages.lock_chat(found.link.chat_id)
        member = sent.asked.member_in(found.link.connection.workspace)
        try:
            to, by = chosen.agent(), found.speaker.agent()
            assigning.assign_in(chat, to, by, member.user if member else None, _seen(sent))
        except Refused as refusal:
            again = f" {AGAIN}" if refusal.code == "taken" else ""
            raise Refused(refusal.code, f"{refusal.sentence}{again}") from None
        return None

    return act


def _chosen(found: Found, user_id: str) -> Speaker:
    """May ask Slack who that is."""
    link = found.link
    return speaker_of_prompt(link.connection, link.installation, link.connection.team_id, user_id)


def _seen(sent: Sent) -> uuid.UUID | None:
    """Who had the chat when the form was opened. The note is ours."""
    seen = str(mapping(json.loads(sent.note)).get("seen") or "")
    return uuid.UUID(seen) if seen else None


ASSIGN = Modal(open=opened, send=assign)
