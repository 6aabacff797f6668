"""*Saved reply…*: found by search, read with its names filled in, changed, and sent or kept as a note (M3, S17)."""

from django.conf import settings

from accounts.errors import Refused
from livechat import saved_choice
from livechat.actions import messages
from livechat.inside import is_note
from livechat.models import SavedReply
from slackapp import notes, saved_lines, which
from slackapp.asked import Asked, Json
from slackapp.modals.modal import SHORT, Act, Modal, Response, Sent, errors, option, plain
from slackapp.modals.words import MOST_TYPED, context, field, radio, section, text_area
from slackapp.models import Connection
from slackapp.which import Found

PICK = "saved.pick"
CHOSEN, HOW, OUT, NOTE = "saved", "how", "out", "note"
# what was typed into a field stays when a view changes, unless the field is another: each reply has one of its own
TEXT = "text."
CHOOSE = "Choose a saved reply first."
EMPTY = "Write something first."
TOO_LONG = "This saved reply is too long for a form in Slack. Type //{name} in the thread, or send it from the console."
ALERTS = (
    "Here Slack only shows what visitors write, so nothing can be sent. Your team answers in the console."
)


def opened(asked: Asked) -> Json:
    return _view(which.found(asked), None)


def picked(sent: Sent) -> Json | None:
    """The same form with the words of what was chosen; None where something else was pressed."""
    if sent.asked.name != PICK:
        return None
    found = which.noted(sent.asked, sent.note)
    return _view(found, saved_choice.one_for_chat(found.link.chat, sent.text(CHOSEN)))


def suggested(asked: Asked) -> list[tuple[str, str]]:
    view = asked.payload.get("view")
    note = view.get("private_metadata") if isinstance(view, dict) else ""
    found = which.noted(asked, str(note or ""))
    replies = saved_choice.for_chat(found.link.chat, asked.value)
    return [(_called(reply), str(reply.pk)) for reply in replies]


def _called(reply: SavedReply) -> str:
    return f"{reply.title[:40]} · //{reply.name}"


def _view(found: Found, reply: SavedReply | None) -> Json:
    if found.link.connection.policy == Connection.Policy.ALERTS:
        raise Refused("alerts", ALERTS)
    view = {
        "title": plain("Saved reply", SHORT),
        "close": plain("Cancel", SHORT),
        "private_metadata": found.note,
    }
    if reply is None and not saved_choice.for_chat(found.link.chat):
        return {**view, "blocks": _none_yet()}
    blocks = [_select(reply)] + (
        _to_send(found, reply) if reply else [context("You can change it before it is sent.")]
    )
    return {**view, "submit": plain("Send" if reply else "Next", SHORT), "blocks": blocks}


def _none_yet() -> list[Json]:
    url = f"{settings.CONSOLE_URL}/console/replies/new"
    button = {
        "type": "button",
        "action_id": "replies.write",
        "text": plain("Write one in the console"),
        "url": url,
    }
    said = "There is no saved reply yet. Write the first one in the console, and your team finds it here."
    return [section(said), {"type": "actions", "elements": [button]}]


def _select(reply: SavedReply | None) -> Json:
    element: Json = {"type": "external_select", "action_id": PICK, "min_query_length": 0}
    element["placeholder"] = plain("Search titles, shortcuts and texts", 150)
    if reply is not None:
        element["initial_option"] = option(_called(reply), str(reply.pk))
    return field(CHOSEN, "Saved reply", element, dispatch_action=True)


def _to_send(found: Found, reply: SavedReply) -> list[Json]:
    words = saved_choice.spoken(found.link.chat, saved_lines.face(found.speaker), reply)
    if len(words) > MOST_TYPED:
        raise Refused("too_long", TOO_LONG.format(name=reply.name))
    ways: list[tuple[str, ...]] = [
        (OUT, f"Send it to {found.visitor}"),
        (NOTE, "Keep it as a note for your team"),
    ]
    told = [
        text_area(f"{TEXT}{reply.pk}", "What is sent", words),
        radio(HOW, "Then", ways, NOTE if is_note(words) else OUT),
    ]
    if not found.link.chat.is_open:
        told.append(context("This chat is closed. Sending opens it again."))
    return told


def sent_off(sent: Sent) -> Act | Response:
    found = which.noted(sent.asked, sent.note)
    block_id = next(
        (one["block_id"] for one in sent.view["blocks"] if str(one["block_id"]).startswith(TEXT)), ""
    )
    if not block_id:
        return _next(found, sent)
    body = sent.text(block_id)
    if not body:
        return errors(**{block_id: EMPTY})

    def act() -> Response:
        agent = found.speaker.agent()
        if sent.text(HOW) == NOTE or is_note(body):
            notes.keep(found.link, agent, body)
        else:
            messages.post_agent_message(found.link.chat_id, agent, body)
        return {"response_action": "clear"}

    return act


def _next(found: Found, sent: Sent) -> Response:
    if not (chosen := sent.text(CHOSEN)):
        return errors(**{CHOSEN: CHOOSE})
    view = _view(found, saved_choice.one_for_chat(found.link.chat, chosen))
    return {"response_action": "update", "view": {**view, "type": "modal", "callback_id": sent.asked.name}}


SAVED = Modal(open=opened, send=sent_off, pick=picked)
