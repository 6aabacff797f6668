"""S6, S29: every event, press, command and refusal that Slack publishes, through the real door and the worker."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from livechat.models import ChatSession, Message, Site
from slackapp import queries, socket_mode
from slackapp.actions.channels import MENDED
from slackapp.models import ChatLink, Connection, Delivery, InboundEvent, Installation
from tests.cast import lines_of, newcomer, say
from tests.payloads.slack import SAMPLES, next_ts, post, sample, samples
from tests.serving import Served
from tests.slackapp.peer import Slack, at_rest, fresh, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMAS = "slack-api-specs/events-api"


def events() -> list[tuple[str, Any]]:
    """Every published example by its name, and each topic of the specification with nothing but its type."""
    paths = [*samples("docs-slack-dev/events"), *samples("java-slack-sdk/json-logs/samples/events")]
    found = [(path.stem, json.loads(path.read_text())) for path in paths]
    for path in samples(SCHEMAS):
        schema = json.loads(path.read_text())
        found += [(one["event"]["type"], one) for one in schema.get("examples", [])]
        found += [(topic, {"type": kind_of(topic)}) for topic in schema.get("topics", {})]
    return found


def kind_of(topic: str) -> str:
    return "message" if topic.startswith("message") else topic.replace(".", "_")


EVENTS = events()
PRESSES = [
    *samples("docs-slack-dev/interactivity"),
    *samples("java-slack-sdk/json-logs/samples/app-backend/interactive-components"),
    *samples("java-slack-sdk/json-logs/samples/app-backend/views"),
]
JAVA = "java-slack-sdk/json-logs/samples"
FORMS = SAMPLES / "docs-slack-dev" / "interactivity" / "slash_command_forms.json"
ENDS = {"app_uninstalled", "tokens_revoked"}


def enveloped(found: Any) -> dict[str, Any]:
    """Some samples are the inner event alone."""
    if "event" in found or found.get("type") in ("app_rate_limited", "url_verification"):
        return dict(found)
    return {"type": "event_callback", "event_id": "EvINNER", "event_time": 1, "event": found}


def addressed(payload: dict[str, Any], link: ChatLink, person: str) -> dict[str, Any]:
    """As if Slack said it of our own chat: our app and team, the chat's channel and thread, a colleague."""
    installation = link.installation
    ids = {
        "team_id": installation.slack_team_id,
        "team": installation.slack_team_id,
        "api_app_id": installation.app_id,
        "app_id": "A0OTHERAPP",
        "channel": link.channel_id,
        "channel_id": link.channel_id,
        "user": person,
        "user_id": person,
        "thread_ts": str(link.root_ts),
        "enterprise_id": "",
    }
    filled = _filled(copy.deepcopy(payload), ids)
    filled |= {"event_id": f"Ev{next_ts()}", "type": payload.get("type") or "event_callback"}
    if isinstance(filled.get("event"), dict) and "ts" in filled["event"]:
        filled["event"]["ts"] = filled["event"]["event_ts"] = next_ts()
    return dict(filled)


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: ids[key] if key in ids and isinstance(inner, str) else _filled(inner, ids)
            for key, inner in value.items()
        }
    return [_filled(inner, ids) for inner in value] if isinstance(value, list) else value


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record.getMessage() for record in caplog.get_records("call") if record.exc_info]


@pytest.fixture
def installed(connection: Connection) -> Callable[[], None]:
    """Puts everything back as it was: the samples speak of leaving, too."""
    kept = Installation.objects.get()
    columns = {name: getattr(fresh(connection), name) for name in ("channel_id", "channel_name")}

    def restore() -> None:
        kept.save()
        Connection.unscoped.filter(pk=connection.pk).update(**MENDED, **columns)
        ChatLink.objects.update(channel_id=columns["channel_id"])

    return restore


