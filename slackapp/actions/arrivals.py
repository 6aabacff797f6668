"""Who arrives through Slack, in one transaction: user, workspace, site, installation, connection and identity.

Identity is (team, user) and never an e-mail address. Somebody unknown never enters a workspace that is there: they
get a new one, even if their Slack team is connected to another already, whose owners are told.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import members_of
from accounts.actions import audit, create_workspace, know_agent_as, sign_up_by_identity
from accounts.errors import NotFound, Refused
from accounts.models import Member, User, Workspace
from accounts.names import clean_name
from accounts.permissions import may
from livechat.actions.sites import create_site
from livechat.models import Site
from slackapp import actions
from slackapp.actions import homes
from slackapp.actions.previews import deliver_pending
from slackapp.models import ChatLink, Connection, Installation, Notice, SlackIdentity

SITE_NAME = "Website"
LIVE = ~Q(state=Connection.State.DISCONNECTED)


@dataclass(frozen=True, slots=True)
class Person:
    """Who Slack says this is. `profile`: what users.info told of them, columns of SlackIdentity; may be empty."""

    team_id: str
    user_id: str
    called: str = ""
    profile: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        longest = SlackIdentity._meta.get_field("slack_user_id").max_length or 0
        if not (0 < len(self.team_id) <= longest and 0 < len(self.user_id) <= longest):
            raise Refused("bad_answer", "Slack did not say who you are. Nothing was changed.")

    @property
    def name(self) -> str:
        return clean_name(self.called)

    @property
    def external_id(self) -> str:
        return f"slack:{self.team_id}:{self.user_id}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whom to log in, and what their site uses; no connection for those who may not make one.

    `told`: a connection of another workspace whose owners are to know that somebody of their Slack team came.
    """

    member: Member
    connection: Connection | None
    told: Connection | None = None


def settle(found: dict[str, Any], person: Person, starter: User | None) -> Arrival:
    """`found`: the columns of the installation; `starter`: who was logged in when it began. May raise Refused."""
    try:
        return _settle(found, person, starter)
    except IntegrityError:
        # the same team or person arrived in another process a moment ago, and is known now
        return _settle(found, person, starter)


def _settle(found: dict[str, Any], person: Person, starter: User | None) -> Arrival:
    with transaction.atomic():
        installation = actions.store_installation(found)
        identity = _identity(person)
        user = _whose(identity, starter)
        if user is None:
            return _newcomer(installation, identity, person)
        _belongs_to(identity, user)
        return _known(installation, user)


def _identity(person: Person) -> SlackIdentity:
    """The row, locked. A name alone does not count as a profile: whether this is a guest is asked when they write."""
    key = {"slack_team_id": person.team_id, "slack_user_id": person.user_id}
    if person.profile:
        actions.store_identity(person.team_id, person.user_id, person.profile)
    else:
        SlackIdentity.objects.get_or_create(**key, defaults={"name": person.name})
    return SlackIdentity.objects.select_related("user").select_for_update(of=("self",)).get(**key)


def _whose(identity: SlackIdentity, starter: User | None) -> User | None:
    if identity.user is not None and not identity.user.is_active:
        raise switched_off()
    if identity.user is not None and starter is not None and identity.user_id != starter.pk:
        raise anothers()
    return identity.user or starter


def switched_off() -> Refused:
    return Refused("switched_off", "Your account here is switched off. Ask whoever runs this service.")


def anothers() -> Refused:
    return Refused(
        "anothers", "This Slack account belongs to another account here than yours. Nothing was changed."
    )


def _belongs_to(identity: SlackIdentity, user: User) -> None:
    """The caller holds the row."""
    if identity.user_id is None:
        SlackIdentity.objects.filter(pk=identity.pk).update(user=user)
        deliver_pending(identity.slack_team_id, identity.slack_user_id)


def _newcomer(installation: Installation, identity: SlackIdentity, person: Person) -> Arrival:
    first = connected_to(installation).order_by("created_at").select_related("workspace").first()
    called = person.name or "Somebody"
    workspace_name = f"{called}’s workspace" if first else str(installation)
    member = sign_up_by_identity(person.name, workspace_name)
    know_agent_as(member, person.external_id)
    _belongs_to(identity, member.user)
    if first is not None:
        tell(first.workspace, _somebody_came(called, installation))
    return Arrival(member, _connected(member, create_site(member, SITE_NAME), installation), first)


def _somebody_came(called: str, installation: Installation) -> str:
    return (
        f"{called} of {installation} added the app as well and has a workspace of their own now. They see nothing of "
        "yours."
    )[:300]


def connected_to(installation: Installation) -> QuerySet[Connection]:
    return Connection.unscoped.filter(LIVE, installation=installation)


