"""From a `hello` to whoever says it, with what an identity token of the website changes."""

from accounts.errors import Refused
from accounts.limits import hit
from config.database import db, write
from livechat import access, identities
from livechat.actions import identifying


async def arrive(
    site: str, visitor_token: str | None, identity: str | None, *, origin: str | None, address: str
) -> access.Arrival:
    """A token of the website's that is not believed costs its address something, whatever comes of it."""
    try:
        arrival = await db(access.arrive, site, visitor_token, origin, identity)
    except identities.Rejected:
        if identity is not None:
            _count_rejection(address)
        raise
    if arrival.rejection is not None:
        _count_rejection(address)
    if not identifying.is_settled(arrival):
        arrival = await write(identifying.settle, arrival)
    return arrival


def _count_rejection(address: str) -> None:
    if retry_ms := hit("rejections_per_address", address):
        raise Refused("rate_limited", "Too many identity tokens are not accepted. Please wait.", retry_ms)