@pytest.mark.skipif(not EVENTS, reason="Slack's published samples are not here")
def test_an_event_is_answered_and_worked_whatever_it_holds(
    server: Served, slack: Slack, chat: ChatSession, installed: Callable[[], None]
) -> None:
    bob = slack.person("bob")
    for name, published in EVENTS:
        payload = enveloped(published)
        before = len(lines_of(chat))
        for one in (payload, addressed(payload, link_of(chat), bob)):
            assert post(server.url, "/slack/events", one).status_code == 200, name
        # also what the sandbox tells of our own posts, which comes in its own time
        settle(slack)
        assert not InboundEvent.objects.exclude(state="done").exists(), name
        kind = str((payload.get("event") or payload).get("type"))
        shown = lines_of(chat)[before:]
        assert not shown or kind == "message", name
        assert all(text.strip() for text in shown), name
        assert kind in ENDS or Installation.objects.get().state == "active", name
        installed()


@pytest.mark.skipif(not PRESSES, reason="Slack's published samples are not here")
def test_a_press_is_answered_whatever_it_holds(server: Served, slack: Slack, chat: ChatSession) -> None:
    link, bob = link_of(chat), slack.person("bob")
    for path in PRESSES:
        found = json.loads(path.read_text())
        for one in [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]:
            for payload in (one, addressed(one, link, bob)):
                assert post(server.url, "/slack/interactivity", payload).status_code == 200, path.stem
        settle(slack)
        assert not InboundEvent.objects.exclude(state="done").exists(), path.stem
    assert Message.unscoped.filter(chat=chat).count() == 1


def commands() -> list[bytes]:
    """Slash commands as Slack posts them, the look at a certificate among them."""
    forms = json.loads(FORMS.read_text()) if FORMS.exists() else []
    fields = [json.loads(path.read_text()) for path in samples(f"{JAVA}/app-backend/slash-commands")]
    return [str(form["raw_body"]).encode() for form in forms] + [urlencode(one).encode() for one in fields]


@pytest.mark.skipif(not commands(), reason="Slack's published samples are not here")
@pytest.mark.parametrize("raw", commands(), ids=lambda raw: raw[:30].decode())
def test_a_command_is_answered_to_its_author_alone(server: Served, raw: bytes) -> None:
    answer = post(server.url, "/slack/commands", raw)
    assert answer.status_code == 200
    if raw.startswith(b"ssl_check"):
        assert answer.content == b""
    else:
        assert answer.json()["response_type"] == "ephemeral"


def test_every_frame_of_a_socket_is_read_as_what_it_asks_for() -> None:
    """S26: what Slack publishes of them; only being switched off ends the listening."""
    found = {}
    for frame in sample("docs-slack-dev/socket-mode/frames.json"):
        read = socket_mode._read(json.dumps(frame))
        assert read == frame
        try:
            socket_mode._check_disabled(read)
            found[str(frame.get("reason"))] = "goes on"
        except socket_mode.SwitchedOff:
            found[str(frame.get("reason"))] = "ends"
    assert found.pop("link_disabled") == "ends"
    assert set(found.values()) == {"goes on"}


def documented() -> list[str]:
    """Every documented error of posting a message."""
    path = SAMPLES / "slack-api-ref" / "docs.slack.dev" / "methods" / "chat.postMessage.json"
    return sorted(json.loads(path.read_text())["errors"]) if path.exists() else []


@pytest.mark.skipif(not documented(), reason="Slack's published samples are not here")
@pytest.mark.parametrize("part", range(3))
def test_every_documented_refusal_leaves_the_line_safe(
    slack: Slack, connection: Connection, site: Site, installed: Callable[[], None], part: int
) -> None:
    """Nothing is lost: the line was sent after all, waits for somebody, or says why it is not in Slack."""
    for code in documented()[part::3]:
        claim = newcomer(site)
        say(claim, "first")
        settle(slack)
        slack.fault("error", error=code)
        message = say(claim, f"told {code}")
        at_rest(slack)
        message.refresh_from_db()
        health = queries.health_of(fresh(connection))
        if message.mirror_state == "queued":
            assert health.state in ("broken", "reconnect"), code
            assert health.problem.endswith("."), code
        elif message.mirror_state == "failed":
            assert message.mirror_problem.endswith("."), code
        else:
            assert message.mirror_state == "sent", code
            assert slack.lines(connection)[-1] == f"told {code}", code
        assert slack.lines(connection).count(f"told {code}") <= 1
        Delivery.objects.exclude(state="sent").update(state="dead")
        installed()
