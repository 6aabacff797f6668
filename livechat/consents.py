"""Consent before anything is stored (W6): a wish to answer questions may be ignored, this may not."""

from accounts.errors import Refused
from livechat import questions
from livechat.models import Site, Visitor

FIRST = Refused(
    "refused",
    "Please agree to how your data is used first. What you wrote is kept until then, and sent after it.",
)


def lacks(site: Site, visitor: Visitor | None) -> bool:
    return bool(questions.of(site).consent) and (visitor is None or visitor.consented_at is None)


def check(site: Site, visitor: Visitor | None) -> None:
    """Refused while the site asks for a consent that this visitor has not given."""
    if lacks(site, visitor):
        raise FIRST
