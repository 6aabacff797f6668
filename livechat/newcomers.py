"""Whose row a claim may use, and how that row begins."""

from typing import Any

from django.utils import timezone

from accounts.errors import NotFound, Refused
from livechat.models import Visitor
from livechat.person import Person
from livechat.tokens import VisitorClaim

# an old tab of somebody who has logged in meanwhile; it comes back with their new token, and sends again
MOVED = Refused("unavailable", "The chat is being opened anew. What you wrote is kept.", 1000)


def columns_of(claim: VisitorClaim) -> dict[str, Any]:
    columns: dict[str, Any] = {"site_id": claim.site_id, "token_hash": claim.token_hash}
    return columns | (said_by(claim.person) if claim.person is not None else {})


def said_by(person: Person) -> dict[str, Any]:
    """Of the website's word what a row keeps."""
    told = {"name": person.name, "email": person.email}
    return {
        "external_id": person.subject,
        "verified_at": timezone.now(),
        "attributes": [{"label": label, "value": value} for label, value in person.attributes],
        **{name: value for name, value in told.items() if value},
    }


def check(claim: VisitorClaim, visitor: Visitor) -> None:
    """Refused for whoever holds another token than this visitor's."""
    if visitor.token_hash != claim.token_hash or visitor.site_id != claim.site_id:
        raise NotFound
    if visitor.joined_to_id is not None:
        raise MOVED
