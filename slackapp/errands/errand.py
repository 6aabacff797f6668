"""What a kind of delivery has to say for itself; mirror.py does the rest for all of them alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from livechat.models import ChatSession
from slackapp.errors import Answered
from slackapp.promises import Job


def leave_it(chat: ChatSession, job: Job, error: Answered) -> bool:
    return False


def wait_for_it(chat: ChatSession, job: Job, until: datetime) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Errand:
    """How deliveries of one kind are run.

    `call` speaks to Slack, outside of any transaction, and gives what Slack named the result (a ts, a channel's id;
    empty if nothing); it raises SlackError. `settle` writes that it is done. `find` looks in Slack's own records for
    what an unknown outcome left there: its name, or None after a complete negative answer; a kind that is repeatable
    (kinds.py) has none. `refused` may deal with Slack's refusal in its own way: True if it did.
    `settle` and `refused` run inside a transaction with the chat's row and the lane locked.
    """

    call: Callable[[Job], str]
    settle: Callable[[ChatSession, Job, str], None]
    find: Callable[[Job], str | None] | None = None
    refused: Callable[[ChatSession, Job, Answered], bool] = leave_it
    limited: Callable[[ChatSession, Job, datetime], bool] = wait_for_it
