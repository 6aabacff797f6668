"""What a line in Slack carries beside its words: files to fetch, and files that lie elsewhere or are not to be had."""

from dataclasses import dataclass
from typing import Any

from livechat.actions.fetched import NAMELESS, Expected
from livechat.files.names import extension_of
from livechat.segments import Segment, safe_url, to_text
from slackapp.models import Installation

MOST = 20
LONGEST_NAME = 200
FETCHED = ("hosted", "snippet")
HIDDEN = "Slack no longer gives this file out: the workspace is over its limit."
NO_FILE = "Only files can be sent to visitors, not canvases, posts or lists."


@dataclass(frozen=True, slots=True)
class SlackFile:
    """`url`: where the bot token gets its bytes; empty if files.info is to be asked. `problem`: never to be had.

    `is_gone`: somebody deleted it, so Slack tells its id alone.
    """

    id: str
    name: str
    size: int
    url: str
    problem: str = ""
    is_gone: bool = False

    def expected(self, installation: Installation) -> Expected:
        return Expected(
            external_id(installation, self.id), self.name, self.size, self.problem, is_gone=self.is_gone
        )


@dataclass(frozen=True, slots=True)
class Shared:
    files: tuple[SlackFile, ...]
    links: tuple[Segment, ...]

    def named_in(self, segments: list[Segment]) -> tuple[str, list[Segment]]:
        """Body and segments with what lies elsewhere, each on a line of its own."""
        said = list(segments)
        for link in self.links:
            said += [{"type": "break", "text": "\n"}, link] if said else [link]
        return to_text(said), said


def external_id(installation: Installation, file_id: str) -> str:
    return f"slack:{installation.slack_team_id or installation.enterprise_id}:{file_id}"[:80]


def shared_in(line: dict[str, Any]) -> Shared:
    given = line.get("files")
    known = [file for file in given if _has_id(file)][:MOST] if isinstance(given, list) else []
    links = [link for file in known if (link := _link(file)) is not None]
    files = [file_of(file) for file in known if not _is_elsewhere(file)]
    return Shared(tuple(files), tuple(links))


def _has_id(file: Any) -> bool:
    return isinstance(file, dict) and isinstance(file.get("id"), str) and 0 < len(file["id"]) <= 32


def file_of(file: dict[str, Any]) -> SlackFile:
    """A file object, of a message or of files.info. A snippet is text, whatever it is called."""
    if file.get("mode") == "tombstone":
        return SlackFile(file["id"], NAMELESS, 0, "", is_gone=True)
    name = _text(file.get("name")) or _text(file.get("title")) or NAMELESS
    if file.get("mode") == "snippet" and extension_of(name) not in ("txt", "csv"):
        name = f"{name}.txt"
    url = _text(file.get("url_private_download"), 2000) or _text(file.get("url_private"), 2000)
    size = file.get("size")
    if file.get("file_access") == "check_file_info":
        url = ""
    return SlackFile(
        file["id"],
        name,
        size if isinstance(size, int) else 0,
        url,
        _problem(str(file.get("mode") or "hosted")),
    )


def _problem(mode: str) -> str:
    if mode == "hidden_by_limit":
        return HIDDEN
    return "" if mode in (*FETCHED, "file_access") else NO_FILE


def _is_elsewhere(file: dict[str, Any]) -> bool:
    return bool(file.get("is_external")) or file.get("mode") == "external"


def _link(file: dict[str, Any]) -> Segment | None:
    url = safe_url(_text(file.get("url_private"), 2000)) if _is_elsewhere(file) else None
    if url is None or not url.startswith(("https://", "http://")):
        return None
    name = _text(file.get("title")) or _text(file.get("name")) or url
    return {"type": "link", "text": name, "url": url}


def _text(value: Any, most: int = LONGEST_NAME) -> str:
    return value[:most] if isinstance(value, str) else ""
