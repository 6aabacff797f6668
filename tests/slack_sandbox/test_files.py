"""S12: uploads in three steps, the share that comes later, the host that answers with a page, people's files."""

import base64
from collections.abc import Iterator

import httpx
import pytest

from tests.slack_sandbox.conftest import SCOPES, App, Bot, Json, Slack, wait_until

WITH_FILES = f"{SCOPES},files:read,files:write"
CONTENT = b"red boots, size 42"


@pytest.fixture
def bot(slack: Slack) -> Bot:
    return slack.install(scope=WITH_FILES)


@pytest.fixture
def channel(bot: Bot) -> str:
    return bot.create()


def announce(bot: Bot, name: str = "boots.txt", length: int = len(CONTENT)) -> Json:
    return bot.ask("files.getUploadURLExternal", filename=name, length=str(length))


def uploaded(bot: Bot, name: str = "boots.txt") -> str:
    told = announce(bot, name)
    assert bot.slack.http.post(told["upload_url"], content=CONTENT).status_code == 200
    return str(told["file_id"])


def complete(bot: Bot, *ids: str, **more: object) -> Json:
    return bot.call("files.completeUploadExternal", files=[{"id": one} for one in ids], **more)


def carried(app: App) -> Iterator[Json]:
    return (event for event in app.events() if event.get("files") and event.get("subtype") == "file_share")


def test_an_upload_is_shared_later_and_its_ts_is_told_by_the_event_alone(
    bot: Bot, channel: str, app: App
) -> None:
    root, file = bot.post(channel)["ts"], uploaded(bot)
    answer = complete(bot, file, channel_id=channel, thread_ts=root)
    assert answer == {"ok": True, "files": [{"id": file, "title": "boots.txt"}]}
    assert bot.ask("files.info", file=file)["file"]["shares"] == {}
    wait_until(lambda: list(carried(app)))
    event = next(carried(app))
    assert (event["user"], event["thread_ts"]) == (bot.grant["bot_user_id"], root)
    assert [one["id"] for one in event["files"]] == [file]
    shared = bot.ask("files.info", file=file)["file"]["shares"]["public"][channel]
    assert [one["ts"] for one in shared] == [event["ts"]]


def test_several_files_of_one_call_are_one_message(bot: Bot, channel: str, app: App) -> None:
    files = [uploaded(bot, "a.txt"), uploaded(bot, "b.txt")]
    complete(bot, *files, channel_id=channel, username="Ana (visitor)")
    wait_until(lambda: list(carried(app)))
    (event,) = carried(app)
    assert [one["id"] for one in event["files"]] == files
    assert event["username"] == "Ana (visitor)"
    wait_until(lambda: len(app.events("file_shared")) == 2)


def test_a_form_may_carry_the_bytes_as_well(bot: Bot) -> None:
    told = announce(bot)
    answer = bot.slack.http.post(told["upload_url"], files={"file": ("boots.txt", CONTENT)})
    assert answer.status_code == 200
    assert complete(bot, told["file_id"])["ok"]


def test_what_slack_decides_may_be_that_it_never_happens(bot: Bot, channel: str, slack: Slack) -> None:
    slack.control("sharing", happens=False)
    file = uploaded(bot)
    assert complete(bot, file, channel_id=channel)["ok"]
    assert bot.ask("files.info", file=file)["file"]["shares"] == {}


def test_refusals_of_the_first_step(slack: Slack, bot: Bot) -> None:
    assert announce(bot, length=0)["error"] == "missing_argument"
    assert bot.ask("files.getUploadURLExternal", filename="a.txt")["error"] == "missing_argument"
    slack.control("faults", method="files.getUploadURLExternal", kind="error", error="file_uploads_disabled")
    assert announce(bot)["error"] == "file_uploads_disabled"


def test_files_need_their_scopes(slack: Slack) -> None:
    bot = slack.install(scope=SCOPES)
    assert announce(bot)["error"] == "missing_scope"
    assert bot.ask("files.info", file="F1")["needed"] == "files:read"


