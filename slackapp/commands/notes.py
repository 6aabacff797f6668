"""`note`: something for the team, in a chat's own channel. Threads have no commands; there a line begins with ;;."""

from django.db import transaction

from accounts.errors import Refused
from livechat.models import MAX_BODY
from slackapp import notes
from slackapp.asked import Asked
from slackapp.commands import scope
from slackapp.commands.closing import chat_here
from slackapp.commands.verb import Answer
from slackapp.commands.words import rest_as_typed
from slackapp.features import COMMAND

ELSEWHERE = (
    "A note belongs to a chat. In a chat's thread begin the line with ;; or choose Reply as note in a message's menu; "
    "in a chat's own channel this command works."
)
EMPTY = f"Write what your team should know: {COMMAND} note called back, waits for the invoice."
TOO_LONG = f"That is longer than {MAX_BODY:,} characters. Please keep it in parts."


def keep(asked: Asked) -> Answer:
    link = chat_here(asked, scope.connections(asked))
    if link is None:
        raise Refused("elsewhere", ELSEWHERE)
    body = rest_as_typed(asked.payload.get("text"))
    if not body:
        raise Refused("empty", EMPTY)
    if len(body) > MAX_BODY:
        raise Refused("too_long", TOO_LONG)
    speaker = scope.speaker(asked, link.connection)
    with transaction.atomic():
        notes.keep(link, speaker.agent(), body)
    return Answer(f"Kept as a note. {link.chat.visitor.display_name} never sees it.")
