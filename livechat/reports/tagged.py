"""The table of a report by tag: a chat with several tags counts with each of them."""

from typing import Any

from accounts.models import Workspace
from livechat.models import Tag
from livechat.reports.choice import Among, Choice
from livechat.reports.counts import Tally, figures_of, measures


def tags_of(workspace: Workspace, choice: Choice, among: Among) -> list[tuple[Tag, Tally]]:
    """Those with most chats first; none where one tag is chosen. One statement, and none without tags.

    What is deleted has no tags any more and is missing here.
    """
    if choice.tag is not None or not among.tags:
        return []
    figures = figures_of(workspace, choice).filter(chat__tagged__tag__in=among.tags)
    rows: Any = figures.values("chat__tagged__tag_id").annotate(**measures(choice)).order_by()
    tallies = {row["chat__tagged__tag_id"]: Tally.of(row) for row in rows}
    for tally in tallies.values():
        tally.put_in_order()
    found = [(tag, tallies[tag.pk]) for tag in among.tags if tag.pk in tallies]
    return sorted(found, key=lambda one: (-one[1].chats, one[0].name))
