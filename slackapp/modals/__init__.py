"""The one table of forms in Slack, by callback id. A button or a menu's option of the same id opens its form.

A new one is a row here and a module. `prompt` calls these functions on threads of its own, in the person's request.
"""

import logging
from collections.abc import Callable

from django.db import transaction

from accounts.errors import Refused
from slackapp import client, keys
from slackapp.actions.recording import note_sent
from slackapp.asked import Asked, Json
from slackapp.errors import Answered, SlackError
from slackapp.interactivity import mapping
from slackapp.modals.assign import ASSIGN
from slackapp.modals.block import BLOCK
from slackapp.modals.mail import MAIL
from slackapp.modals.manage import MANAGE
from slackapp.modals.modal import Act, Modal, Response, Sent, errors, first_input, replaced, sentence
from slackapp.modals.notes import NOTE
from slackapp.modals.open_chats import OPEN_CHATS
from slackapp.modals.reply import REPLY
from slackapp.modals.saved import SAVED
from slackapp.modals.settings import SETTINGS
from slackapp.modals.snooze import SNOOZE
from slackapp.whispers import say_to

log = logging.getLogger(__name__)

MODALS: dict[str, Modal] = {
    "chat.assign": ASSIGN,
    "chat.mail": MAIL,
    "chat.reply": REPLY,
    "chat.manage": MANAGE,
    "chat.note": NOTE,
    "chat.saved": SAVED,
    "chats.open": OPEN_CHATS,
    "settings.edit": SETTINGS,
    "chat.snooze": SNOOZE,
    "chat.block": BLOCK,
}

# a trigger lives three seconds; later nothing can be shown for it
OPEN_SECONDS = 1.5
FAILED = "That did not work, and nothing was changed. Please try again, or do it in the console."
OUT_OF_USE = "This form is no longer in use. You can do the same in the console."
NOT_OPENED = "Slack did not open the form in time. Please press again."
WAIT = sentence("One moment…")


def built(name: str, build: Callable[[Asked], Json], asked: Asked) -> Json:
    """The view to be shown, whatever happens while it is made."""
    try:
        view = build(asked)
    except Refused as refusal:
        return sentence(refusal.sentence)
    except Exception:
        log.exception("the form %s could not be made", name)
        return sentence(FAILED)
    return {"callback_id": name, **view, "type": "modal"}


def show(asked: Asked, view: Json) -> str:
    """Opens it, over the form where it was asked if there is one. Its id; empty if Slack did not, which is said."""
    method = "views.push" if mapping(asked.payload.get("view")).get("type") == "modal" else "views.open"
    try:
        with client.within(OPEN_SECONDS):
            answer = keys.call(asked.installation, method, trigger_id=asked.trigger_id, view=view)
    except SlackError as error:
        _mind(method, error)
        if asked.channel_id:
            say_to(asked.installation, asked.user_id, NOT_OPENED, asked.channel_id, asked.thread_ts or None)
        return ""
    return str(mapping(answer.get("view")).get("id") or "")


def change(asked: Asked, view_id: str, view: Json, seen: str = "") -> None:
    """Shows another view in its place, unless it has changed since `seen`, its hash."""
    try:
        keys.call(asked.installation, "views.update", view_id=view_id, hash=seen or None, view=view)
    except SlackError as error:
        _mind("views.update", error)


def _mind(method: str, error: SlackError) -> None:
    """A person has closed it, or was quicker. Anything that Slack finds wrong with a view is a mistake of ours."""
    level = logging.ERROR if isinstance(error, Answered) and "invalid" in error.code else logging.INFO
    log.log(level, "%s came to nothing: %s", method, error)


def send(asked: Asked) -> Response:
    """What a form that was sent is answered with. The same sent twice is done once."""
    sent = Sent(asked, mapping(asked.payload.get("view")))
    modal = MODALS.get(asked.name)
    if modal is None or modal.send is None:
        return replaced(sentence(OUT_OF_USE))
    try:
        found = modal.send(sent)
        return _done(sent, found) if callable(found) else found
    except Refused as refusal:
        return _refused(sent, refusal.sentence)
    except Exception:
        log.exception("the form %s could not be taken", asked.name)
        return _refused(sent, FAILED)


def _done(sent: Sent, act: Act) -> Response:
    with transaction.atomic():
        if not note_sent(str(sent.view.get("id") or ""), str(sent.view.get("hash") or "")):
            return None
        return act()


def _refused(sent: Sent, text: str) -> Response:
    """Beside a field, so that what was typed is not lost."""
    block_id = first_input(sent.view)
    return errors(**{block_id: text}) if block_id else replaced(sentence(text))


def pick(asked: Asked) -> None:
    """Something in an open form was picked or pressed."""
    view = mapping(asked.payload.get("view"))
    name = str(view.get("callback_id") or "")
    modal = MODALS.get(name)
    if modal is None or modal.pick is None:
        return
    sent, changing = Sent(asked, view), modal.pick
    try:
        changed = changing(sent)
    except Refused as refusal:
        changed = sentence(refusal.sentence)
    except Exception:
        log.exception("what was pressed in the form %s could not be done", name)
        changed = sentence(FAILED)
    if changed is not None:
        whole = {"callback_id": name, **changed, "type": "modal"}
        change(asked, str(view.get("id") or ""), whole, str(view.get("hash") or ""))
