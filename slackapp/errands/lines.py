"""A visitor's or a console agent's words: one line, several joined, or the next part of a long one."""

from livechat.models import ChatSession, Message
from slackapp import blocks, lookup, promises, rooms, threads
from slackapp.errands.errand import Errand
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do, sentence
from slackapp.pieces import pieces_of, split
from slackapp.promises import Job


def call(job: Job) -> str:
    """The post's ts; empty if the message was shortened to what is there already, whose copies an edit changes."""
    if job.head.parts_sent and job.head.parts_sent >= len(pieces_of(job.head)):
        return ""
    return post(job, {**_line(job), **thread(job)})


def thread(job: Job) -> dict[str, object]:
    return {} if job.link.is_noisy else {"thread_ts": job.link.root_ts}


def _line(job: Job) -> dict[str, object]:
    messages = job.messages
    name = sender(job, messages[0])
    if len(messages) > 1:
        text = "\n".join(message.body for message in messages)
        return blocks.line(text, name, blocks.line_metadata([str(message.pk) for message in messages]))
    pieces = pieces_of(job.head)
    number = job.head.parts_sent
    last = number == len(pieces) - 1
    mid = str(messages[0].pk)
    metadata = blocks.line_metadata([mid]) if last else blocks.part_metadata(mid, number + 1, len(pieces))
    return blocks.line(pieces[number], name, metadata)


def sender(job: Job, message: Message) -> str:
    if message.author_kind == Message.Author.VISITOR:
        return blocks.username(job.link.chat.visitor.display_name)
    return blocks.username(
        message.agent.name if message.agent else job.link.chat.site.name, "(via Threadbell)"
    )


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The thread is gone: a new card is made before the line, a bounded number of times. So if a channel is."""
    if job.link.is_noisy and error.todo is Do.FIX_CHANNEL:
        rooms.fall_back(job, sentence(error.code), tell_owner=False)
        return True
    if error.todo is Do.SPLIT:
        return split(chat, job.deliveries)
    if error.todo is not Do.NEW_THREAD or job.head.attempts >= threads.MOST_THREADS:
        return False
    threads.new_thread(job)
    return True


LINE = Errand(call=call, settle=promises.settle_sent, find=lookup.find, refused=refused)
