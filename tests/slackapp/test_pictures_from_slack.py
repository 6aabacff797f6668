"""S10, S13, D7: faces and a company's own emoji are shown from here, fetched from Slack's hosts alone."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.actions import disguise_agent
from accounts.models import Member
from livechat.files.pictures import small
from livechat.models import ChatSession, Message, Picture
from livechat.transcripts import message_state
from slackapp import client, pictures
from slackapp.errors import SlackError
from slackapp.models import EmojiList
from tests.cast import lines_of
from tests.slackapp.peer import Slack, settle
from tests.slackapp.test_answering_from_slack import answer, last

pytestmark = pytest.mark.django_db(transaction=True)


def shown(chat: ChatSession) -> dict[str, Any]:
    message = Message.unscoped.select_related("agent").get(pk=last(chat).pk)
    return message_state(message, chat.site)


def test_a_face_is_shown_from_our_own_address(slack: Slack, chat: ChatSession, settings: Any) -> None:
    answer(slack, chat, "Hi")
    url = shown(chat)["author"]["avatar_url"]
    assert url.startswith(f"{settings.FILES_URL}/pictures/")
    response = Client().get(url.removeprefix(settings.FILES_URL))
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert "immutable" in response["Cache-Control"]
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    assert Image.open(io.BytesIO(response.content)).size == (192, 192)


def test_a_hidden_photo_is_not_told(slack: Slack, chat: ChatSession, alice: Member) -> None:
    answer(slack, chat, "Hi")
    agent = last(chat).agent
    assert agent is not None
    disguise_agent(agent, alias="Robin", title="Service", hide_photo=True, actor=alice.user)
    face = shown(chat)["author"]
    assert (face["name"], face["title"], face["avatar_url"]) == ("Robin", "Service", None)


def test_one_picture_is_fetched_once(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "Hi")
    url = f"{slack.url}/avatars/x-0f766e-192.png"
    key = pictures.copy_of(url, pictures.FACE)
    slack.process.poll()
    assert pictures.kept(url) == key == pictures.copy_of(url, pictures.FACE)
    assert Picture.objects.filter(pk=key).count() == 1


def test_a_picture_that_is_not_there_leaves_a_name(slack: Slack) -> None:
    assert pictures.copy_of(f"{slack.url}/avatars/nobody.png", pictures.FACE) == ""
    assert pictures.copy_of(f"{slack.url}/healthz", pictures.FACE) == ""


@pytest.mark.parametrize("path", ["/pictures/nothing.webp", f"/pictures/{'0' * 64}.webp"])
def test_a_picture_we_do_not_have_is_nowhere(db: None, path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://avatars.slack-edge.com/a.png",
        "https://avatars.slack-edge.com.evil.example/a.png",
        "https://evil.example/avatars.slack-edge.com",
        "https://user@avatars.slack-edge.com/a.png",
        "https://avatars.slack-edge.com:8443/a.png",
        "https://169.254.169.254/latest/meta-data",
        "http://localhost:1/a.png",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
def test_other_hosts_are_never_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not(asked: str) -> bytes:
        raise AssertionError(asked)

    monkeypatch.setattr(client, "picture", must_not)
    assert pictures.copy_of(url, pictures.FACE) == ""


def test_slacks_own_hosts_may_be_asked() -> None:
    assert pictures.is_slacks("https://avatars.slack-edge.com/2024/a_192.png")
    assert pictures.is_slacks("https://emoji.slack-edge.com/T1/logo/1.gif")


def png(size: tuple[int, int], **more: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, "PNG", **more)
    return written.getvalue()


def test_a_picture_is_written_anew_and_small() -> None:
    found = Image.open(io.BytesIO(small(png((1000, 500)), 192)))
    assert (found.format, found.size) == ("WEBP", (192, 96))
    assert not found.getexif()


def huge() -> bytes:
    return png((6000, 6000))


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"GIF89a", huge, b"%PDF-1.7 x"])
def test_what_is_no_small_picture_is_refused(
    content: bytes | Callable[[], bytes], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sent = content() if callable(content) else content
    settings.SLACK_WEB_URL = "https://slack.example"
    monkeypatch.setattr(client, "picture", lambda url: sent)
    assert pictures.copy_of("https://slack.example/a", pictures.FACE) == ""
    assert not Picture.objects.exists()


def test_a_picture_is_never_fetched_inside_a_transaction(db: None) -> None:
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        client.picture("https://avatars.slack-edge.com/a.png")


# --- a company's own emoji ----------------------------------------------------------------------------------------


def emoji_of(chat: ChatSession) -> list[dict[str, Any]]:
    return [segment for segment in shown(chat)["segments"] if segment["type"] == "emoji"]


def test_an_own_emoji_is_a_picture_of_ours(slack: Slack, chat: ChatSession, settings: Any) -> None:
    slack.act("emoji", team="Acme", name="our_logo")
    slack.act("emoji", team="Acme", name="logo", alias="our_logo")
    answer(slack, chat, "look :our_logo: and :logo:")
    found = emoji_of(chat)
    assert [one["text"] for one in found] == [":our_logo:", ":logo:"]
    assert found[0]["url"] == found[1]["url"]
    assert found[0]["url"].startswith(f"{settings.FILES_URL}/pictures/")
    assert "picture" not in found[0]
    assert Client().get(found[0]["url"].removeprefix(settings.FILES_URL)).status_code == 200
    assert lines_of(chat)[-1] == "look :our_logo: and :logo:"


def test_the_list_is_asked_for_once_until_something_changes(slack: Slack, chat: ChatSession) -> None:
    slack.act("emoji", team="Acme", name="our_logo")
    for _ in range(3):
        answer(slack, chat, ":our_logo:")
    assert len(slack.calls("emoji.list")) == 1
    slack.act("emoji", team="Acme", name="new_one")
    settle(slack)
    answer(slack, chat, ":new_one:")
    assert len(slack.calls("emoji.list")) == 2
    assert "url" in emoji_of(chat)[0]


def test_an_emoji_that_goes_keeps_its_name(slack: Slack, chat: ChatSession) -> None:
    slack.act("emoji", team="Acme", name="our_logo")
    answer(slack, chat, ":our_logo:")
    slack.act("emoji", team="Acme", name="our_logo", remove=True)
    settle(slack)
    assert EmojiList.objects.get().fetched_at is None


def test_while_slack_lists_nothing_the_name_stands(slack: Slack, chat: ChatSession) -> None:
    slack.act("emoji", team="Acme", name="our_logo")
    slack.fault("status", method="emoji.list", count=None)
    answer(slack, chat, "look :our_logo:")
    assert lines_of(chat) == ["Hello?", "look :our_logo:"]
    assert emoji_of(chat) == [{"type": "emoji", "text": ":our_logo:"}]


def test_an_installation_without_the_scope_is_not_asked(slack: Slack, chat: ChatSession) -> None:
    from slackapp.models import Installation

    slack.act("emoji", team="Acme", name="our_logo")
    Installation.objects.update(scopes=["chat:write"])
    answer(slack, chat, ":our_logo:")
    assert lines_of(chat) == ["Hello?", ":our_logo:"]
    assert not slack.calls("emoji.list")


def test_aliases_in_a_circle_lead_nowhere(slack: Slack, chat: ChatSession) -> None:
    slack.act("emoji", team="Acme", name="ring_a", alias="ring_b")
    slack.act("emoji", team="Acme", name="ring_b", alias="ring_a")
    answer(slack, chat, ":ring_a:")
    assert emoji_of(chat) == [{"type": "emoji", "text": ":ring_a:"}]


def test_a_picture_that_fails_raises_what_slack_errors_are(slack: Slack) -> None:
    with pytest.raises(SlackError):
        client.picture("http://127.0.0.1:9/a.png")
