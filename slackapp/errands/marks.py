"""Reactions that say what the visitor has, one call a turn; what Slack refuses is left out, as nobody waits for it."""

from livechat.models import ChatSession
from slackapp import blocks, keys, promises, receipts
from slackapp.actions import marks as shown
from slackapp.errands.channels import OWN_RIGHTS
from slackapp.errands.errand import Errand
from slackapp.errors import Answered, Do
from slackapp.promises import Job
from slackapp.receipts import Step

STEP = "step"


def show(job: Job) -> str:
    step = receipts.next_step(job.link, job.link.chat)
    # kept in memory only, for what is written afterwards
    job.head.args = {STEP: step}
    if step is not None and step.act == "tell":
        _tell(job, step)
    elif step is not None and step.act:
        where = {"channel": step.row.channel_id, "timestamp": step.row.ts}
        keys.call(job.link.installation, f"reactions.{step.act}", name=step.name, **where)
    return ""


def _tell(job: Job, step: Step) -> None:
    link = job.link
    thread = None if link.is_noisy else link.root_ts
    where = {"channel": step.row.channel_id, "user": step.row.slack_user_id, "thread_ts": thread}
    keys.call(link.installation, "chat.postEphemeral", **where, **blocks.notice(step.name))


def shown_it(chat: ChatSession, job: Job, named: str) -> None:
    step: Step | None = job.head.args.get(STEP)
    if step is not None:
        shown.note_shown(step, chat.pk)
    _go_on(chat, job)


def _go_on(chat: ChatSession, job: Job) -> None:
    if receipts.next_step(job.link, chat) is None:
        promises.note_done(job)
    else:
        promises.settle_not_sent(job, "")


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    if error.stops_team and error.code not in OWN_RIGHTS:
        return False
    step: Step | None = job.head.args.get(STEP)
    if error.code in OWN_RIGHTS:
        shown.note_not_allowed(chat.pk)
    elif step is not None and (error.todo is Do.DONE or step.act == "tell"):
        shown.note_shown(step, chat.pk)
    elif step is not None:
        shown.note_impossible(step.row)
    _go_on(chat, job)
    return True


RECEIPT = Errand(call=show, settle=shown_it, refused=refused)
