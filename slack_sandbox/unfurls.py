"""Links of the app's domains: the app is told of each, and may put a preview below the message."""

import uuid

from slack_sandbox.model import Channel, Json, Message, Person, Team
from slack_sandbox.sandbox import Sandbox
from slack_sandbox.told_links import COMPOSER, Shared


def links_in(value: object) -> list[str]:
    """Addresses in rich text, each once, in their order."""
    if isinstance(value, list):
        found = [url for one in value for url in links_in(one)]
    elif isinstance(value, dict):
        own = [str(value["url"])] if value.get("type") == "link" else []
        found = [*own, *(url for one in value.values() for url in links_in(one))]
    else:
        found = []
    return list(dict.fromkeys(found))


def tell(box: Sandbox, team: Team, person: Person, urls: list[str], more: Json) -> str:
    """Emits link_shared for those of `urls` that are the app's; returns the unfurl_id, or ''."""
    ours = [url for url in urls if box.unfurls.domain_of(url)]
    installed = team.installed
    may = installed and {"links:read", "links:write"} & set(installed.scopes)
    if not ours or not may or person.team != team.id:
        return ""
    composer = more["channel"] == COMPOSER
    unfurl_id = (
        str(uuid.uuid4()) if composer else f"{more['channel']}.{more['message_ts']}.{uuid.uuid4().hex}"
    )
    ts = unfurl_id if composer else more["message_ts"]
    event = {
        "type": "link_shared",
        "user": person.id,
        "is_unfurl_refresh": False,
        **more,
        "message_ts": ts,
        "unfurl_id": unfurl_id,
        "source": "composer" if composer else "conversations_history",
        "links": [{"url": url, "domain": box.unfurls.domain_of(url)} for url in ours],
        "user_locale": "en-US",
        "event_ts": box.world.new_ts(),
    }
    box.unfurls.told[unfurl_id] = Shared(team.id, person.id, ours, more["channel"], ts)
    box.emit(team, event, lane=more["channel"], scope="links:read")
    return unfurl_id


def notice(box: Sandbox, team: Team, channel: Channel, person: Person, message: Message) -> None:
    """After a person has posted. Apps' own posts are not told of."""
    installed = team.installed
    more = {
        "channel": channel.id,
        "message_ts": message.ts,
        "is_bot_user_member": bool(installed and installed.bot_user in channel.members),
        **({"thread_ts": message.thread_ts} if message.is_reply else {}),
    }
    tell(box, team, person, links_in(message.wire.get("blocks") or []), more)
