"""When which step of a site's reminders comes (S20), and whether a wait still wants it. Reads rows and writes none."""

from dataclasses import dataclass
from datetime import datetime

from livechat import schedule
from livechat.models import ChatSession, Site
from livechat.schedule import Schedule
from slackapp.models import Delivery, Reminder, ReminderPlan
from slackapp.reminded import Step

KINDS = (Delivery.Kind.REMIND, Delivery.Kind.REMIND_LOBBY)


@dataclass(frozen=True, slots=True)
class Coming:
    """A step and its moment. None: it is never open for so long."""

    step: Step
    at: datetime | None


def plan_of(site: Site) -> ReminderPlan:
    return ReminderPlan.unscoped.filter(site=site).first() or ReminderPlan(site=site)


def coming(plan: ReminderPlan, hours: Schedule, since: datetime) -> list[Coming]:
    """For whoever is unheeded since then: minutes count only while the site is open."""
    return [Coming(step, schedule.after(hours, since, wait)) for step, wait in plan.waits]


def told_of(chat: ChatSession) -> set[str]:
    """The steps of this wait that are written already."""
    assert chat.unheeded_since is not None
    told = Reminder.objects.filter(chat=chat, since=chat.unheeded_since)
    return set(told.values_list("step", flat=True))


def is_over(delivery: Delivery) -> bool:
    """A promised reminder whose visitor was answered, or a louder one of it is promised by now.

    `delivery.link.chat` as the transaction sees it.
    """
    since = delivery.link.chat.unheeded_since
    if since is None or since.isoformat() != delivery.args["since"]:
        return True
    if delivery.state != Delivery.State.PENDING:
        return False
    louder = Delivery.objects.filter(link_id=delivery.link_id, kind__in=KINDS, pk__gt=delivery.pk)
    return louder.filter(state=Delivery.State.PENDING).exists()
