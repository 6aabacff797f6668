"""What Slack is shown of messages that were changed. An update drops the sender's name, so the words say who it was."""

from typing import Any

from livechat.models import Message
from slackapp.blocks import Block, escaped, line_metadata, part_metadata, parts, rich_text

Said = dict[str, Any]
REMARK_SIZE = 2900


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text[:300], "emoji": False}]}


def _said(head: str, body: Block | None, text: str, metadata: dict[str, Any]) -> Said:
    """Arguments of chat.update; `text` is what notifications and screen readers get."""
    shown = [_context(head)] if body is None else [_context(head), body]
    return {"text": escaped(text)[:3900], "blocks": shown, "parse": "none", "metadata": metadata}


def changed(message: Message, who: str, number: int) -> Said:
    """The `number`-th copy of a message that has its posts for itself. More posts than words are left empty."""
    pieces, mid = parts(message.body), str(message.pk)
    last = number >= len(pieces) - 1
    metadata = line_metadata([mid]) if last else part_metadata(mid, number + 1, len(pieces))
    if message.deleted_at is not None:
        return _said(gone(message, who), None, gone(message, who), metadata)
    if number >= len(pieces):
        head = f"{who} · shortened the message above"
        return _said(head, None, head, part_metadata(mid, number + 1, number + 1))
    return _said(f"{who} · edited", rich_text(pieces[number]), f"{who}: {pieces[number]}", metadata)


def joined(messages: list[Message], who: str) -> Said:
    """Several lines of one person that stand in one post."""
    metadata = line_metadata([str(message.pk) for message in messages])
    withdrawn = [message for message in messages if message.deleted_at is not None]
    if len(withdrawn) == len(messages):
        head = f"{who} withdrew these messages."
        return _said(head, None, head, metadata)
    head = f"{who} · withdrew a line" if withdrawn else f"{who} · edited"
    text = "\n".join(message.body or "(withdrawn)" for message in messages)
    return _said(head, _lines(messages), f"{who}: {text}", metadata)


def _lines(messages: list[Message]) -> Block:
    elements: list[Block] = []
    for message in messages:
        elements += [{"type": "text", "text": "\n"}] if elements else []
        if message.deleted_at is not None:
            elements.append({"type": "text", "text": "withdrawn", "style": {"italic": True}})
        else:
            elements += rich_text(message.body)["elements"][0]["elements"]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def gone(message: Message, who: str) -> str:
    by_visitor = message.author_kind == Message.Author.VISITOR
    return f"{who} withdrew this message." if by_visitor else f"{who} took this answer back."


def head_of_remark(message: Message, who: str, why: dict[str, Any]) -> str:
    """`why` as `copies.remark` takes it."""
    if why.get("note"):
        return f"\N{LOCK} Note by {who}, for your team only"
    if why.get("saved") and message.deleted_at is None:
        return f"//{why['saved']} reached the visitor as:"
    deed = "withdrew" if message.deleted_at is not None else "edited"
    return f"{who} {deed} an earlier message, whose copy here the app cannot change."


def remark(message: Message, head: str, url: str, delivery: int) -> Said:
    """In the chat, where the copy above does not say it. `url` leads to the message in the console."""
    shown = [_context(head)]
    if message.deleted_at is None:
        shown.append(rich_text(message.body[:REMARK_SIZE]))
    shown.append(rich_text(url))
    metadata = {"event_type": "chat_remark", "event_payload": {"delivery": delivery}}
    text = escaped(f"{head} {message.body[:REMARK_SIZE]}")
    quiet = {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
    return {"text": text[:3900], "blocks": shown, "parse": "none", "metadata": metadata, **quiet}
