"""What a visitor's socket reads: one function, one call on a database thread, for first load, resume, gap and ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Agent
from livechat import away, transcripts
from livechat.access import Arrival, Changes, changes_since, newest_chat
from livechat.models import ChatSession, Message, Site
from livechat.presence import is_online

FACES = 3


@dataclass(frozen=True, slots=True)
class Welcome:
    chat_id: str | None
    rev: int
    is_open: bool
    frame: dict[str, Any]
    reaches: Sequence[int] = ()
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """The visitor's newest chat and what changed in it after a `rev`."""

    site: Site
    chat: ChatSession | None
    changes: Changes

    @property
    def chat_id(self) -> str | None:
        return str(self.chat.id) if self.chat else None

    @property
    def rev(self) -> int:
        return self.changes.rev

    @property
    def is_open(self) -> bool:
        return self.chat is not None and self.chat.is_open

    @property
    def is_blocked(self) -> bool:
        return self.chat is not None and self.chat.visitor.is_blocked

    @property
    def more(self) -> bool:
        return self.changes.more

    @property
    def reaches(self) -> Sequence[int]:
        """Up to where the visitor has the chat once this has arrived; nothing if nobody of the team has spoken."""
        is_whole = self.chat is not None and self.chat.agent_id is not None and not self.more
        return (self.chat.last_seq,) if self.chat is not None and is_whole else ()

    def chat_frame(self) -> dict[str, Any]:
        assert self.chat is not None
        return transcripts.chat_frame(self.chat, self.site)

    def synced(self) -> dict[str, Any]:
        return {
            "type": "synced",
            "chat": self.chat_id,
            "rev": self.rev,
            "messages": [transcripts.message_state(message, self.site) for message in self.changes.messages],
            "more": self.more,
            # marks and status move without a `rev`: whoever missed a ring of theirs learns them here
            "state": transcripts.chat_state(self.chat, self.site) if self.chat is not None else None,
        }


def update(arrival: Arrival, chat_id: str | None, last_rev: int, up_to: int | None = None) -> Update:
    """`last_rev` counts as 0 unless `chat_id` is the visitor's current chat; `up_to` bounds the answer's `rev`."""
    chat = newest_chat(arrival.claim)
    if chat is None:
        return Update(arrival.site, None, Changes([], 0, False))
    if up_to is not None:
        chat.last_rev = min(chat.last_rev, up_to)
    known = min(last_rev, chat.last_rev) if chat_id == str(chat.id) else 0
    return Update(arrival.site, chat, changes_since(chat, known))


def message_frames(changes: Changes, site: Site) -> list[dict[str, Any]]:
    in_rev_order = sorted(changes.messages, key=lambda message: message.rev)
    return [transcripts.message_frame(message, site) for message in in_rev_order]


def welcome(arrival: Arrival, chat_id: str | None, last_rev: int) -> Welcome:
    """The socket has subscribed by now, so nothing that changes after this read is missed."""
    answer = update(arrival, chat_id, last_rev)
    frame = {
        "type": "welcome",
        "protocol": 1,
        "visitor_token": arrival.claim.visitor_token,
        "chat": transcripts.chat_state(answer.chat, arrival.site) if answer.chat else None,
        "rev": answer.rev,
        "messages": answer.synced()["messages"],
        "more": answer.more,
        "online": is_online(arrival.site),
        "agents": faces(arrival.site),
        # beyond the contract: when somebody is back, and what need not be asked any more
        "back_at": transcripts.moment(away.back_at(arrival.site)),
        "visitor": transcripts.visitor_state(arrival.visitor, arrival.claim.person),
    }
    return Welcome(answer.chat_id, answer.rev, answer.is_open, frame, answer.reaches, answer.is_blocked)


def faces(site: Site) -> list[dict[str, Any]]:
    """Up to three people of the team, for the panel's head: those who answer from Slack before those who only could.

    Who only ever wrote notes may be a guest of somebody else's company.
    """
    answers = Message.unscoped.filter(agent=OuterRef("pk"), is_note=False)
    agents = Agent.unscoped.filter(workspace_id=site.workspace_id, is_gone=False).exclude(name="", alias="")
    agents = agents.filter(Q(member__isnull=False) | Exists(answers))
    found = list(agents.order_by(F("external_id").asc(nulls_last=True), "pk")[: FACES * 2])
    by_name = {agent.public_name: agent for agent in reversed(found)}
    first = [agent for agent in found if by_name[agent.public_name] is agent][:FACES]
    return [transcripts.agent_face(agent, site) for agent in first]