def test_refusals_of_the_last_step(bot: Bot, channel: str) -> None:
    assert complete(bot, "F0NOWHERE", channel_id=channel)["error"] == "file_not_found"
    announced = announce(bot)["file_id"]
    assert complete(bot, announced, channel_id=channel)["error"] == "file_not_found"
    file = uploaded(bot)
    assert complete(bot, file, channel_id="C0NOWHERE")["error"] == "channel_not_found"
    assert complete(bot, file, channel_id=channel, thread_ts="1.000000")["error"] == "thread_not_found"
    assert complete(bot, channel_id=channel)["error"] == "invalid_arguments"
    assert complete(bot, file, channel_id=channel)["ok"]
    assert complete(bot, file, channel_id=channel)["error"] == "file_not_found"


def test_the_upload_host_wants_every_byte_once(bot: Bot) -> None:
    told, http = announce(bot), bot.slack.http
    assert http.post(told["upload_url"], content=b"too few").status_code == 400
    assert http.post(told["upload_url"], content=CONTENT).status_code == 200
    assert http.post(told["upload_url"], content=CONTENT).status_code == 404
    assert http.post(f"{bot.slack.url}/upload/v1/nothing", content=CONTENT).status_code == 404


# --- people's files -----------------------------------------------------------------------------------------------


def share(slack: Slack, channel: str, *files: Json | str, **more: object) -> Json:
    return slack.control("say", user="bob", channel=channel, files=list(files), **more)


def fetch(bot: Bot, url: str, token: str | None = None) -> httpx.Response:
    token = bot.token if token is None else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = url.partition("/files-pri/")[2]
    return bot.slack.http.get(f"{bot.slack.url}/files-pri/{path}", headers=headers)


def test_what_people_share_arrives_with_its_message(bot: Bot, channel: str, slack: Slack, app: App) -> None:
    share(slack, channel, {"name": "offer.pdf", "content": "%PDF-1.7"}, text="Here you are")
    wait_until(lambda: list(carried(app)))
    (event,) = carried(app)
    (file,) = event["files"]
    assert (event["text"], file["name"], file["mode"]) == ("Here you are", "offer.pdf", "hosted")
    assert (file["mimetype"], file["size"], file["is_external"]) == ("application/pdf", 8, False)
    assert fetch(bot, file["url_private_download"]).content == b"%PDF-1.7"
    assert fetch(bot, file["url_private"]).content == b"%PDF-1.7"


def test_a_file_needs_no_words_and_now_and_then_no_subtype(
    bot: Bot, channel: str, slack: Slack, app: App
) -> None:
    share(slack, channel, {"name": "a.bin", "base64": base64.b64encode(b"\0\1").decode()}, plain=True)
    wait_until(lambda: [event for event in app.events() if "files" in event])
    (event,) = [event for event in app.events() if "files" in event]
    assert "subtype" not in event
    assert event["text"] == ""


@pytest.mark.parametrize("token", ["", "xoxb-nonsense"])
def test_without_rights_the_host_answers_200_and_a_page(
    bot: Bot, channel: str, slack: Slack, app: App, token: str
) -> None:
    share(slack, channel, {"name": "a.txt", "content": "secret"})
    wait_until(lambda: list(carried(app)))
    url = next(carried(app))["files"][0]["url_private"]
    answer = fetch(bot, url, token)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    slack.control("sharing", redirect=True)
    assert fetch(bot, url, token).status_code == 302


def test_another_teams_bot_has_no_rights(bot: Bot, channel: str, slack: Slack, app: App) -> None:
    stranger = slack.install("mallory", scope=WITH_FILES)
    share(slack, channel, {"name": "a.txt", "content": "secret"})
    wait_until(lambda: list(carried(app)))
    file = next(carried(app))["files"][0]
    assert fetch(stranger, file["url_private"]).headers["content-type"].startswith("text/html")
    assert stranger.ask("files.info", file=file["id"])["error"] == "file_not_found"


