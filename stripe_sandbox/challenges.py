"""3-D Secure: a question of the bank between a card and what it was meant for."""

from stripe_sandbox.cards import CARDS, Card
from stripe_sandbox.model import Json
from stripe_sandbox.sandbox import Sandbox


def ask(box: Sandbox, purpose: str, about: str, card: Card, **more: object) -> str:
    """`purpose` is checkout, invoice or card; `about` the id of the session, the invoice or the portal session."""
    name = box.world.new_id("challenge")
    kept: Json = {
        "id": name,
        "purpose": purpose,
        "about": about,
        "last4": card.number[-4:],
        "open": True,
        **more,
    }
    box.world.table("challenge")[name] = kept
    box.keeper.touch()
    return name


def card_of(challenge: Json) -> Card:
    return next(card for card in CARDS.values() if card.number.endswith(challenge["last4"]))
