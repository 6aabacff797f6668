"""The link by which somebody in Slack shows that an account here is theirs: signed, good for an hour, for one person.

It proves nothing by itself, as it can be passed on: Slack has to confirm who follows it (signin.py).
"""

import uuid
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.errors import Refused
from slackapp.actions.arrivals import Person
from slackapp.actions.previews import LIFE
from slackapp.models import Installation

SALT = "slackapp.previews.link"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, as the app of this installation knows them."""

    installation_id: uuid.UUID
    team_id: str
    user_id: str


def token_for(asked: Asked) -> str:
    return signing.dumps([asked.installation_id.hex, asked.team_id, asked.user_id], salt=SALT)


def url_for(asked: Asked) -> str:
    return f"{settings.CONSOLE_URL}{path_for(token_for(asked))}"


def path_for(token: str) -> str:
    return f"{reverse('slack_link')}?{urlencode({'t': token})}"


def read(token: str) -> Asked:
    """Refused when it is too old, or not ours."""
    try:
        installation, team_id, user_id = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.SignatureExpired:
        raise Refused(
            "old_link", "This link from Slack is older than an hour. Nothing was changed."
        ) from None
    except (signing.BadSignature, ValueError, TypeError):
        raise Refused(
            "bad_link", "This link is not complete, or not from here. Nothing was changed."
        ) from None
    return Asked(uuid.UUID(installation), team_id, user_id)


def check(path: str, found: Person) -> None:
    """Refused unless Slack vouches for the one who was asked. `path`: the page's, as `path_for` gave it."""
    asked = read(parse_qs(urlsplit(path).query).get("t", [""])[0])
    if (found.team_id, found.user_id) != (asked.team_id, asked.user_id):
        raise Refused(
            "another_person",
            f"Slack says that you are {found.name or 'somebody else'}. This link was for another person, and nothing "
            "was changed.",
        )


def installation_of(asked: Asked) -> Installation:
    """Refused when the app has left that Slack meanwhile."""
    found = Installation.objects.filter(pk=asked.installation_id, state=Installation.State.ACTIVE).first()
    if found is None:
        raise Refused("app_left", "The app is no longer in that Slack workspace. Nothing was changed.")
    return found