def test_files_in_other_places_and_of_other_kinds(bot: Bot, channel: str, slack: Slack, app: App) -> None:
    share(
        slack,
        channel,
        {"name": "plan", "external_url": "https://docs.example/plan"},
        {"name": "old.txt", "mode": "hidden_by_limit"},
        {"name": "theirs.txt", "content": "hello", "must_ask": True},
    )
    wait_until(lambda: list(carried(app)))
    external, hidden, theirs = next(carried(app))["files"]
    assert (external["is_external"], external["url_private"]) == (True, "https://docs.example/plan")
    assert "name" not in hidden
    assert theirs["file_access"] == "check_file_info"
    assert bot.ask("files.info", file=theirs["id"])["file"]["name"] == "theirs.txt"


def test_a_deleted_file_leaves_a_tombstone_and_is_told_twice(
    bot: Bot, channel: str, slack: Slack, app: App
) -> None:
    (file,) = share(slack, channel, {"name": "a.txt", "content": "x"}, text="See")["files"]
    slack.control("delete_file", file=file)
    wait_until(lambda: app.events("file_deleted"))
    assert app.events("file_deleted")[0]["file_id"] == file
    wait_until(lambda: [event for event in app.events() if event.get("subtype") == "message_changed"])
    changed = [event for event in app.events() if event.get("subtype") == "message_changed"]
    assert changed[-1]["message"]["files"] == [{"id": file, "mode": "tombstone"}]
    assert bot.ask("files.info", file=file)["error"] == "file_deleted"
    assert bot.ask("files.delete", file=file)["error"] == "file_deleted"


def test_an_app_deletes_its_own_files_only(bot: Bot, channel: str, slack: Slack) -> None:
    (theirs,) = share(slack, channel, {"name": "a.txt", "content": "x"})["files"]
    assert bot.call("files.delete", file=theirs)["error"] == "cant_delete_file"
    assert bot.call("files.delete", file=uploaded(bot))["ok"]


def test_a_file_may_be_added_by_an_edit(bot: Bot, channel: str, slack: Slack, app: App) -> None:
    ts = slack.control("say", user="bob", channel=channel, text="Here")["ts"]
    slack.control(
        "edit",
        user="bob",
        channel=channel,
        ts=ts,
        text="Here it is",
        files=[{"name": "a.txt", "content": "x"}],
    )
    wait_until(lambda: [event for event in app.events() if event.get("subtype") == "message_changed"])
    changed = next(event for event in app.events() if event.get("subtype") == "message_changed")
    assert [file["name"] for file in changed["message"]["files"]] == ["a.txt"]
    assert "files" not in changed["previous_message"]


def test_the_hosts_can_be_struck_by_faults(bot: Bot, channel: str, slack: Slack) -> None:
    slack.control("faults", method="upload", kind="status", status=503, count=1)
    told = announce(bot)
    assert bot.slack.http.post(told["upload_url"], content=CONTENT).status_code == 503
    assert bot.slack.http.post(told["upload_url"], content=CONTENT).status_code == 200
    struck = [one for one in slack.look("requests")["requests"] if one["method"] == "upload"]
    assert [one["fault"] for one in struck] == ["status", None]


def test_the_page_hands_over_what_a_person_has_chosen_and_no_form_of_another_site(
    slack: Slack, bot: Bot, channel: str
) -> None:
    where, asked = f"{slack.url}/_page/files", {"user": "bob", "channel": channel, "name": "a.html"}
    assert slack.http.post(where, params=asked, files={"file": b"x"}).status_code == 415
    raw = {"content-type": "application/octet-stream"}
    file = slack.http.post(where, params=asked, content=b"<p>", headers=raw).json()["file"]
    share(slack, channel, file)
    shown = slack.http.get(f"{where}/{file}")
    assert shown.content == b"<p>"
    assert shown.headers["content-disposition"].startswith("attachment")
    assert (
        slack.http.post(where, params={**asked, "user": "nobody"}, content=b"x", headers=raw).status_code
        == 400
    )
