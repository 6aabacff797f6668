"""The one table of selects whose options come from us while somebody types, by action id."""

import logging
from collections.abc import Callable

from accounts.errors import Refused
from slackapp.asked import Asked, Json
from slackapp.modals import saved
from slackapp.modals.modal import option

log = logging.getLogger(__name__)

# What is offered for `asked.value`, the words typed so far: texts and their values. May not take its time.
Suggest = Callable[[Asked], list[tuple[str, str]]]

SUGGESTIONS: dict[str, Suggest] = {saved.PICK: saved.suggested}
MOST = 100


def suggest(asked: Asked) -> Json:
    """As Slack wants it; nothing for a select that we do not know, or somebody who may not."""
    found = SUGGESTIONS.get(asked.name)
    try:
        offered = found(asked) if found is not None else []
    except Refused:
        offered = []
    except Exception:
        log.exception("nothing could be suggested for %s", asked.name)
        offered = []
    return {"options": [option(text, value) for text, value in offered[:MOST]]}
