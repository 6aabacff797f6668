"""What a chat's present place in Slack means for promises that were made to the place before.

A place may change while a call is under way: a channel of its own is lost, a site is connected anew.
"""

from config.prepared import Prepared
from slackapp import reminders
from slackapp.kinds import OF_ROOMS, TRAITS
from slackapp.models import ChatLink, Delivery, Lane

OPEN = (
    Delivery.objects.filter(state__in=(Delivery.State.PENDING, Delivery.State.SENDING), joined_into=None)
    .select_related("message__agent")
    .order_by("pk")
)
# of the website and of the key, what a line on its way to Slack does not ask for
_UNREAD = [
    *(f"chat__site__{name}" for name in "form away look texts allowed_origins colour title greeting".split()),
    *(f"installation__{name}" for name in "refresh_token scopes team_url installed_by_slack_user_id".split()),
]
# apart from the deliveries: PostgreSQL takes 15 ms to plan a join of nine tables, and 1 ms for the two
_PLACE = Prepared(
    lambda link_id: (
        ChatLink.objects.select_related("installation", "connection", "chat__site", "chat__visitor")
        .filter(pk=link_id)
        .defer(*_UNREAD)
    )
)


def with_place(found: list[Delivery]) -> list[Delivery]:
    """The deliveries of one chat, with what is known of its place in Slack."""
    if found and (link := _PLACE.first(link_id=found[0].link_id)) is not None:
        for delivery in found:
            delivery.link = link
    return found


def behind_its_place(lane: Lane, found: list[Delivery]) -> list[Delivery]:
    """A line older than the chat's present place, which is still to be made, lets its channel and card go first."""
    head = found[0]
    if head.link.root_ts is not None or not TRAITS[head.kind].needs_thread:
        return found
    place = OPEN.filter(lane=lane, kind__in=(Delivery.Kind.ROOM, Delivery.Kind.CARD)).first()
    return found if place is None else with_place([place])


def is_void(head: Delivery, link: ChatLink) -> bool:
    """Promised to a channel of the chat's own that it has no more, or to end one that is used again. Or a reminder that
    nobody needs any more.

    What waits is deleted when that happens; what was in flight then must not be done to another place.
    """
    if head.kind in OF_ROOMS and not link.is_noisy:
        return True
    if head.kind in reminders.KINDS and reminders.is_over(head):
        return True
    ends = head.kind == Delivery.Kind.ARCHIVE or bool(head.args.get("ending"))
    return ends and link.chat.is_open
