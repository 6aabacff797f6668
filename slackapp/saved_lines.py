"""`//name` as a whole line in a thread is a saved reply (M3): the visitor reads its words, and so does the thread."""

from dataclasses import dataclass, replace
from typing import Any

from accounts.access import external_agent
from accounts.errors import Refused
from accounts.models import Agent
from livechat import saved_choice, segments
from livechat.inside import is_note
from livechat.saved import shortcut_in
from slackapp import copies, policies
from slackapp.actions.people import external_id
from slackapp.models import ChatLink, MessageLink
from slackapp.speakers import Speaker

KEPT = "Your line was kept as a note, and the visitor does not see it."


@dataclass(frozen=True, slots=True)
class Meant:
    """`saved`: the saved reply's shortcut, if the line was one. `problem`: what its author must be told."""

    line: policies.Line
    saved: str = ""
    problem: str = ""


def meant(link: ChatLink, speaker: Speaker, line: policies.Line) -> Meant:
    """What a line comes to that would go to the visitor. A saved text that begins like a note is one."""
    name = shortcut_in(line.body)
    if not name or not line.goes_out or speaker.refusal:
        return Meant(line)
    try:
        body = saved_choice.expanded(link.chat, face(speaker), line.body) or ""
    except Refused as refusal:
        return Meant(replace(line, goes_out=False), problem=f"{refusal.sentence} {KEPT}")
    inside = is_note(body)
    return Meant(policies.Line(body, segments.from_text(body), not inside, inside), name)


def face(speaker: Speaker) -> Agent:
    """As whom they are shown to visitors. Writes nothing: somebody new has the name that Slack told."""
    workspace = speaker.connection.workspace
    known = external_agent(workspace, external_id(speaker.team_id, speaker.user_id))
    return known or Agent(name=speaker.who.name if speaker.who else "")


def tell_thread(link: ChatLink, ts: str, saved: str) -> None:
    """In the transaction of the line. Colleagues see the shortcut alone; a line of ours says what it became.

    Nearly every line is none, and asks the database nothing.
    """
    if not saved:
        return
    where: dict[str, Any] = {"installation": link.installation, "channel_id": link.channel_id, "ts": ts}
    line = MessageLink.objects.select_related("message").filter(**where, from_slack=True).first()
    if line is not None and line.message is not None and not line.message.is_note:
        copies.remark(link, line.message, saved=saved)
