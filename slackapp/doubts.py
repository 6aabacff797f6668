"""Posts of which nobody knows whether Slack has them (S29): how far was looked, and what may stand there twice.

The latter was given up in doubt, as nobody could look, and sent again by a person.
"""

from collections.abc import Sequence

from slackapp.models import Delivery
from slackapp.pieces import ALONE

DOUBT, PAGE = "doubtful", "page"
MAY_STAND_TWICE = "It may stand there twice, as an earlier attempt could not be checked."


def remember(deliveries: Sequence[Delivery]) -> None:
    """Nobody knows whether these arrived, and nobody will: whoever sends one again, alone, is told so."""
    for delivery in deliveries:
        args = {**delivery.args, DOUBT: True, ALONE: True}
        Delivery.objects.filter(pk=delivery.pk).update(args=args)


def word_for(deliveries: Sequence[Delivery]) -> str:
    """What is to be said of them now that Slack has them; empty as nearly always."""
    return MAY_STAND_TWICE if any(DOUBT in delivery.args for delivery in deliveries) else ""


def note(deliveries: Sequence[Delivery]) -> None:
    """Their rows say it too."""
    if word := word_for(deliveries):
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(problem=word)


def note_page(head: Delivery, cursor: str | None) -> None:
    """Where the next look begins; None for the beginning. The chat's row is locked."""
    known = Delivery.objects.filter(pk=head.pk).values_list("args", flat=True).first()
    if known is None or known.get(PAGE) == cursor:
        return
    rest = {name: value for name, value in known.items() if name != PAGE}
    Delivery.objects.filter(pk=head.pk).update(args={**rest, PAGE: cursor} if cursor else rest)
