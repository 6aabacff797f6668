"""Who wrote a line in a thread, and whether it may go to the visitor (S10, A13).

A line of somebody who may have to stay inside is never shown to a visitor, and never lost: while Slack does not tell
who it was the line waits, and after PATIENCE it is kept as a note, which its author is told.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Agent
from livechat.segments import Segment
from slackapp import custom_emoji, mrkdwn, people
from slackapp.access import organisation_of
from slackapp.actions.people import agent_for, unknown_agent
from slackapp.handlers.heard import Heard, NotYet
from slackapp.models import ChatLink, Connection, Installation, SlackIdentity
from slackapp.richtext import Look

PATIENCE = timedelta(minutes=2)
GUEST = "Guests cannot write to visitors here. Your line was kept as a note. An owner can allow guests in the console."
PARTNER = (
    "People of other companies cannot write to visitors here. Your line was kept as a note. "
    "An owner can allow partner companies in the console."
)
UNKNOWN = (
    "Slack did not tell who you are, so your line was kept as a note and the visitor does not see it. "
    "Please send it again in a few minutes."
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """`refusal` is the sentence for them if their line has to stay inside."""

    connection: Connection
    team_id: str
    user_id: str
    who: SlackIdentity | None
    refusal: str

    def agent(self) -> Agent:
        """Inside a transaction: the face is written if it is new."""
        if self.who is None:
            return unknown_agent(self.connection.workspace, self.team_id, self.user_id)
        return agent_for(self.connection.workspace, self.who)


def speaker_of(
    heard: Heard, link: ChatLink, line: dict[str, Any], *, patience: timedelta = PATIENCE
) -> Speaker:
    """May raise AskSlack, or NotYet while Slack does not tell; it is waited for as long as `patience`."""
    installation, team_id, user_id = heard.installation, team_of(heard, line), str(line["user"])
    try:
        who = people.identity(installation, team_id, user_id, may_ask=heard.may_ask)
    except people.SlackAway:
        if timezone.now() - heard.row.received_at < patience:
            raise NotYet(patience) from None
        who = None
    partner = _is_partner(installation, team_id, who)
    return Speaker(link.connection, team_id, user_id, who, _refusal(link.connection, who, partner=partner))


def speaker_of_prompt(
    connection: Connection, installation: Installation, team_id: str, user_id: str
) -> Speaker:
    """Of somebody who waits for an answer: whom Slack tells nothing of now is unknown. Calls Slack if need be."""
    try:
        who = people.identity(installation, team_id, user_id, may_ask=True)
    except people.SlackAway:
        who = None
    partner = _is_partner(installation, team_id, who)
    return Speaker(connection, team_id, user_id, who, _refusal(connection, who, partner=partner))


def team_of(heard: Heard, line: dict[str, Any]) -> str:
    """The team whose person this is. In shared channels people of a Grid go under their organisation's id (bolt-python,

    tests/slack_bolt/request/test_internals.py); of our own organisation they are told by their team like anywhere else.
    Of a press no team is told beside it: it is the one that we know them by, or none, and Slack is asked.
    """
    home = heard.installation.slack_team_id
    told = str(line.get("user_team") or line.get("source_team") or line.get("team") or home)
    if told != organisation_of(heard.row.payload):
        return told
    return home or str(line.get("team") or "") or people.team_of(heard.installation, str(line["user"]))


def _is_partner(installation: Installation, team_id: str, who: SlackIdentity | None) -> bool:
    """Of people of other companies Slack often tells nothing but their team, and that in the event itself."""
    if installation.slack_team_id and team_id != installation.slack_team_id:
        return True
    return who is not None and who.is_outsider


def _refusal(connection: Connection, who: SlackIdentity | None, *, partner: bool) -> str:
    if partner:
        return "" if connection.allow_partners else PARTNER
    if who is None:
        return "" if connection.allow_guests and connection.allow_partners else UNKNOWN
    return GUEST if who.is_guest and not connection.allow_guests else ""


def segments_of(heard: Heard, link: ChatLink, line: dict[str, Any]) -> list[Segment]:
    """The line's words, with people under their public names and the company's own emoji. May raise AskSlack."""
    installation, workspace = heard.installation, link.connection.workspace
    look = Look(
        lambda user_id: people.public_name(workspace, installation, user_id),
        lambda name: custom_emoji.picture_of(installation, name, may_ask=heard.may_ask),
        lambda: link.chat.timezone,
    )
    return mrkdwn.segments_of(line, look)
