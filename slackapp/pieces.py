"""The posts that a long line becomes, and the smaller ones when Slack finds those too long after all."""

from livechat.models import ChatSession
from slackapp import blocks, words
from slackapp.models import Delivery

# in a line's args: it is not joined with others, and how long its pieces are
ALONE, SIZE = "alone", "size"


def pieces_of(line: Delivery) -> list[str]:
    """A line's words as its posts carry them."""
    assert line.message is not None
    return blocks.parts(line.message.body, int(line.args.get(SIZE, blocks.PART_SIZE)))


def split(chat: ChatSession, lines: list[Delivery]) -> bool:
    """Joined lines are to go one by one, a single one in smaller pieces, each once; all of them are free again.

    False if that was tried, or if some of its pieces are there already. The caller holds chat and lane.
    """
    if lines[0].parts_sent or SIZE in lines[0].args:
        return False
    args = {ALONE: True} if len(lines) > 1 else {ALONE: True, SIZE: blocks.PART_SIZE // 3}
    for line in lines:
        Delivery.objects.filter(pk=line.pk).update(
            state=Delivery.State.PENDING,
            joined_into=None,
            args={**line.args, **args},
            problem="it is sent in smaller pieces",
        )
    words.thaw(chat, [line.pk for line in lines])
    return True
