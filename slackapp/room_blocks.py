"""What a Noisy chat shows besides its card and its lines: the line in the lobby, the topic, the line that ends it."""

from typing import Any

from livechat.models import ChatSession
from livechat.segments import safe_url
from slackapp import card_blocks
from slackapp.blocks import Block, duration, escaped, plain, username
from slackapp.card_blocks import Item
from slackapp.card_facts import CardFacts
from slackapp.models import ChatLink

MOST_TOPIC = 250
JOIN, TAKE = "room.join", "chat.take"


def lobby(facts: CardFacts, link: ChatLink, delivery_id: int) -> dict[str, Any]:
    """Arguments of chat.postMessage and, without metadata, of chat.update."""
    about = [
        f"{facts.name} · {facts.site}",
        *([f"Department: {facts.department}"] if facts.department else []),
    ]
    page = facts.page_title or facts.page_url
    about += [f"Page: {page}"] if page else []
    blocks: list[Block] = [
        {"type": "section", "text": plain("\n".join(line[:200] for line in about), 500)},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": _where(facts, link)}]},
    ]
    blocks.append(
        {"type": "actions", "block_id": f"lobby:{facts.chat_id}", "elements": _buttons(facts, link)}
    )
    return {
        "text": escaped(f"{facts.name} started a chat on {facts.site}"),
        "blocks": blocks,
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": "chat_lobby", "event_payload": {"delivery": delivery_id}},
    }


def fingerprint(link: ChatLink, facts: CardFacts) -> str:
    """The same for lines in the lobby that look the same."""
    return card_blocks.fingerprint(lobby(facts, link, 0))


def _where(facts: CardFacts, link: ChatLink) -> list[Block]:
    """State in words; the channel as an element that Slack itself shows by its name of the day."""
    if not link.is_noisy:
        return [{"type": "text", "text": "The chat goes on as a thread in this channel."}]
    room: Block = {"type": "channel", "channel_id": link.channel_id}
    joined = " in " if card_blocks.is_free_and_waits(facts) else " · "
    return [{"type": "text", "text": f"{card_blocks.standing(facts)}{joined}"}, room]


def _buttons(facts: CardFacts, link: ChatLink) -> list[Block]:
    items = [
        Item(
            TAKE, "Take", lambda facts: facts.is_open and link.is_noisy and not facts.owner, style="primary"
        ),
        Item(JOIN, "Join", lambda facts: facts.is_open and link.is_noisy),
        Item("chat.open", "Open in console", opens=True),
    ]
    return [card_blocks.button(item, facts) for item in items if item.when(facts)]


def closing(delivery_id: int, grace_minutes: int) -> dict[str, Any]:
    grace = (
        f"An answer here within {duration(grace_minutes)} opens it again; after that the channel is archived."
    )
    said = f"This chat is closed. {grace if grace_minutes else 'Its channel is archived now.'}"
    return {
        "text": said,
        "blocks": [{"type": "context", "elements": [plain(said)]}],
        "parse": "none",
        "metadata": {"event_type": "chat_closing", "event_payload": {"delivery": delivery_id}},
    }


def moved(delivery_id: int, channel_id: str) -> dict[str, Any]:
    words: list[Block] = [{"type": "text", "text": "The visitor is back: "}]
    words.append({"type": "channel", "channel_id": channel_id})
    return {
        "text": "The visitor is back in a new channel.",
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}],
        "parse": "none",
        "metadata": {"event_type": "chat_moved", "event_payload": {"delivery": delivery_id}},
    }


def topic(chat: ChatSession) -> str:
    """Slack reads its markup in topics too, so what is cut is cut after escaping, and never within an entity."""
    said = f"{username(chat.visitor.display_name, '')} · {_bare(chat.site.name)}"
    page = chat.page_url if safe_url(chat.page_url or "") else ""
    whole = said + (f" · {page}" if page else "")
    while len(escaped(whole)) > MOST_TOPIC:
        whole = whole[: len(whole) - max(1, (len(escaped(whole)) - MOST_TOPIC) // 5)]
    return escaped(whole)


def _bare(text: str) -> str:
    return username(text, "")