def is_used(installation: Installation, channel_id: str) -> bool:
    """Whether any connection, also one that has ended, or any chat is at home in this channel."""
    here = {"installation": installation, "channel_id": channel_id}
    return Connection.unscoped.filter(**here).exists() or ChatLink.objects.filter(**here).exists()


def _connected(member: Member, site: Site, installation: Installation) -> Connection:
    connection = Connection.unscoped.create(
        workspace=member.workspace, site=site, installation=installation, mode=Connection.Mode.STILL
    )
    audit(member.workspace, member.user, "slack.connected", str(connection.pk))
    return connection


def _known(installation: Installation, user: User) -> Arrival:
    """In the workspace that uses this Slack team already; else where they may connect it; else in one of their own."""
    members = members_of(user)
    for member in members:
        if (used := _using(member.workspace, installation)) is not None:
            return Arrival(member, used)
    own = next((one for one in members if may(one, "slack.edit")), None)
    member = own or create_workspace(f"{user}’s workspace", user, agent_name=user.name)
    return Arrival(member, _free_connection(member, installation))


def _using(workspace: Workspace, installation: Installation) -> Connection | None:
    """The one that still lacks a channel before those that work."""
    used = Connection.objects.in_workspace(workspace).filter(LIVE, installation=installation)
    return used.select_related("site", "installation").order_by("channel_id", "created_at").first()


def _free_connection(member: Member, installation: Installation) -> Connection:
    """One that waits for Slack, else a new one for a site without any, else for a new site."""
    live = Connection.objects.in_workspace(member.workspace).filter(LIVE, is_default=True)
    waiting = live.filter(installation=None).select_related("site").first()
    if waiting is not None:
        return waiting
    in_use = Site.objects.in_workspace(member.workspace).filter(removed_at=None)
    sites = in_use.exclude(pk__in=live.values("site_id"))
    site = sites.order_by("created_at").first() or create_site(member, SITE_NAME)
    return _connected(member, site, installation)


def tell(workspace: Workspace, text: str) -> None:
    Notice.unscoped.create(workspace=workspace, text=text)


def put_away(member: Member, notice_id: int) -> None:
    """Twice is harmless. NotFound for a notice of others."""
    mine = Notice.objects.in_workspace(member.workspace).filter(pk=notice_id)
    if not mine.exists():
        raise NotFound
    mine.filter(put_away_at=None).update(put_away_at=timezone.now())


def seek_channel(connection: Connection, name: str) -> bool:
    """Before a channel is made. False if another site is making one of this name: then it is theirs, not ours."""
    with transaction.atomic():
        mine = Connection.unscoped.filter(pk=connection.pk)
        mine.select_for_update().first()
        # two that seek at once wait for one another here
        Installation.objects.select_for_update().filter(connections=connection).first()
        others = Connection.unscoped.filter(
            LIVE, installation=connection.installation, channel_id="", channel_sought=name
        )
        if others.exclude(pk=connection.pk).exists():
            return False
        return mine.update(channel_sought=name) == 1


def note_no_channel(connection: Connection, problem: str) -> None:
    """Why the connection still waits for its channel; the health page and the landing page say it."""
    waiting = Connection.unscoped.filter(pk=connection.pk, state=Connection.State.PENDING)
    waiting.update(problem=problem[:300])


# --- identities ---------------------------------------------------------------------------------------------------


def link(user: User, person: Person) -> None:
    """This Slack account is this user's, as Slack has just confirmed."""
    with transaction.atomic():
        identity = _identity(person)
        if identity.user_id not in (None, user.pk):
            raise anothers()
        _belongs_to(identity, user)
        homes.note_known_as_another(person.team_id, person.user_id)
        for member in members_of(user):
            know_agent_as(member, person.external_id)
            audit(member.workspace, user, "slack.identity_linked", person.external_id)


def unlink(user: User, identity_id: int) -> None:
    """Never the only way in: nobody locks themselves out by a click. NotFound for what is not (or no longer) theirs."""
    with transaction.atomic():
        mine = list(SlackIdentity.objects.select_for_update().filter(user=user))
        gone = next((one for one in mine if one.pk == identity_id), None)
        if gone is None:
            raise NotFound
        if len(mine) == 1 and not (user.email and user.has_usable_password()):
            raise Refused(
                "only_way_in",
                "This is the only way into your account. Add an e-mail address and a password first.",
            )
        SlackIdentity.objects.filter(pk=gone.pk).update(user=None)
        homes.note_known_as_another(gone.slack_team_id, gone.slack_user_id)
        for member in members_of(user):
            audit(
                member.workspace,
                user,
                "slack.identity_unlinked",
                f"slack:{gone.slack_team_id}:{gone.slack_user_id}",
            )
