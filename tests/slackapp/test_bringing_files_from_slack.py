"""S12: what a colleague shares in the thread is fetched, looked into, and shown to the visitor as ours."""

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.utils import timezone

from livechat import access
from livechat.actions import fetched
from livechat.files import store
from livechat.models import Attachment, ChatSession, Message
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import update
from slackapp.errands import fetching
from slackapp.models import Connection, Delivery, Installation, Lane
from tests import samples
from tests.cast import chat_of, lines_of, say
from tests.slackapp.peer import Slack, at_rest, later, link_of, settle, text_of

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]
TEXT = {"name": "offer.txt", "content": "red boots, 89.50"}


def share(slack: Slack, chat: ChatSession, *files: Json | str, text: str = "", **more: Any) -> Json:
    link = link_of(chat)
    where = {"channel": link.channel_id, "thread_ts": link.root_ts, "team": "Acme"}
    said = slack.act("say", **{"user": "bob", **where, "text": text, "files": list(files), **more})
    settle(slack)
    return said


def tries_pass(slack: Slack, count: int = 1) -> None:
    """The waits between the attempts are over."""
    for _ in range(count):
        later()
        settle(slack)


def shown(chat: ChatSession, claim: VisitorClaim) -> list[Json]:
    """The attachments of the newest message, as the visitor's panel gets them."""
    arrival = access.arrive(chat.site.public_token, claim.visitor_token, None)
    found = update(arrival, None, 0).synced()["messages"]
    return list(found[-1]["attachments"])


def whispers(slack: Slack, connection: Connection) -> list[str]:
    return [text_of(m) for m in slack.channel(connection) if m.get("seen_only_by")]


