"""Files that Slack shares late, when a line has said already where they are: the share is the copy, and the line goes.

Everything runs inside a transaction with the chat's row and its lane locked.
"""

from datetime import timedelta

from django.utils import timezone

from livechat.models import ChatSession
from slackapp import promises
from slackapp.actions.files import settle_files
from slackapp.models import Delivery, Lane
from slackapp.promises import Job

Kind, State = Delivery.Kind, Delivery.State
# in a promise's args: the line's channel and ts; that the files themselves are there; the line that is to go
TOLD, SHARED, LINE = "told", "shared", "line"
# of a later look: which promise it is about
ABOUT = "about"
# Slack shares what it has taken within seconds, now and then minutes; its event may be lost
LOOK_AFTER = timedelta(minutes=10)


def note_shared(chat: ChatSession, delivery: Delivery) -> None:
    """The files of this promise are in the chat, whatever has become of it meanwhile."""
    looks = Delivery.objects.filter(link_id=delivery.link_id, kind=Kind.LATE_SHARE, state=State.PENDING)
    looks.filter(args={ABOUT: delivery.pk}).delete()
    if delivery.kind == Kind.FILE_LINK:
        Delivery.objects.filter(pk=delivery.pk).update(args={**delivery.args, SHARED: True})
        if delivery.state == State.SENDING:
            return  # the line may be there: `note_told` takes it away
        if TOLD in delivery.args:
            _take_away(delivery, delivery.args[TOLD])
    if delivery.state != State.SENT:
        settle_files(chat, Job(delivery.link, [delivery], look=False))


def note_told(chat: ChatSession, job: Job, ts: str) -> None:
    """The line stands there; or it need not, which is said by no `ts`."""
    now = Delivery.objects.get(pk=job.head.pk)
    if ts and TOLD not in now.args:
        told = [job.link.channel_id, ts]
        Delivery.objects.filter(pk=now.pk).update(args={**now.args, TOLD: told})
        if now.args.get(SHARED):
            _take_away(now, told)
        elif now.args.get("uploaded"):
            promises.late(job.link, Kind.LATE_SHARE, timezone.now() + LOOK_AFTER, **{ABOUT: now.pk})
    settle_files(chat, job)


def line_of(look: Delivery) -> Delivery | None:
    """The line that a later look is about; None if it is gone, or its files are known to be there."""
    told = Delivery.objects.filter(pk=look.args[ABOUT], kind=Kind.FILE_LINK).first()
    return told if told is not None and not told.args.get(SHARED) else None


def note_found_late(chat: ChatSession, job: Job, ts: str) -> None:
    """`ts` empty: Slack has not shared them, and will not."""
    told = line_of(job.head) if ts else None
    if told is not None:
        Lane.objects.select_for_update().get(pk=told.lane_id)
        told.link = job.link
        note_shared(chat, told)
    promises.note_done(job)


def _take_away(delivery: Delivery, told: list[str]) -> None:
    args = {LINE: told}
    promised = Delivery.objects.filter(link_id=delivery.link_id, kind=Kind.UNSHARE, args=args)
    if not promised.exists():
        Delivery.objects.create(
            kind=Kind.UNSHARE, lane_id=delivery.lane_id, link_id=delivery.link_id, args=args
        )
    promises.wake(delivery.lane_id)
