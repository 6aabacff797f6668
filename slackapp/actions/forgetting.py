"""What is held of a Slack team goes: thirty days after it left. Old events go much sooner. Visitors' chats stay.

Each step is short, harmless to repeat, and leaves a smaller rest for the next; whoever dies in between loses nothing.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actions import forget_outside_faces
from livechat.actions import pictures
from livechat.actions.messages import lock_chat
from slackapp import lanes, parting
from slackapp.actions.waking import CHORES, HOMES
from slackapp.models import (
    ChatLink,
    Connection,
    Delivery,
    EmojiList,
    InboundEvent,
    Installation,
    Lane,
    MessageLink,
    Roster,
    SlackIdentity,
)

AT_ONCE = 500
CHATS_AT_ONCE = 50
# an event that was worked is kept for as long as Slack may repeat it, and for those who look for a mistake
EVENTS_KEPT_FOR = timedelta(days=3)
FAILED_EVENTS_KEPT_FOR = timedelta(days=30)


# what a connection holds of the team that it was with: names, people, and sentences that may contain either
_OF_SLACK: dict[str, Any] = {
    **dict.fromkeys(("channel_id", "channel_name", "channel_sought", "slack_team_id"), ""),
    "responders": [],
    "problem": "",
    "rooms_problem": "",
    "last_event_at": None,
    "last_post_at": None,
}


def forget_some(seen: Installation) -> None:
    """One step. The last one takes the installation itself; nothing happens if somebody connected meanwhile."""
    for step in STEPS:
        with transaction.atomic():
            installation = Installation.objects.select_for_update().filter(pk=seen.pk).first()
            if (
                installation is None
                or installation.delete_at is None
                or installation.delete_at > timezone.now()
            ):
                return
            teams = _teams_of(installation)
        if step(installation, teams):
            return


def _teams_of(installation: Installation) -> list[str]:
    """Its own, or those of an organisation's that our connections named; without those that another still needs."""
    named = installation.connections.exclude(slack_team_id="").values_list("slack_team_id", flat=True)
    teams = {installation.slack_team_id, *named} - {""}
    others = Installation.objects.exclude(pk=installation.pk).exclude(state=Installation.State.REVOKED)
    needed = set(others.values_list("slack_team_id", flat=True))
    needed |= set(others.values_list("connections__slack_team_id", flat=True))
    return sorted(teams - needed)


def _end_connections(installation: Installation, teams: list[str]) -> bool:
    used = Connection.unscoped.filter(installation=installation).exclude(state=Connection.State.DISCONNECTED)
    changes = {"state": Connection.State.DISCONNECTED, "heal_at": None, "ended_at": timezone.now()}
    return bool(used.update(**changes))


def _forget_links(installation: Installation, teams: list[str]) -> bool:
    """What was still promised is told for what it is first."""
    links = ChatLink.objects.filter(installation=installation).order_by("pk")
    found = list(links.values_list("pk", flat=True)[:CHATS_AT_ONCE])
    for chat_id in found:
        _forget_link(chat_id, installation)
    return bool(found)


def _forget_link(chat_id: Any, installation: Installation) -> None:
    with transaction.atomic():
        chat = lock_chat(chat_id)
        link = ChatLink.objects.filter(pk=chat_id, installation=installation).first()
        if link is None:
            return
        keys = [
            f"out:{chat_id}",
            lanes.side_key(chat_id),
            lanes.late_key(chat_id),
            lanes.receipts_key(chat_id),
            lanes.card_key(chat_id),
        ]
        which = Q(key__in=keys) | Q(key__startswith=lanes.files_key(chat_id))
        own_lanes = list(Lane.objects.select_for_update().filter(which).order_by("pk"))
        for lane in own_lanes:
            parting.settle_parted(chat, lane.pk)
        Delivery.objects.filter(link=link).delete()
        link.delete()
        Lane.objects.filter(pk__in=[lane.pk for lane in own_lanes]).delete()


def _forget_copies(installation: Installation, teams: list[str]) -> bool:
    return _delete_some(MessageLink.objects.filter(installation=installation))


def _forget_events(installation: Installation, teams: list[str]) -> bool:
    of_team = Q(payload__team_id__in=teams)
    if installation.enterprise_id and not installation.slack_team_id:
        of_team |= Q(payload__enterprise_id=installation.enterprise_id)
    return _delete_some(InboundEvent.objects.filter(of_team, payload__api_app_id=installation.app_id))


def _forget_lanes(installation: Installation, teams: list[str]) -> bool:
    of_team = Q(pk__in=[])
    for team in teams:
        of_team |= Q(key__startswith=f"in:{team}:")
    return _delete_some(Lane.objects.filter(of_team, lanes.FREE))


def _forget_pictures(installation: Installation, teams: list[str]) -> bool:
    """Faces and the company's own emoji, which stay as `:name:` in what was said."""
    people = SlackIdentity.objects.filter(slack_team_id__in=teams)
    faces = list(people.exclude(picture="").values_list("picture", flat=True))
    emoji = EmojiList.objects.filter(pk=installation.pk).first()
    keys = [*faces, *(pictures.key_of(url) for url in (emoji.names.values() if emoji is not None else ()))]
    rosters = Roster.objects.filter(connection__installation=installation).delete()[0]
    gone = [pictures.forget(keys[start : start + AT_ONCE]) for start in range(0, len(keys), AT_ONCE)]
    return bool(rosters) or any(gone)


def _forget_people(installation: Installation, teams: list[str]) -> bool:
    """Who logs in with a Slack account keeps it, without what only Slack knew of them."""
    of_team = SlackIdentity.objects.filter(slack_team_id__in=teams)
    of_team.exclude(user=None).update(
        title="", avatar_url="", picture="", presence="", presence_at=None, fetched_at=None
    )
    for team in teams:
        forget_outside_faces(f"slack:{team}:")
    return _delete_some(of_team.filter(user=None))


def _forget_itself(installation: Installation, teams: list[str]) -> bool:
    with transaction.atomic():
        row = (
            Installation.objects.select_for_update()
            .filter(pk=installation.pk, delete_at__isnull=False)
            .first()
        )
        if row is not None:
            Connection.unscoped.filter(installation=row).update(installation=None, **_OF_SLACK)
            Lane.objects.filter(key__in=[f"{CHORES}{row.pk}", f"{HOMES}{row.pk}"]).delete()
            row.delete()
    return True


Step = Callable[[Installation, list[str]], bool]
# each True if it did something, so that the next look finds what is left
STEPS: tuple[Step, ...] = (
    _end_connections,
    _forget_links,
    _forget_copies,
    _forget_events,
    _forget_lanes,
    _forget_pictures,
    _forget_people,
    _forget_itself,
)


def _delete_some(rows: models.QuerySet[Any]) -> bool:
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return bool(found) and bool(rows.model._base_manager.filter(pk__in=found).delete()[0])


def purge_events() -> bool:
    """Old events of everybody, some at a time; True if there may be more."""
    now = timezone.now()
    worked = Q(state=InboundEvent.State.DONE, received_at__lt=now - EVENTS_KEPT_FOR)
    failed = Q(state=InboundEvent.State.DEAD, received_at__lt=now - FAILED_EVENTS_KEPT_FOR)
    return _delete_some(InboundEvent.objects.filter(worked | failed))
