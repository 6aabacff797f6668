"""OAuth v2, the install flow: a state of one use, ten minutes, bound to this browser; then code → token → auth.test."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.errors import Refused
from accounts.models import User
from slackapp import actions, client
from slackapp.errors import Answered, SlackError
from slackapp.models import Connection, Installation, OAuthState

LIFE = timedelta(minutes=10)
INSTALL = "install"

# Least scopes, each with its reason; docs/slack.md shows this table to people.
SCOPES: dict[str, str] = {
    "chat:write": "post chat cards and visitors' messages",
    "chat:write.customize": "show the visitor's name on their messages",
    "channels:read": "list public channels to choose from and learn when one is archived",
    "channels:history": "receive agents' replies in public channels the app is in",
    "channels:join": "join the public channel you choose",
    "channels:manage": "create the channel for chats if you want a new one",
    "groups:read": "list private channels the app was invited to",
    "groups:history": "receive agents' replies in private channels the app is in",
    "users:read": "show the visitor the name and photo of whoever answers",
    "metadata.message:read": "recognise our own posts, so that a message is never posted twice",
}
BOT_EVENTS = """message.channels message.groups app_uninstalled tokens_revoked member_left_channel channel_archive
    channel_deleted channel_left group_archive group_deleted group_left""".split()


def redirect_uri() -> str:
    return f"{settings.PUBLIC_URL}/slack/oauth/callback"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def begin(user: User, connection: Connection, browser_secret: str) -> str:
    """Slack's address to send the browser to. `browser_secret` lives in this browser's cookie alone."""
    if not settings.SLACK_CLIENT_ID:
        raise Refused(
            "not_configured",
            "This server has no Slack app yet. Its operator sets SLACK_CLIENT_ID and two secrets.",
        )
    state = secrets.token_urlsafe(32)
    actions.store_oauth_state(_hash(state), _hash(browser_secret), INSTALL, user, connection)
    query = {
        "client_id": settings.SLACK_CLIENT_ID,
        "scope": ",".join(SCOPES),
        "state": state,
        "redirect_uri": redirect_uri(),
    }
    return f"{settings.SLACK_WEB_URL}/oauth/v2/authorize?{urlencode(query)}"


def take_state(state: str, browser_secret: str, user: User) -> OAuthState:
    """Uses the state up, whatever is wrong with it otherwise; `Refused("bad_state")` unless everything fits."""
    with transaction.atomic():
        found = OAuthState.objects.select_related("connection__installation").select_for_update(of=("self",))
        row = found.filter(state_hash=_hash(state), used_at=None, purpose=INSTALL).first()
        if row is None:
            raise Refused(
                "bad_state",
                "This link to connect Slack was used before or is not ours. Start again from Slack.",
            )
        actions.note_oauth_state_used(row)
    fresh = timezone.now() - row.created_at <= LIFE
    if not fresh:
        raise Refused(
            "expired", "Connecting took longer than ten minutes. Nothing was changed; please start again."
        )
    if not constant_time_compare(row.browser_hash, _hash(browser_secret)) or row.user_id != user.pk:
        raise Refused(
            "bad_state", "Connecting Slack was begun in another browser or account. Please start again here."
        )
    return row


def finish(row: OAuthState, code: str) -> Connection:
    """Exchanges the code and stores what it gave. Calls Slack: never inside a transaction."""
    connection = row.connection
    if connection is None:
        raise Refused("bad_state", "The connection this was for is gone. Please start again.")
    found = _exchange(code)
    _check_same_team(connection, found)
    installation = actions.store_installation(found)
    actions.attach_installation(connection, installation)
    connection.refresh_from_db()
    return connection


def _exchange(code: str) -> dict[str, Any]:
    try:
        answer = client.call(
            "oauth.v2.access",
            "",
            code=code,
            client_id=settings.SLACK_CLIENT_ID,
            client_secret=settings.SLACK_CLIENT_SECRET,
            redirect_uri=redirect_uri(),
        )
        who = client.call("auth.test", str(answer["access_token"]))
    except Answered as error:
        raise Refused(error.code, _why(error.code)) from error
    except (SlackError, KeyError) as error:
        raise Refused(
            "slack_away", "Slack did not answer. Nothing was changed; please try again in a moment."
        ) from error
    return _columns(answer, who)


def _why(code: str) -> str:
    if code in ("invalid_code", "code_already_used"):
        return "Slack's code was used before or has expired. Nothing was changed; please start again."
    return f"Slack refused to connect ({code}). Nothing was changed; please start again."


def _columns(answer: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    team, enterprise, person = (_mapping(answer.get(name)) for name in ("team", "enterprise", "authed_user"))
    return {
        "slack_team_id": str(team.get("id") or ""),
        "enterprise_id": str(enterprise.get("id") or "") if answer.get("is_enterprise_install") else "",
        "app_id": str(answer.get("app_id") or ""),
        "team_name": str(team.get("name") or enterprise.get("name") or "")[:120],
        "team_url": str(who.get("url") or "")[:200],
        "bot_token": str(answer["access_token"]),
        "bot_user_id": str(answer.get("bot_user_id") or who.get("user_id") or ""),
        "bot_id": str(who.get("bot_id") or ""),
        "scopes": sorted(str(answer.get("scope") or "").split(",")),
        "installed_by_slack_user_id": str(person.get("id") or ""),
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_same_team(connection: Connection, found: dict[str, Any]) -> None:
    """Connecting again must not move a site's chats to another company's Slack by a wrong click."""
    known = connection.installation
    missing = sorted(set(SCOPES) - set(found["scopes"]))
    if missing:
        raise Refused(
            "missing_scope", f"Slack did not grant {', '.join(missing)}. Please allow all that is listed."
        )
    if known is not None and connection.channel_id and known.slack_team_id != found["slack_team_id"]:
        raise Refused(
            "wrong_workspace",
            f"This site is connected to {known.team_name}. "
            f"You chose {found['team_name']}: disconnect first to move it.",
        )


def installation_of(connection: Connection) -> Installation:
    if connection.installation is None:
        raise Refused("not_connected", "Connect Slack first.")
    return connection.installation
