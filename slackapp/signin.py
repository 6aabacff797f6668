"""Log in with Slack (OpenID Connect), apart from installing: own address, own state, and a nonce of this browser.

The person is (team, user) as the id token says. An e-mail address in it logs nobody in and links nobody.
"""

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from accounts.errors import Refused
from accounts.models import User
from slackapp import client, id_tokens, oauth, states
from slackapp.actions import arrivals
from slackapp.actions.arrivals import Person
from slackapp.errors import Answered, SlackError
from slackapp.models import SlackIdentity

REASONS = {"openid": "know who logs in", "profile": "know what you are called"}
SCOPE = " ".join(REASONS)
CLAIM = "https://slack.com/"


def redirect_uri() -> str:
    return f"{settings.PUBLIC_URL}/slack/login/callback"


def begin(
    purpose: str, browser_secret: str, *, user: User | None = None, leads_to: str = "", team_id: str = ""
) -> str:
    """Slack's address to send the browser to. `purpose`: states.LOGIN, or states.LINK, CONFIRM and PROVE for `user`.

    `team_id`: the workspace in which Slack is to ask who it is; it asks which one without.
    """
    oauth.check_configured()
    state = states.issue(purpose, browser_secret, user=user, leads_to=leads_to)
    query = {
        "response_type": "code",
        "client_id": settings.SLACK_CLIENT_ID,
        "scope": SCOPE,
        "state": state,
        "nonce": _nonce(state, browser_secret),
        "redirect_uri": redirect_uri(),
        **({"team": team_id} if team_id else {}),
    }
    return f"{settings.SLACK_WEB_URL}/openid/connect/authorize?{urlencode(query)}"


def _nonce(state: str, browser_secret: str) -> str:
    """Follows from what only this browser brings back, so that it need not be kept."""
    return hashlib.sha256(f"nonce:{state}:{browser_secret}".encode()).hexdigest()


def who(code: str, state: str, browser_secret: str) -> Person:
    """Whom Slack vouches for. The state has been taken by then. Calls Slack: never inside a transaction."""
    try:
        answer = client.call(
            "openid.connect.token",
            "",
            code=code,
            client_id=settings.SLACK_CLIENT_ID,
            client_secret=settings.SLACK_CLIENT_SECRET,
            redirect_uri=redirect_uri(),
            grant_type="authorization_code",
        )
        claims = id_tokens.read(str(answer.get("id_token") or ""), _nonce(state, browser_secret))
    except Answered as error:
        raise Refused(error.code, oauth.why(error.code)) from error
    except SlackError as error:
        raise Refused("slack_away", "Slack did not answer. Nothing was changed.") from error
    return _person(claims)


def _person(claims: dict[str, Any]) -> Person:
    team_id, user_id, name = (claims.get(key) for key in (f"{CLAIM}team_id", f"{CLAIM}user_id", "name"))
    if not isinstance(team_id, str) or not isinstance(user_id, str):
        raise Refused("bad_token", "Slack did not say who you are. Nothing was changed.")
    return Person(team_id, user_id, name if isinstance(name, str) else "")


def user_of(person: Person) -> User:
    """The user whose identity this is; Refused("unknown_person") when it is nobody's."""
    found = SlackIdentity.objects.select_related("user").filter(
        slack_team_id=person.team_id, slack_user_id=person.user_id, user__isnull=False
    )
    identity = found.first()
    if identity is None or identity.user is None:
        raise Refused("unknown_person", "Nobody here has linked this Slack account.")
    if not identity.user.is_active:
        raise arrivals.switched_off()
    return identity.user
