"""S14: no event of Slack's, of whatever kind and in whatever order, brings a note to the widget, in either mode.

The deck holds a card for each row of the product's table of events: a new row without a card fails here.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from django import conf
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Member
from livechat import events
from livechat.access import Arrival, changes_since
from livechat.actions.messages import post_note
from livechat.models import Message, Site
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import message_frames, welcome
from slackapp import actions
from slackapp.errors import NotSent
from slackapp.handlers import HANDLERS
from slackapp.interactivity import BLOCK_ACTIONS
from slackapp.models import ChatLink, Connection, Installation, SlackIdentity
from slackapp.presses import PRESSES
from tests.cast import chat_of, newcomer, say, shop_of
from tests.payloads.slack import envelope, next_ts
from tests.slackapp.test_any_order_of_events import work

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.timeout(180)]
Json = dict[str, Any]
BOB, GUS, MALLORY, BOT = "U0BOB", "U0GUS", "U0MALLORY", "U0BOT"
# what a line begins with; under each policy, with which of them it may go out
STARTS = ["", "", "", ";; ", "note: ", "> ;; ", "- note: ", ">> ", ">> ;; ", "\uff1b\uff1b "]
OPEN = {"replies": ["", ">> "], "silent": [">> "], "alerts": []}
_number = itertools.count(1)


@dataclass
class Play:
    """A chat in Slack, and what people do to it. `secrets` are words of which no frame may ever hold one."""

    chance: Random
    claim: VisitorClaim
    link: ChatLink
    installation: Installation
    channel: str
    secrets: set[str] = field(default_factory=set)
    lines: list[Json] = field(default_factory=list)

    def words(self, *, inside: bool) -> str:
        start, word = self.chance.choice(STARTS), f"word{next(_number)}x"
        if inside or start not in OPEN[self.link.connection.policy]:
            self.secrets.add(word)
        return f"{start}{word}"

    def place(self, *, aside: bool = False) -> Json:
        """In the chat's thread or channel; `aside` in a thread within the channel."""
        noisy = self.link.is_noisy
        thread = {"thread_ts": self.link.root_ts} if aside or not noisy else {}
        return {"channel": self.channel, **thread}

    def line(self) -> Json:
        """One that was said, else one that nobody has heard of."""
        return self.chance.choice(self.lines) if self.lines else {"ts": next_ts(), "user": BOB, "text": "?"}


# --- cards --------------------------------------------------------------------------------------------------------


def said(play: Play) -> Json:
    user = play.chance.choice([BOB, BOB, BOB, GUS, MALLORY])
    aside = play.chance.random() < 0.3
    text = play.words(inside=user != BOB or (aside and play.link.is_noisy))
    line: Json = {"type": "message", "user": user, "text": text, "ts": next_ts(), **play.place(aside=aside)}
    line |= {"team": "T0OTHER" if user == MALLORY else play.installation.slack_team_id}
    line |= play.chance.choice([{}, {}, {"subtype": "me_message"}, {"subtype": "file_share"}])
    if line.get("subtype") == "file_share":
        name = text.rpartition(" ")[2]
        line["files"] = [{"id": f"F{len(play.lines)}", "name": f"{name}.txt", "size": 5, "mode": "hosted"}]
    if "thread_ts" in line and "subtype" not in line and play.chance.random() < 0.2:
        line["subtype"] = "thread_broadcast"
    play.lines.append(line)
    return line


def changed(play: Play) -> Json:
    """A line that was to stay inside is rewritten as if it could go out, or the other way round."""
    before = play.line()
    if "edited" in before:  # the first edit alone tells what the line was
        return said(play)
    was_inside = any(word in before["text"] for word in play.secrets)
    now = {**before, "text": play.words(inside=was_inside), "edited": {"user": BOB, "ts": next_ts()}}
    if play.lines:
        play.lines[play.lines.index(before)] = now
    about = {"message": now, "previous_message": before, "channel": play.channel, "hidden": True}
    return {"type": "message", "subtype": "message_changed", **about, "ts": next_ts()}


def deleted(play: Play) -> Json:
    line = play.line()
    about = {"deleted_ts": line["ts"], "previous_message": line, "channel": play.channel}
    return {"type": "message", "subtype": "message_deleted", **about, "ts": next_ts()}


