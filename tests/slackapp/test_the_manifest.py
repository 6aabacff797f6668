"""The manifest a self-hoster pastes at Slack: right for this server, right by Slack's own schema."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from accounts.models import Member
from config.asgi import THIN
from livechat.actions.sites import create_site
from slack_sandbox.options import Options
from slackapp import actions, oauth
from slackapp.errors import DO_BY_CODE
from slackapp.handlers import HANDLERS
from slackapp.models import Connection

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "slack" / "manifest-schema"
SCHEMA = SAMPLES / "schemas" / "manifest.schema.2.0.0.json"
needs_the_schema = pytest.mark.skipif(
    not SCHEMA.is_file(), reason="Slack's published manifest schema does not lie beside the project"
)
# what the documents of Slack's methods and events ask for
SCOPE_OF_EVENT = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "file_deleted": "files:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_rename": "channels:read",
    "channel_id_changed": None,
    "group_unarchive": "groups:read",
    "group_rename": "groups:read",
    "team_access_granted": None,
    "team_access_revoked": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
    "user_change": "users:read",
    "user_profile_changed": "users:read",
    "emoji_changed": "emoji:read",
    "link_shared": "links:read",
}


@pytest.fixture(autouse=True)
def a_public_server(settings: Any) -> None:
    settings.PUBLIC_URL = "https://chat.acme.example"


def printed(*arguments: str) -> tuple[dict[str, Any], str]:
    out, problems = StringIO(), StringIO()
    call_command("slack_manifest", *arguments, stdout=out, stderr=problems)
    return json.loads(out.getvalue()), problems.getvalue()


def schema() -> dict[str, Any]:
    return dict(json.loads(SCHEMA.read_text()))


@needs_the_schema
def test_slacks_schema_takes_it():
    jsonschema.Draft7Validator(schema()).validate(printed()[0])


@needs_the_schema
def test_the_one_for_socket_mode_names_no_address_that_slack_would_call():
    found, problems = printed("--socket")
    jsonschema.Draft7Validator(schema()).validate(found)
    assert found["settings"]["socket_mode_enabled"] is True
    addresses = [*found["oauth_config"]["redirect_urls"], found["features"]["unfurl_domains"][0]]
    assert json.dumps(found).count("chat.acme.example") == len(addresses)
    assert problems == ""


@needs_the_schema
@pytest.mark.parametrize("spoil", ["display_information", "oauth_config", "settings"])
def test_slacks_schema_would_notice_a_mistake(spoil: str):
    wrong = printed()[0]
    wrong[spoil]["unheard_of"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema()).validate(wrong)


def test_every_address_is_this_servers():
    found, problems = printed()
    settings = found["settings"]
    assert found["oauth_config"]["redirect_urls"] == [
        "https://chat.acme.example/slack/oauth/callback",
        "https://chat.acme.example/slack/login/callback",
    ]
    assert settings["event_subscriptions"]["request_url"] == "https://chat.acme.example/slack/events"
    assert settings["interactivity"]["request_url"] == "https://chat.acme.example/slack/interactivity"
    assert problems == ""


def test_slacks_posts_go_to_doors_that_exist():
    settings = printed()[0]["settings"]
    for part in ("event_subscriptions", "interactivity"):
        assert urlsplit(settings[part]["request_url"]).path in THIN


def test_commands_and_options_have_doors_of_their_own():
    found = printed()[0]
    command = found["features"]["slash_commands"][0]
    assert (command["command"], command["should_escape"]) == ("/threadbell", True)
    doors = {
        urlsplit(command["url"]),
        urlsplit(found["settings"]["interactivity"]["message_menu_options_url"]),
    }
    assert {door.netloc for door in doors} == {"chat.acme.example"}
    assert {door.path for door in doors} == {"/slack/commands", "/slack/options"} <= set(THIN)


def test_shortcuts_begin_with_a_verb_and_the_home_tab_is_there():
    features = printed()[0]["features"]
    assert {(found["type"], found["callback_id"], found["name"]) for found in features["shortcuts"]} == {
        ("message", "chat.manage", "Manage this chat"),
        ("message", "chat.note", "Reply as note"),
        ("global", "chats.open", "Show open chats"),
    }
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": True,
    }


def test_the_stand_in_for_slack_offers_what_the_manifest_declares():
    features, sandbox = printed()[0]["features"], Options()
    assert [(found["command"], found["usage_hint"]) for found in features["slash_commands"]] == [
        (command.name, command.hint) for command in sandbox.known_commands
    ]
    assert {(found["callback_id"], found["type"], found["name"]) for found in features["shortcuts"]} == {
        (found.callback_id, found.kind, found.name) for found in sandbox.known_shortcuts
    }


@pytest.mark.parametrize(
    ("console", "domains"),
    [
        ("https://chat.acme.example", ["chat.acme.example"]),
        ("https://desk.acme.example:8443", ["chat.acme.example", "desk.acme.example"]),
        ("http://localhost:8000", ["chat.acme.example"]),
    ],
)
def test_links_to_this_server_and_its_console_are_shown_to_us(
    console: str, domains: list[str], settings: Any
):
    settings.CONSOLE_URL = console
    assert printed()[0]["features"]["unfurl_domains"] == domains


def test_a_server_with_a_bare_name_registers_no_domain(settings: Any):
    settings.PUBLIC_URL = settings.CONSOLE_URL = "http://localhost:8000"
    assert "unfurl_domains" not in printed()[0]["features"]


def test_installing_asks_for_exactly_the_scopes_of_the_manifest_where_all_are_needed(
    alice: Member, settings: Any
):
    settings.SLACK_CLIENT_ID = "1.2"
    site = create_site(alice, "Shop")
    connection = actions.start_connection(alice, site, Connection.Mode.NOISY)
    connection.private_rooms = True
    asked = parse_qs(urlsplit(oauth.begin(alice.user, connection, "secret of this browser")).query)
    assert sorted(asked["scope"][0].split(",")) == printed()[0]["oauth_config"]["scopes"]["bot"]
    urls = printed()[0]["oauth_config"]["redirect_urls"]
    assert asked["redirect_uri"] == urls[:1]
    assert urls[1].endswith("/slack/login/callback")


def test_every_event_is_one_we_understand_and_may_hear():
    found = printed()[0]
    for event in found["settings"]["event_subscriptions"]["bot_events"]:
        assert event.partition(".")[0] in HANDLERS
        needed = SCOPE_OF_EVENT[event]
        assert needed is None or needed in found["oauth_config"]["scopes"]["bot"]


def test_what_we_do_not_speak_is_off():
    found = printed()[0]
    for name in ("socket_mode_enabled", "token_rotation_enabled", "org_deploy_enabled"):
        assert found["settings"][name] is False


def test_of_a_person_nothing_is_asked_but_who_they_are():
    assert printed()[0]["oauth_config"]["scopes"]["user"] == ["openid", "profile"]


def test_the_app_has_the_name_one_gives_it():
    found, _ = printed("--name", "Acme's chat")
    assert found["display_information"]["name"] == "Acme's chat"
    assert found["features"]["bot_user"]["display_name"] == "Acme's chat"


@pytest.mark.parametrize("name", ["", "   ", "a name that is by far too long for Slack"])
def test_a_name_slack_would_refuse_is_refused_before(name: str):
    with pytest.raises(CommandError, match="1 to 35 characters"):
        printed("--name", name)


def test_an_address_slack_cannot_reach_is_told(settings: Any):
    settings.PUBLIC_URL = "http://localhost:8000"
    found, problems = printed()
    assert found["oauth_config"]["redirect_urls"] == [
        "http://localhost:8000/slack/oauth/callback",
        "http://localhost:8000/slack/login/callback",
    ]
    assert "https://" in problems


def test_the_documents_give_the_reason_for_every_scope():
    page = (ROOT / "docs" / "slack.md").read_text()
    for scope, reason in oauth.ALL_SCOPES.items():
        assert f"| `{scope}` | {reason} |" in page


def test_the_documents_name_every_error_and_event_we_know():
    page = (ROOT / "docs" / "slack.md").read_text()
    for name in [*DO_BY_CODE, *oauth.BOT_EVENTS]:
        assert f"`{name}`" in page
