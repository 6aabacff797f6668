"""What is shown of a visitor's marks in Slack, and whether it is to be shown at all."""

import uuid

from accounts.models import Member
from slackapp.actions.settings import changing
from slackapp.models import Connection, MessageLink
from slackapp.receipts import TOLD, UNFINISHED, WAITING, Step


def note_shown(step: Step, chat_id: uuid.UUID) -> None:
    """One word does for all answers that wait. The chat's row is locked."""
    if step.then != TOLD:
        MessageLink.objects.filter(pk=step.row.pk).update(receipt=step.then)
        return
    MessageLink.objects.filter(message__chat_id=chat_id, receipt=WAITING).update(receipt=TOLD)


def note_impossible(row: MessageLink) -> None:
    """Slack will not show it at this answer."""
    MessageLink.objects.filter(pk=row.pk).update(receipt="")


def note_not_allowed(chat_id: uuid.UUID) -> None:
    """The app may not react at all: nothing is shown in this chat, and nothing is tried again."""
    MessageLink.objects.filter(message__chat_id=chat_id, receipt__in=UNFINISHED).update(receipt="")


def choose_receipts(member: Member, connection: Connection, *, on: bool) -> None:
    with changing(member, connection, "slack.receipts_on" if on else "slack.receipts_off"):
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(receipts=on)
