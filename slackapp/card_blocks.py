"""The card of a chat as blocks: two lines that tell who, where, what and how long, one button, the rest in a menu.

A button, or a row of the menu, is an `Item`. Its action id says what it does, whichever of the two it is (`PRESSES`,
`MODALS`), and its value is the chat's id. A menu takes five rows at most.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livechat.segments import safe_url
from slackapp.blocks import Block, card_metadata, duration, escaped, plain, rich_text, username
from slackapp.card_facts import MOST_UNREAD, CardFacts
from slackapp.models import Connection

# columns of chat.update; the metadata stays as it was posted
CHANGED = ("text", "blocks", "parse")
LONGEST_SAID = 300


def _always(facts: CardFacts) -> bool:
    return True


def _open(facts: CardFacts) -> bool:
    return facts.is_open


def _free(facts: CardFacts) -> bool:
    return facts.is_open and not facts.owner


def _silent(facts: CardFacts) -> bool:
    """Where lines of the thread stay inside."""
    return facts.is_open and facts.policy == Connection.Policy.SILENT


@dataclass(frozen=True, slots=True)
class Item:
    """`confirm`: title, question and the word that confirms it; only for buttons."""

    action_id: str
    label: str
    when: Callable[[CardFacts], bool] = _always
    style: str = ""
    opens: bool = False
    confirm: tuple[str, str, str] | None = None


BUTTONS = (
    Item("chat.take", "Take", _free, style="primary"),
    Item("chat.reply", "Reply…", _silent),
    Item("chat.close", "Close", _open),
    Item("chat.open", "Open in console", opens=True),
)
ROWS: tuple[Item, ...] = (
    Item("chat.assign", "Assign…", _open),
    Item("chat.saved", "Saved reply…", _open),
    Item("chat.mail", "Transcript by e-mail…"),
)


def card(facts: CardFacts) -> dict[str, Any]:
    """Arguments of chat.postMessage."""
    title = _title(facts)
    return {
        "text": escaped(f"{title} on {facts.site}: {state(facts)}"),
        "blocks": [*_told(facts, title), *_to_do(facts)],
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": card_metadata(facts.chat_id),
    }


def change(facts: CardFacts) -> dict[str, Any]:
    """Arguments of chat.update."""
    whole = card(facts)
    return {name: whole[name] for name in CHANGED}


def fingerprint(arguments: dict[str, Any]) -> str:
    """The same for what looks the same."""
    seen = json.dumps([arguments[name] for name in CHANGED], sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def _title(facts: CardFacts) -> str:
    is_new = facts.is_open and not facts.owner and not facts.was_answered
    return f"New chat · {facts.name}" if is_new else f"Chat · {facts.name}"


def _told(facts: CardFacts, title: str) -> list[Block]:
    page = facts.page_title or facts.page_url
    where = " · ".join(part for part in (facts.site[:150], page[:250]) if part)
    found: list[Block] = [
        {"type": "header", "text": plain(title, 150)},
        {"type": "section", "text": plain(f"{state(facts)}\n{where}", 600)},
    ]
    if facts.page_url and safe_url(facts.page_url):
        found.append(rich_text(facts.page_url))
    if told_by_visitor := [line[:LONGEST_SAID] for line in (*facts.said, _rated(facts)) if line]:
        found.append({"type": "section", "text": plain("\n".join(told_by_visitor), 2000)})
    if facts.earlier:
        found.append(_earlier(facts.earlier))
    about = [f"Department: {facts.department}" if facts.department else "", facts.language, facts.hint]
    if told := [plain(one) for one in about if one]:
        found.append({"type": "context", "elements": told})
    return found


def _rated(facts: CardFacts) -> str:
    return f"{facts.stars} “{facts.comment}”" if facts.comment else ""


def _earlier(channel_id: str) -> Block:
    """Slack shows the channel by its name of the day, and to whoever may know it."""
    words: list[Block] = [{"type": "text", "text": "Earlier chat: "}]
    words.append({"type": "channel", "channel_id": channel_id})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}


# --- the state in words -------------------------------------------------------------------------------------------


def state(facts: CardFacts) -> str:
    """One sign, then words: who has it, how long somebody waits, what nobody has read, and whether they are there."""
    unread = f"{MOST_UNREAD}+" if facts.unread > MOST_UNREAD else str(facts.unread)
    there = {True: "on the website", False: "left the website", None: ""}[facts.online]
    parts = [standing(facts), facts.stars, f"{unread} unread" if facts.unread else "", there, _known(facts)]
    return " · ".join(part for part in parts if part)


def _known(facts: CardFacts) -> str:
    """Beside the state and never beside the name, where a visitor could have written it."""
    if facts.verified:
        return f"🛡️ verified as {username(facts.verified, '')}"
    return "unverified" if facts.unverified else ""


def standing(facts: CardFacts) -> str:
    return " ".join(_standing(facts))


def is_free_and_waits(facts: CardFacts) -> bool:
    return _free(facts) and facts.waits is not None


def _standing(facts: CardFacts) -> tuple[str, str]:
    """The sign and the words; of several states the one that matters most stands first."""
    if not facts.is_open:
        return "⚪", f"Closed · {facts.owner} had it" if facts.owner else "Closed"
    if facts.is_blocked:
        return "⛔", f"The visitor is blocked {facts.rest}".strip()
    if facts.snoozed_until is not None:
        until = f" {facts.rest}" if facts.rest else ""
        return "💤", f"{facts.owner} has it · snoozed{until}" if facts.owner else f"Snoozed{until}"
    if facts.waits is None:
        return "🟢", f"{facts.owner} has it" if facts.owner else "Answered"
    wait = f"waiting for {duration(facts.waits)}" if facts.waits else "waiting"
    return ("🟡", f"{facts.owner} has it · {wait}") if facts.owner else ("🟠", wait.capitalize())


# --- what can be done ---------------------------------------------------------------------------------------------


def _in_sight(facts: CardFacts) -> bool:
    return facts.is_open and not facts.is_blocked and facts.snoozed_until is None


WAYS_BACK = (
    Item("chat.wake", "Wake up", lambda facts: facts.snoozed_until is not None and not facts.is_blocked),
    Item("chat.unblock", "Unblock visitor", lambda facts: facts.is_blocked),
)
LAST_ROWS = (
    Item("chat.snooze", "Snooze…", _in_sight),
    Item("chat.block", "Block visitor…", lambda facts: not facts.is_blocked),
)


def _to_do(facts: CardFacts) -> list[Block]:
    elements = [button(item, facts) for item in (*WAYS_BACK, *BUTTONS) if item.when(facts)]
    if rows := [_row(item, facts) for item in (*ROWS, *LAST_ROWS) if item.when(facts)]:
        elements.append({"type": "overflow", "action_id": "chat.more", "options": rows})
    return [{"type": "actions", "block_id": f"chat:{facts.chat_id}", "elements": elements}]


def button(item: Item, facts: CardFacts) -> Block:
    found: Block = {"type": "button", "action_id": item.action_id, "text": plain(item.label, 75)}
    found["value"] = facts.chat_id
    if item.style:
        found["style"] = item.style
    if item.opens:
        found["url"] = facts.console_url
    if item.confirm:
        title, question, word = item.confirm
        found["confirm"] = {
            "title": plain(title, 100),
            "text": plain(question, 300),
            "confirm": plain(word, 30),
            "deny": plain("Cancel", 30),
        }
    return found


def _row(item: Item, facts: CardFacts) -> Block:
    """As `interactivity.pressed` reads it."""
    return {"text": plain(item.label, 75), "value": f"{item.action_id}:{facts.chat_id}"}
