"""*Manage this chat*: how it stands and what can be done, from the menu of any message of a chat, also in threads.

The buttons are those of the chat's card. Those that open a form put it over this one (`MODALS`), the others are deeds.
"""

from slackapp import card_blocks, card_facts, which
from slackapp.asked import Asked, Json
from slackapp.card_blocks import Item
from slackapp.card_facts import CardFacts
from slackapp.modals.deeds import DEEDS
from slackapp.modals.modal import SHORT, Modal, Sent, plain
from slackapp.modals.words import context, section
from slackapp.which import Found

# besides what is on the card; a saved reply may also be what opens a closed chat again
BESIDES = (
    Item("chat.saved", "Saved reply…"),
    Item("chat.note", "Note…"),
    Item("chat.close", "Close", lambda facts: facts.is_open),
)
OUT_OF_USE = "This button is no longer in use. You can do the same in the console."


def opened(asked: Asked) -> Json:
    return _view(which.found(asked))


def picked(sent: Sent) -> Json | None:
    """After a deed the form says what came of it, and how the chat stands now."""
    if any(item.opens and item.action_id == sent.asked.name for item in card_blocks.BUTTONS):
        return None
    deed = DEEDS.get(sent.asked.name)
    said = deed(which.noted(sent.asked, sent.note)) if deed is not None else OUT_OF_USE
    return _view(which.noted(sent.asked, sent.note), said)


def _view(found: Found, said: str = "") -> Json:
    facts = card_facts.look(found.link).facts
    where = " · ".join(part for part in (facts.site, facts.page_title or facts.page_url) if part)
    return {
        "title": plain("Manage this chat", SHORT),
        "close": plain("Done", SHORT),
        "private_metadata": found.note,
        "blocks": [
            *([section(said)] if said else []),
            {"type": "header", "text": plain(facts.name, 150)},
            section(card_blocks.state(facts)),
            context(where),
            {"type": "actions", "block_id": "deeds", "elements": _buttons(facts)},
        ],
    }


def _buttons(facts: CardFacts) -> list[Json]:
    """What leads out of Slack comes last."""
    blocks = card_blocks
    ordered = (*blocks.WAYS_BACK, *blocks.BUTTONS, *BESIDES, *blocks.ROWS, *blocks.LAST_ROWS)
    items: dict[str, Item] = {}
    for item in ordered:
        items.setdefault(item.action_id, item)
    shown = [item for item in sorted(items.values(), key=lambda item: item.opens) if item.when(facts)]
    return [blocks.button(item, facts) for item in shown]


MANAGE = Modal(open=opened, pick=picked)
