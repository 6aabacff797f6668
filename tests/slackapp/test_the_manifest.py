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
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "app_uninstalled": None,
    "tokens_revoked": None,
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
@pytest.mark.parametrize("spoil", ["display_information", "oauth_config", "settings"])
def test_slacks_schema_would_notice_a_mistake(spoil: str):
    wrong = printed()[0]
    wrong[spoil]["unheard_of"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema()).validate(wrong)


def test_every_address_is_this_servers():
    found, problems = printed()
    settings = found["settings"]
    assert found["oauth_config"]["redirect_urls"] == ["https://chat.acme.example/slack/oauth/callback"]
    assert settings["event_subscriptions"]["request_url"] == "https://chat.acme.example/slack/events"
    assert settings["interactivity"]["request_url"] == "https://chat.acme.example/slack/interactivity"
    assert problems == ""


def test_slacks_posts_go_to_doors_that_exist():
    settings = printed()[0]["settings"]
    for part in ("event_subscriptions", "interactivity"):
        assert urlsplit(settings[part]["request_url"]).path in THIN


def test_installing_asks_for_exactly_the_scopes_of_the_manifest(alice: Member, settings: Any):
    settings.SLACK_CLIENT_ID = "1.2"
    site = create_site(alice, "Shop")
    connection = actions.start_connection(alice, site, Connection.Mode.STILL)
    asked = parse_qs(urlsplit(oauth.begin(alice.user, connection, "secret of this browser")).query)
    assert sorted(asked["scope"][0].split(",")) == printed()[0]["oauth_config"]["scopes"]["bot"]
    assert asked["redirect_uri"] == printed()[0]["oauth_config"]["redirect_urls"]


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
    assert "user" not in found["oauth_config"]["scopes"]


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
    assert found["oauth_config"]["redirect_urls"] == ["http://localhost:8000/slack/oauth/callback"]
    assert "https://" in problems


def test_the_documents_give_the_reason_for_every_scope():
    page = (ROOT / "docs" / "slack.md").read_text()
    for scope, reason in oauth.SCOPES.items():
        assert f"| `{scope}` | {reason} |" in page


def test_the_documents_name_every_error_and_event_we_know():
    page = (ROOT / "docs" / "slack.md").read_text()
    for name in [*DO_BY_CODE, *oauth.BOT_EVENTS]:
        assert f"`{name}`" in page
