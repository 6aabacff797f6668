"""The Home tab as Block Kit. Whatever a visitor made stands in rich_text, where nothing of it does anything."""

from datetime import datetime
from typing import Any

from django.conf import settings

from slackapp.blocks import Block, username
from slackapp.home.facts import ChatLine, Facts, Lines, Presence, Section, Step

TAKE = "chat.take"
OUTSIDE = (
    "Threadbell brings the chats of a company's website into its Slack. This page is for people of that company. "
    "If you were asked to help with a chat, you find it in the channel that you were invited to."
)
WHAT_IT_DOES = (
    "Threadbell brings the chats of your website into Slack. Each chat has its thread: what you answer there reaches "
    "the visitor at once, and a line that begins with ;; stays inside."
)
LINK_FIRST = "Link your account to see your chats and settings here."
NO_MEMBER = (
    "Your account is linked, but belongs to no workspace that is connected here. Ask an owner to invite you."
)
NOBODY_WAITS = "Nobody is waiting."


def view_of(facts: Facts) -> dict[str, Any]:
    return {"type": "home", "blocks": _outside() if facts.is_outside else _inside(facts)}


def _outside() -> list[Block]:
    return [_section(OUTSIDE)]


def _inside(facts: Facts) -> list[Block]:
    blocks = [_section(facts.notice), DIVIDER] if facts.notice else []
    at_home = facts.is_linked and bool(facts.sections)
    if not at_home:
        blocks += _welcome(facts)
    for section in facts.sections:
        blocks += _of_workspace(section)
        if section.settings_id and len(facts.sections) > 1:
            blocks.append({"type": "actions", "elements": [_settings(section)]})
    if facts.more_sections:
        blocks.append(_remark(f"And {_count(facts.more_sections, 'more workspace')}, in the console."))
    return [*blocks, DIVIDER, _foot(facts)]


def _welcome(facts: Facts) -> list[Block]:
    blocks = [_header("Chats on your website"), _section(WHAT_IT_DOES)]
    return [*blocks, _section(NO_MEMBER if facts.is_linked else LINK_FIRST)]


def _foot(facts: Facts) -> Block:
    """One button at most stands out: whoever can take a chat has it already."""
    console, taking = f"{settings.CONSOLE_URL}/console", any(one.waiting.shown for one in facts.sections)
    if facts.is_linked:
        first = _link("home.console", "Open the console", f"{console}/chats")
    else:
        look = {} if taking else {"style": "primary"}
        first = _link("home.link", "Link your account", f"{console}/slack", **look)
    alone = facts.sections[0] if len(facts.sections) == 1 else None
    own = [_settings(alone)] if alone is not None and alone.settings_id else []
    support = _link("home.help", "Help", f"{settings.PUBLIC_URL}/support")
    return {"type": "actions", "block_id": "foot", "elements": [first, *own, support]}


# --- a workspace --------------------------------------------------------------------------------------------------


def _of_workspace(section: Section) -> list[Block]:
    blocks = [_header(section.title)]
    if section.trouble:
        blocks.append(_section(f"⚠️ {section.trouble}"))
    blocks += _steps(section.steps)
    for site in section.sites:
        blocks += _presence(site)
    if section.more_sites:
        blocks.append(_remark(f"And {_count(section.more_sites, 'more site')}, in the console."))
    blocks += _waiting(section)
    if section.mine.shown:
        blocks += [_title("Your chats", section.mine), *[_line(line, section) for line in section.mine.shown]]
        blocks += _more(section.mine, section)
    return blocks


def _settings(section: Section) -> Block:
    """Opens a form (`slackapp.modals`), which names every connection that they may change."""
    return _button("settings.edit", "Settings", section.settings_id)


def _steps(steps: list[Step]) -> list[Block]:
    if not steps:
        return []
    leaves: list[Block] = [_text("First steps", bold=True)]
    for step in steps:
        leaves.append(_text("\n✅ " if step.done else "\n▫️ "))
        leaves.append(_text(step.text) if step.done else {"type": "link", "url": step.url, "text": step.text})
    return [_rich(leaves)]


def _presence(site: Presence) -> list[Block]:
    """The buttons say what may be said instead of what holds."""
    now = [
        _text(site.name, bold=True),
        _text(f" · {'🟢' if site.word == 'Online' else '🌙'} {site.word}\n{site.why}"),
    ]
    said = [("site.online", "Online"), ("site.away", "Away")]
    wanted = [(act, f"{'Stay' if word == site.word else 'Set'} {word.lower()}") for act, word in said]
    if site.forced:
        wanted = [(act, f"Set {word.lower()}") for act, word in said if word != site.word]
        wanted.append(("site.auto", "Automatic"))
    buttons = [_button(action_id, label, str(site.site_id)) for action_id, label in wanted]
    return [_rich(now), {"type": "actions", "block_id": f"site:{site.site_id}", "elements": buttons}]


def _waiting(section: Section) -> list[Block]:
    if not section.waiting.shown:
        return [_remark(NOBODY_WAITS)]
    blocks = [_title("Waiting", section.waiting)]
    for place, line in enumerate(section.waiting.shown):
        blocks.append(_line(line, section))
        if section.may_take:
            # whoever waits the longest is the one to take
            take = _button(TAKE, "Take", str(line.chat_id), **({"style": "primary"} if place == 0 else {}))
            blocks.append({"type": "actions", "block_id": f"chat:{line.chat_id}", "elements": [take]})
    return [*blocks, *_more(section.waiting, section)]


def _title(text: str, lines: Lines) -> Block:
    return _rich([_text(f"{text} · {len(lines.shown) + lines.more}", bold=True)])


def _more(lines: Lines, section: Section) -> list[Block]:
    where = "in the console" if section.in_console else "in the channel"
    return [_remark(f"And {lines.more} more, {where}.")] if lines.more else []


def _line(line: ChatLine, section: Section) -> Block:
    leaves = [_text(username(line.name, ""), bold=True), _text(f" · {line.site}")]
    if line.is_snoozed:
        leaves.append(_text(" · snoozed"))
    if line.words:
        leaves.append(_text(f"\n{line.words}"))
    leaves += [_text("\nWaiting since " if line.waits else "\nLast message "), _moment(line.at)]
    if line.thread_url:
        leaves += [_text(" · "), {"type": "link", "url": line.thread_url, "text": "Open in Slack"}]
    if section.in_console:
        console = f"{settings.CONSOLE_URL}/console/chats/{line.chat_id}"
        leaves += [_text(" · "), {"type": "link", "url": console, "text": "Open in console"}]
    return _rich(leaves)


# --- pieces -------------------------------------------------------------------------------------------------------

DIVIDER: Block = {"type": "divider"}


def _moment(at: datetime) -> Block:
    """Slack shows it by the reader's own clock."""
    when = {"timestamp": int(at.timestamp()), "format": "{date_short_pretty}, {time}"}
    return {"type": "date", **when, "fallback": at.strftime("%-d %b, %H:%M UTC")}


def _text(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def _rich(leaves: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}


def _plain(text: str, limit: int = 75) -> Block:
    return {"type": "plain_text", "text": text[:limit] or "–", "emoji": False}


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, 150)}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text, 3000)}


def _remark(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text, 300)]}


def _button(action_id: str, label: str, value: str, **more: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": _plain(label), "value": value, **more}


def _link(action_id: str, label: str, url: str, **more: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": _plain(label), "url": url, **more}


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