def test_a_file_reaches_the_visitor_with_its_words(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    share(slack, chat, TEXT, text="Here you are")
    (file,) = shown(chat, claim)
    assert lines_of(chat)[-1] == "Here you are"
    assert (file["name"], file["size"], file["content_type"]) == ("offer.txt", 16, "text/plain")
    assert file["state"] == "ready"
    kept = Attachment.unscoped.get(pk=file["id"])
    with store.open_stored(kept.storage_key) as content:
        assert content.read() == b"red boots, 89.50"


def test_a_file_alone_is_a_message_and_a_picture_loses_its_place(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    photo = base64.b64encode(samples.photo_of_a_place()).decode()
    share(slack, chat, {"name": "garden.jpg", "base64": photo}, plain=True)
    (file,) = shown(chat, claim)
    assert file["thumbnail_url"]
    kept = Attachment.unscoped.get(pk=file["id"])
    with store.open_stored(kept.storage_key) as content:
        assert b"Secret" not in content.read()


def test_the_message_comes_at_once_and_its_file_when_it_is_there(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("hang", "download", count=None, seconds=30)
    share(slack, chat, TEXT, text="Here you are")
    before = chat_of(claim)
    (file,) = shown(chat, claim)
    assert (file["state"], file["url"], file["name"]) == ("fetching", None, "offer.txt")
    slack.clear_faults()
    tries_pass(slack)
    (file,) = shown(chat, claim)
    assert file["state"] == "ready"
    assert chat_of(claim).last_rev == before.last_rev + 1
    assert chat_of(claim).last_seq == before.last_seq


def test_several_files_come_in_their_order(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    share(slack, chat, *({"name": f"{n}.txt", "content": str(n)} for n in range(4)))
    assert [file["name"] for file in shown(chat, claim)] == [f"{n}.txt" for n in range(4)]


def test_a_snippet_comes_as_text(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    share(slack, chat, {"name": "sum.py", "content": "print(1 + 1)\n", "mode": "snippet"})
    (file,) = shown(chat, claim)
    assert (file["name"], file["content_type"]) == ("sum.py.txt", "text/plain")


def test_a_file_that_lies_elsewhere_is_a_link(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    share(slack, chat, {"name": "plan", "external_url": "https://docs.example/plan"}, text="See")
    message = Message.unscoped.get(body="See\nplan")
    assert message.segments[-1] == {"type": "link", "text": "plan", "url": "https://docs.example/plan"}
    assert not message.has_files


def test_of_another_companys_file_slack_is_asked(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    share(slack, chat, {**TEXT, "must_ask": True})
    (file,) = shown(chat, claim)
    assert (file["name"], file["state"]) == ("offer.txt", "ready")
    assert slack.calls("files.info")


def test_files_in_notes_stay_notes(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    share(slack, chat, TEXT, text=";; for us")
    note = Message.unscoped.get(is_note=True)
    assert Attachment.unscoped.get().message == note
    assert Attachment.unscoped.get().state == "ready"
    assert lines_of(chat) == ["Hello?"]


def test_a_repeated_event_brings_a_file_once(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    slack.fault("duplicate", "events", count=None, copies=3, fresh_ids=True)
    share(slack, chat, TEXT, text="Here")
    assert len(shown(chat, claim)) == 1
    assert len(slack.calls("download")) == 1


# --- what cannot be shown ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file, why",
    [
        ({"name": "page.html", "content": "<!DOCTYPE html><p>"}, "read it"),
        ({"name": "logo.svg", "content": "<svg xmlns='http://www.w3.org/2000/svg'/>"}, "can be sent"),
        ({"name": "setup.exe", "content": "MZ\u0000"}, "can be sent"),
        ({"name": "fake.png", "content": "not a picture"}, "can be sent"),
        ({"name": "old.txt", "mode": "hidden_by_limit"}, "over its limit"),
        ({"name": "canvas", "mode": "canvas"}, "not canvases"),
    ],
)
def test_the_visitor_sees_that_there_was_a_file_and_the_agent_learns_why(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, file: Json, why: str
) -> None:
    share(slack, chat, file, text="Look")
    tries_pass(slack)
    (told,) = shown(chat, claim)
    assert (told["state"], told["url"]) == ("failed", None)
    assert why in whispers(slack, connection)[-1]
    assert Attachment.unscoped.get().problem


def test_a_page_to_sign_in_on_is_no_file(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("status", "download", count=None, status=200)
    share(slack, chat, TEXT)
    tries_pass(slack)
    assert shown(chat, claim)[0]["state"] == "failed"
    assert "connect Slack again" in whispers(slack, connection)[-1]


def bring_again(chat: ChatSession, url: str) -> None:
    """As if the line had named this address for its file."""
    Attachment.unscoped.update(state="fetching", storage_key="")
    row = Delivery.objects.get(kind="fetch")
    Delivery.objects.filter(pk=row.pk).update(state="pending", attempts=0, args={**row.args, "url": url})
    Lane.objects.filter(pk=row.lane_id).update(due_at=timezone.now())


def test_nothing_follows_a_redirect(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    share(slack, chat, TEXT)
    slack.act("sharing", redirect=True)
    bring_again(chat, f"{slack.url}/files-pri/T0NOWHERE-F0NOWHERE/offer.txt")
    settle(slack)
    assert shown(chat, claim)[0]["state"] == "fetching"
    assert len(slack.calls("download")) == 2
    tries_pass(slack)
    assert shown(chat, claim)[0]["state"] == "ready"


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """Somebody else's server, and the tokens that reached it."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/files-pri/T1-F1/a.txt", heard
    server.shutdown()


def test_the_token_goes_to_slacks_own_hosts_only(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, stranger: tuple[str, list[str]]
) -> None:
    url, heard = stranger
    share(slack, chat, TEXT)
    bring_again(chat, url)
    settle(slack)
    assert shown(chat, claim)[0]["state"] == "failed"
    assert not heard


def test_a_file_beyond_the_limit_is_not_taken_in(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    claim: VisitorClaim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "MOST_FROM_AGENT", 1000)
    share(slack, chat, {"name": "a.txt", "content": "x" * 2000})
    assert shown(chat, claim)[0]["state"] == "failed"
    assert "25 MB" in whispers(slack, connection)[-1]


def test_a_host_in_trouble_is_asked_again_and_holds_no_post_up(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("status", "download", count=2)
    share(slack, chat, TEXT)
    say(claim, "meanwhile")
    settle(slack)
    assert slack.lines(connection)[-1] == "meanwhile"
    tries_pass(slack, 3)
    arrival = access.arrive(chat.site.public_token, claim.visitor_token, None)
    files = [m["attachments"] for m in update(arrival, None, 0).synced()["messages"]]
    assert [file["state"] for file in files[1]] == ["ready"]
    assert Installation.objects.get().failures == 0


def test_a_host_that_stays_away_is_given_up(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("status", "download", count=None)
    share(slack, chat, TEXT)
    tries_pass(slack, fetching.TRIES + 1)
    assert shown(chat, claim)[0]["state"] == "failed"
    assert "did not give it out" in whispers(slack, connection)[-1]


def test_nobody_waits_for_ever(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    slack.fault("status", "download", count=None)
    share(slack, chat, TEXT)
    Attachment.unscoped.update(created_at=timezone.now() - fetched.NOT_WAITED_FOR_LONGER * 2)
    fetched.give_up_old_ones()
    assert shown(chat, claim)[0]["state"] == "failed"


# --- later ----------------------------------------------------------------------------------------------------------


def test_a_file_added_by_an_edit_comes_too(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    said = share(slack, chat, TEXT, text="Here")
    link = link_of(chat)
    more = [{"name": "more.txt", "content": "more"}]
    slack.act("edit", user="bob", channel=link.channel_id, ts=said["ts"], text="Here", files=more)
    settle(slack)
    assert [(file["name"], file["state"]) for file in shown(chat, claim)] == [
        ("offer.txt", "ready"),
        ("more.txt", "ready"),
    ]
    slack.act("edit", user="bob", channel=link.channel_id, ts=said["ts"], text="Here you are")
    settle(slack)
    assert len(shown(chat, claim)) == 2


def test_a_file_deleted_in_slack_goes_here(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    (file_id,) = share(slack, chat, TEXT, text="Here")["files"]
    before = chat_of(claim).last_rev
    slack.act("delete_file", file=file_id)
    settle(slack)
    (file,) = shown(chat, claim)
    assert (file["state"], file["url"]) == ("gone", None)
    assert chat_of(claim).last_rev > before
    assert Attachment.unscoped.get().storage_key == ""


def test_a_file_deleted_before_it_was_fetched_does_not_come_back(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("hang", "download", count=1, seconds=30)
    (file_id,) = share(slack, chat, TEXT, text="Here")["files"]
    slack.act("delete_file", file=file_id)
    settle(slack)
    tries_pass(slack)
    assert shown(chat, claim)[0]["state"] == "gone"


def test_with_its_message_a_file_is_gone(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    said = share(slack, chat, TEXT, text="Here")
    link = link_of(chat)
    slack.act("delete", user="bob", channel=link.channel_id, ts=said["ts"])
    settle(slack)
    assert shown(chat, claim) == []


def test_an_answer_kept_inside_takes_its_file_along(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    said = share(slack, chat, TEXT, text="Here")
    slack.act("react", user="bob", channel=link_of(chat).channel_id, ts=said["ts"], name="lock")
    at_rest(slack)
    assert shown(chat, claim) == []
    file = Attachment.unscoped.select_related("message").get()
    assert file.message is not None
    assert file.message.is_note
    assert not access.is_shown(file)