def message(play: Play) -> Json:
    return play.chance.choice([said, said, said, changed, changed, deleted])(play)


def reaction(kind: str) -> Callable[[Play], Json]:
    def card(play: Play) -> Json:
        item = {"type": "message", "channel": play.channel, "ts": play.line()["ts"]}
        return {"type": kind, "user": play.chance.choice([BOB, GUS]), "reaction": "lock", "item": item}

    return card


def new_look(kind: str) -> Callable[[Play], Json]:
    """Everything that somebody said in the chat is told anew when they are called otherwise."""

    def card(play: Play) -> Json:
        user = play.chance.choice([BOB, GUS])
        profile = {"display_name": f"{user} the {next(_number)}th"}
        about = {"id": user, "team_id": play.installation.slack_team_id, "profile": profile}
        return {"type": kind, "user": {**about, "is_restricted": user == GUS}}

    return card


def press(play: Play) -> Json:
    action = {"action_id": play.chance.choice([*PRESSES]), "value": str(play.link.pk), "type": "button"}
    return {"type": BLOCK_ACTIONS, "user": BOB, "action": action, **play.place(), "trigger_id": next_ts()}


def place(kind: str) -> Callable[[Play], Json]:
    """What happens to a channel, or to somebody in it."""

    def card(play: Play) -> Json:
        return {"type": kind, "channel": play.channel, "user": play.chance.choice([BOB, BOT])}

    return card


def renamed(kind: str) -> Callable[[Play], Json]:
    return lambda play: {"type": kind, "channel": {"id": play.channel, "name": "elsewhere"}}


def moved(play: Play) -> Json:
    new = f"C0MOVED{next(_number)}"
    event = {"type": "channel_id_changed", "old_channel_id": play.channel, "new_channel_id": new}
    play.channel = new
    return event


def teams(kind: str) -> Callable[[Play], Json]:
    return lambda play: {"type": kind, "team_ids": [play.installation.slack_team_id]}


def at_home(play: Play) -> Json:
    return {"type": "app_home_opened", "user": BOB, "channel": "D0HOME", "tab": "home"}


def link_shared(play: Play) -> Json:
    """A line of the chat, a note among them, is pointed at in the channel where the chat is."""
    lines = Message.unscoped.filter(chat=play.link.chat_id).order_by("created_at")
    url = f"{conf.settings.CONSOLE_URL}/console/chats/{play.link.chat_id}#m-{play.chance.choice(lines).pk}"
    links = [{"domain": urlsplit(url).netloc, "url": url}]
    return {
        "type": "link_shared",
        "user": BOB,
        "channel": play.channel,
        "message_ts": next_ts(),
        "links": links,
    }


DECK: dict[str, Callable[[Play], Json]] = {
    "message": message,
    "reaction_added": reaction("reaction_added"),
    "reaction_removed": reaction("reaction_removed"),
    "file_deleted": lambda play: {"type": "file_deleted", "file_id": f"F{play.chance.randrange(9)}"},
    "user_change": new_look("user_change"),
    "user_profile_changed": new_look("user_profile_changed"),
    "emoji_changed": lambda play: {"type": "emoji_changed", "subtype": "remove", "names": ["party"]},
    "app_uninstalled": lambda play: {"type": "app_uninstalled"},
    "tokens_revoked": lambda play: {"type": "tokens_revoked", "tokens": {"bot": [BOT]}},
    "app_rate_limited": lambda play: {"type": "app_rate_limited", "minute_rate_limited": 1_800_000_000},
    "channel_id_changed": moved,
    "team_access_granted": teams("team_access_granted"),
    "team_access_revoked": teams("team_access_revoked"),
    "app_home_opened": at_home,
    "link_shared": link_shared,
    BLOCK_ACTIONS: press,
    **{kind: renamed(kind) for kind in ("channel_rename", "group_rename")},
    **{kind: place(kind) for kind in ("member_left_channel", "member_joined_channel")},
    **{
        f"{where}_{what}": place(f"{where}_{what}")
        for where in ("channel", "group")
        for what in ("archive", "unarchive", "deleted", "left")
    },
}


def test_the_deck_has_a_card_for_every_kind_of_event() -> None:
    assert set(DECK) == set(HANDLERS)


