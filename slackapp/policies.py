"""What of a chat's thread goes to the visitor (S14): the owner chooses for each connection."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from livechat.inside import is_note
from livechat.segments import Segment, to_text
from slackapp.models import ChatLink, Connection

Policy = Connection.Policy

# Slack's name of the reaction that takes an answer back
LOCK = "lock"

# `>>`, also as Slack's editor makes a quote of the first one
OUT = re.compile(r"\A\s*>\s*>\s*")

# for the owner, who chooses
SENTENCES: dict[str, str] = {
    Policy.REPLIES: "What a colleague writes in a chat goes to the visitor. A line that begins with ;; or note: stays "
    "inside, and a \N{LOCK} reaction takes an answer back.",
    Policy.SILENT: "Your team talks among itself. Only a line that begins with >> goes to the visitor.",
    Policy.ALERTS: "Slack only shows what visitors write. Your team answers in the console.",
}
# for colleagues, on the card
HINTS: dict[str, str] = {
    Policy.REPLIES: "Answer in this thread. A line that begins with ;; stays inside, and a \N{LOCK} reaction takes an "
    "answer back.",
    Policy.SILENT: "This thread stays inside. Only Reply… and lines that begin with >> go to the visitor.",
    Policy.ALERTS: "This thread stays inside. Answer in the console.",
}


# in a chat's own channel
HINTS_OF_ROOMS: dict[str, str] = {
    Policy.REPLIES: "Answer in this channel. Threads, and lines that begin with ;;, stay inside, and a \N{LOCK} "
    "reaction takes an answer back.",
    Policy.SILENT: "This channel stays inside. Only Reply… and lines that begin with >> go to the visitor.",
    Policy.ALERTS: "This channel stays inside. Answer in the console.",
}


def choices() -> list[tuple[str, str, str]]:
    """Value, name and sentence of each."""
    return [(policy.value, str(policy.label), SENTENCES[policy]) for policy in Policy]


def hint(link: ChatLink) -> str:
    return (HINTS_OF_ROOMS if link.is_noisy else HINTS)[link.connection.policy]


@dataclass(frozen=True, slots=True)
class Line:
    """What a colleague's line comes to: its words without the prefix that sends them, and whether they go out.

    `is_private`: begins so that it stays inside under every policy.
    """

    body: str
    segments: list[Segment]
    goes_out: bool
    is_private: bool


def _nobodys(words: str) -> bool:
    return False


def line(
    policy: str,
    segments: list[Segment],
    *,
    with_files: bool = False,
    is_visitors: Callable[[str], bool] = _nobodys,
) -> Line:
    """The private prefix wins over everything. Bare arrows say nothing to anybody, unless they send files.

    `is_visitors`: whether the visitor said these words; asked only of a quote that decides.
    """
    addressed = _addressed(segments) if policy == Policy.SILENT else None
    if addressed is not None and not (with_files or to_text(addressed).strip()):
        addressed = None
    spoken = segments if addressed is None else addressed
    wanted, is_private = policy == Policy.REPLIES or addressed is not None, _is_private(spoken, is_visitors)
    return Line(to_text(spoken), spoken, wanted and not is_private, is_private)


def _is_private(segments: list[Segment], is_visitors: Callable[[str], bool]) -> bool:
    """Where words follow a quote they decide, and the quote as well unless it is the visitor's own words."""
    begins_so = is_note(to_text(segments))
    if not segments or segments[0]["type"] != "quote":
        return begins_so
    quote, *rest = segments
    after = to_text(rest)
    if not after.strip():
        return begins_so
    return is_note(after) or (begins_so and not is_visitors(to_text(quote["items"])))


def _addressed(segments: list[Segment]) -> list[Segment] | None:
    """The words after `>>`; None if the line does not begin with it."""
    plain = _unquoted(segments)
    found = OUT.match("".join(str(segment["text"]) for segment in plain))
    return _without(plain, found.end()) if found else None


def _unquoted(segments: list[Segment]) -> list[Segment]:
    if not segments or segments[0]["type"] != "quote":
        return segments
    first, *rest = segments
    between: list[Segment] = [{"type": "break", "text": "\n"}] if rest else []
    return [{"type": "text", "text": ">"}, *first["items"], *between, *rest]


def _without(segments: list[Segment], count: int) -> list[Segment]:
    """Without the first `count` characters."""
    for number, segment in enumerate(segments):
        text = str(segment["text"])
        if count < len(text):
            return [{**segment, "text": text[count:]}, *segments[number + 1 :]]
        count -= len(text)
        if count == 0:
            return segments[number + 1 :]
    return []
