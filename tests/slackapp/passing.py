"""Time goes by for the rows of a wait, so that nothing sleeps. It imports the product alone: a stack runs it, too."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from livechat.models import ChatSession
from slackapp.models import Delivery, Reminder
from slackapp.reminders import KINDS


def go_by(minutes: float) -> None:
    """Every wait is so much longer; the running product sees all of it or nothing."""
    longer = timedelta(minutes=minutes)
    with transaction.atomic():
        for column in ("waiting_since", "unheeded_since", "remind_at"):
            waits = ChatSession.unscoped.exclude(**{column: None})
            waits.update(**{column: F(column) - longer})
        Reminder.objects.update(since=F("since") - longer)
        for promised in Delivery.objects.filter(kind__in=KINDS, state="pending"):
            since = datetime.fromisoformat(promised.args["since"]) - longer
            Delivery.objects.filter(pk=promised.pk).update(args={**promised.args, "since": since.isoformat()})
