"""Reads text as Slack does: which mentions, pings and links come of it, and how it is stored."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from slack_sandbox.model import Json, Team

TOKEN = re.compile(r"<([^<>\n]+)>")
ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
BARE = re.compile(
    r"(?P<url>https?://[^\s<>|]+)|(?<![\w@&])@(?P<cast>here|channel|everyone)\b|(?<![\w#&])#(?P<channel>[a-z0-9_-]+)"
)
TRAILING = ".,;:!?)'\"*_~"
DOMAIN = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})", re.IGNORECASE)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@dataclass
class Reading:
    """What a text does to its readers beyond being read."""

    team: Team
    where: str
    pings: list[Json] = field(default_factory=list)
    links: list[Json] = field(default_factory=list)

    def ping(self, kind: str, value: str) -> None:
        self.pings.append({"kind": kind, "value": value, "where": self.where})

    def link(self, url: str, label: str) -> None:
        entry = {"url": url, "label": label, "forged": is_forged(url, label), "where": self.where}
        self.links.append(entry)

    def read(self, text: str, *, bare_links: bool, bare_names: bool) -> str:
        """Returns the text as Slack stores it."""
        out, last = [], 0
        for match in TOKEN.finditer(text):
            out.append(self._plain(text[last : match.start()], bare_links, bare_names))
            out.append(match.group(0) if self._token(match.group(1)) else escape(match.group(0)))
            last = match.end()
        out.append(self._plain(text[last:], bare_links, bare_names))
        return "".join(out)

    def _token(self, inner: str) -> bool:
        head, _, label = inner.partition("|")
        if head.startswith("@") and head[1:] in self.team.people:
            self.ping("user", head[1:])
        elif head.startswith("#") and head[1:] in self.team.channels:
            self.ping("channel", head[1:])
        elif head in ("!here", "!channel", "!everyone"):
            self.ping("broadcast", head[1:])
        elif head.startswith("!subteam^"):
            self.ping("usergroup", head[9:])
        elif head.startswith("!date^"):
            return True
        elif re.match(r"(?:https?://|mailto:|tel:)\S", head):
            self.link(unescape(head), unescape(label) or unescape(head))
        else:
            return False
        return True

    def _plain(self, text: str, bare_links: bool, bare_names: bool) -> str:
        text = ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")

        def one(match: re.Match[str]) -> str:
            if match["url"]:
                return self._bare_url(match["url"]) if bare_links else match[0]
            return self._bare_name(match) if bare_names else match[0]

        return BARE.sub(one, text)

    def _bare_url(self, found: str) -> str:
        url = found.rstrip(TRAILING)
        self.link(unescape(url), unescape(url))
        return f"<{url}>{found[len(url) :]}"

    def _bare_name(self, match: re.Match[str]) -> str:
        if match["cast"]:
            self.ping("broadcast", match["cast"])
            return f"<!{match['cast']}>"
        channel = self.team.channel_named(match["channel"])
        if channel is None:
            return match[0]
        self.ping("channel", channel.id)
        return f"<#{channel.id}|{channel.name}>"


def is_forged(url: str, label: str) -> bool:
    """A label that reads like an address of another place than the link's own."""
    shown = DOMAIN.search(label)
    return shown is not None and label != url and shown[1].lower() != (urlsplit(url).hostname or "").lower()


def read_blocks(team: Team, blocks: list[Json], reading: Reading) -> None:
    for index, block in enumerate(blocks):
        _walk(block, f"/blocks/{index}", reading)


def _walk(value: object, pointer: str, reading: Reading) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, f"{pointer}/{index}", reading)
    elif isinstance(value, dict):
        reading.where = pointer
        _look_at(value, reading)
        for key, item in value.items():
            _walk(item, f"{pointer}/{key}", reading)


def _look_at(value: Json, reading: Reading) -> None:
    kind = value.get("type")
    if kind in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
        auto = not value.get("verbatim", False)
        reading.read(value["text"], bare_links=auto, bare_names=auto)
    elif kind == "link":
        reading.link(str(value.get("url")), str(value.get("text") or value.get("url")))
    elif kind == "user":
        reading.ping("user", str(value.get("user_id")))
    elif kind == "channel":
        reading.ping("channel", str(value.get("channel_id")))
    elif kind == "usergroup":
        reading.ping("usergroup", str(value.get("usergroup_id")))
    elif kind == "broadcast":
        reading.ping("broadcast", str(value.get("range")))
