"""chat.postMessage for the errands that post."""

from slackapp import keys
from slackapp.errors import Unknown
from slackapp.kinds import place_of
from slackapp.promises import Job


def post(job: Job, arguments: dict[str, object]) -> str:
    """The post's ts."""
    answer = keys.call(job.link.installation, "chat.postMessage", channel=place_of(job.head), **arguments)
    if not isinstance(answer.get("ts"), str):
        raise Unknown("chat.postMessage: the answer has no ts")
    return str(answer["ts"])