# --- plays --------------------------------------------------------------------------------------------------------


@dataclass
class Widget:
    """Everything that a tab of the visitor's could ever have been told."""

    claim: VisitorClaim
    heard: list[str] = field(default_factory=list)
    rev: int = 0

    def hear(self) -> None:
        chat = chat_of(self.claim)
        changes = changes_since(chat, self.rev)
        self._keep(*message_frames(changes, chat.site))
        self.rev = changes.rev

    def load(self) -> None:
        """As after a reload: messages, faces, state of the chat."""
        self._keep(welcome(Arrival(chat_of(self.claim).site, self.claim), None, 0).frame)

    def _keep(self, *frames: Json) -> None:
        self.heard += [json.dumps(frame, ensure_ascii=False) for frame in frames]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What sockets are told beside messages. Slack itself is away: nobody is asked, nobody told."""
    frames: list[str] = []

    def away(method: str, *args: object, **more: object) -> Json:
        raise NotSent(method)

    def keep(fact: events.ChatChanged) -> None:
        frames.append(json.dumps(fact.frame))

    monkeypatch.setattr("slackapp.client.call", away)
    listeners = [*events._promises[events.ChatChanged], keep]
    monkeypatch.setitem(events._promises, events.ChatChanged, listeners)
    return frames


def begun(alice: Member, chance: Random, policy: str, mode: str) -> Play:
    number = next(_number)
    site: Site = shop_of(alice, f"Shop {number}")
    team, now = f"T0ACME{number}", timezone.now()
    installation = Installation.objects.create(
        slack_team_id=team, app_id="A0APP", bot_token="xoxb-x", bot_user_id=BOT, bot_id="B0BOT",
        installed_by_slack_user_id="U0ALICE", installed_at=now,
    )  # fmt: skip
    for user, name in {BOB: "Bob", GUS: "Gus"}.items():
        known: Json = {"slack_team_id": team, "slack_user_id": user, "seen_from": team, "fetched_at": now}
        SlackIdentity.objects.create(**known, name=name, is_guest=user == GUS)
    channel = f"C0CHAT{number}"
    Connection.unscoped.create(
        workspace=site.workspace, site=site, installation=installation, channel_id=channel, state="ready",
        policy=policy, mode=mode,
    )  # fmt: skip
    claim = newcomer(site)
    say(claim, "Hello?")
    chat = chat_of(claim)
    room = {"channel_id": f"C0ROOM{number}", "room": "open"} if mode == "noisy" else {}
    ChatLink.objects.filter(pk=chat.pk).update(root_ts=next_ts(), **room)
    link = ChatLink.objects.select_related("connection").get(pk=chat.pk)
    play = Play(chance, claim, link, installation, link.channel_id)
    for word in ("console1", "console2"):
        play.secrets.add(f"{word}n{number}")
        post_note(chat.pk, None, f"{word}n{number}")
    return play


@given(
    policy=st.sampled_from([*OPEN]),
    mode=st.sampled_from(["still", "noisy"]),
    seed=st.integers(0, 2**32),
)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],
)
def test_no_event_brings_a_note_to_the_widget(
    alice: Member, told: list[str], policy: str, mode: str, seed: int
) -> None:
    chance = Random(seed)
    play = begun(alice, chance, policy, mode)
    widget = Widget(play.claim)
    cards = [message] * 8 + chance.sample([*DECK.values()], 7)
    chance.shuffle(cards)
    happened = [envelope(play.installation, {"event_ts": next_ts(), **card(play)}) for card in cards]
    for event in [*chance.choices(happened, k=5), *happened, *chance.sample(happened, len(happened))]:
        again = f"again{next(_number)}" if chance.random() < 0.3 else ""
        actions.recording.record_event({**event, "event_id": event["event_id"] + again})
        if chance.random() < 0.5:
            work()
            widget.hear()
    work()
    widget.hear()
    widget.load()

    told_of = [frame for frame in (*widget.heard, *told) if any(word in frame for word in play.secrets)]
    assert told_of == []
    notes = Message.unscoped.filter(chat__site_id=play.claim.site_id, is_note=True)
    assert notes.count() >= 2
    assert not notes.exclude(seq=None, rev=0).exists()
