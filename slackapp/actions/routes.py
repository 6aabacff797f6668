"""A site's routes: added, ordered, changed, removed. What could never be taken is refused, and says why.

Writers take turns by the default connection's row, so that what was checked still holds when it is written.
"""

import uuid
from urllib.parse import urlsplit

from django.db import transaction

from accounts.actions import audit
from accounts.errors import Refused
from accounts.models import Member
from livechat.models import ChatSession, Site
from slackapp import routes
from slackapp.actions.leaving import disconnect
from slackapp.actions.settings import changing
from slackapp.models import ChatLink, Connection, Installation
from slackapp.routes import Conditions
from slackapp.settings_told import route_name

MOST_ROUTES = 30
LATEST_CHATS = 500


def routes_of(site: Site, workspace_of: Member) -> list[Connection]:
    """In their order, the default last; with their installation."""
    found = Connection.objects.in_workspace(workspace_of.workspace).filter(site=site)
    found = found.exclude(state=Connection.State.DISCONNECTED).select_related("installation", "site")
    return list(found.order_by("is_default", "position", "created_at"))


def departments_of(site: Site, workspace_of: Member) -> list[str]:
    """What pages called them in the latest chats, and what routes wait for: to choose from, each once."""
    chats = ChatSession.objects.in_workspace(workspace_of.workspace).filter(site=site)
    latest = chats.order_by("-last_message_at").values_list("department", flat=True)[:LATEST_CHATS]
    wanted = [routes.conditions_of(one).department for one in routes_of(site, workspace_of)]
    found = {name.casefold(): name for name in [*latest, *wanted] if name}
    return sorted(found.values(), key=str.casefold)


def zone_of(site: Site, workspace_of: Member) -> str:
    """The time zone that the site's hours are written in so far; empty if it has none yet."""
    zones = [routes.conditions_of(one).zone for one in routes_of(site, workspace_of)]
    return next((zone for zone in zones if zone), "")


def installations_of(member: Member) -> list[Installation]:
    """The Slack teams that the workspace's sites are connected to, and that a route may lead to."""
    live = Connection.objects.in_workspace(member.workspace).exclude(state=Connection.State.DISCONNECTED)
    found = Installation.objects.filter(
        pk__in=live.values("installation_id"), state=Installation.State.ACTIVE
    )
    return sorted(found, key=str)


def add_route(
    member: Member,
    site: Site,
    name: str,
    mode: str,
    conditions: Conditions,
    installation_id: uuid.UUID | None = None,
) -> Connection:
    """It comes after the others, in this Slack team or else the default's; its channel is chosen next."""
    with transaction.atomic():
        default = _lock(member, site)
        others = _routes(member, site)
        if len(others) >= MOST_ROUTES:
            raise Refused(
                "too_many", f"A site has at most {MOST_ROUTES} routes. Remove one that you no longer need."
            )
        _check(site, name, conditions)
        _check_order([*((one.name, routes.conditions_of(one)) for one in others), (name, conditions)])
        route = Connection.unscoped.create(
            workspace=member.workspace,
            site=site,
            installation=_installation(member, installation_id) if installation_id else default.installation,
            mode=mode,
            policy=default.policy,
            is_default=False,
            name=name,
            position=(others[-1].position + 1) if others else 1,
            conditions=conditions.row(),
        )
        audit(member.workspace, member.user, "slack.route_added", str(route.pk))
        return route


def change_route(member: Member, route: Connection, name: str, conditions: Conditions) -> None:
    with changing(member, route, "slack.route_changed"):
        _lock(member, route.site)
        _check(route.site, name, conditions)
        others = _routes(member, route.site)
        _check_order(
            [
                (name, conditions) if one.pk == route.pk else (one.name, routes.conditions_of(one))
                for one in others
            ]
        )
        rows = Connection.objects.in_workspace(member.workspace).filter(pk=route.pk, is_default=False)
        rows.update(name=name, conditions=conditions.row())


def make_default(member: Member, route: Connection) -> None:
    """It gives up its conditions. The default until then stays as a route that takes nothing before it has some."""
    with transaction.atomic():
        former = _lock(member, route.site)
        others = _routes(member, route.site)
        found = next((one for one in others if one.pk == route.pk), None)
        if found is None:
            raise Refused("refused", "This is the default already, or it was removed meanwhile.")
        if found.state != Connection.State.READY:
            raise Refused(
                "not_ready", "Only a route that works can take everything else. Open it and mend that first."
            )
        rows = Connection.objects.in_workspace(member.workspace)
        rows.filter(pk=former.pk).update(
            is_default=False,
            name=former.name or former.channel_name or "The default before",
            position=others[-1].position + 1,
        )
        rows.filter(pk=found.pk).update(is_default=True, conditions={}, position=0)
        changes = {"default": [route_name(former), route_name(found)]}
        audit(member.workspace, member.user, "slack.default_route_changed", str(found.pk), changes)


def move_route(member: Member, route: Connection, steps: int) -> None:
    """Up is negative. At either end it stays where it is."""
    with changing(member, route, "slack.route_moved"):
        _lock(member, route.site)
        others = _routes(member, route.site)
        old = next((place for place, one in enumerate(others) if one.pk == route.pk), None)
        if old is None:
            raise Refused("refused", "The default is taken last, whatever the order.")
        others.insert(max(0, min(old + steps, len(others) - 1)), others.pop(old))
        _check_order([(one.name, routes.conditions_of(one)) for one in others])
        for place, one in enumerate(others, start=1):
            Connection.objects.in_workspace(member.workspace).filter(pk=one.pk).update(position=place)


def remove_route(member: Member, route: Connection) -> None:
    """Its open chats stay where they are, in the care of the default."""
    if route.is_default:
        raise Refused("refused", "The default cannot be removed. Disconnect the site to end everything.")
    with transaction.atomic():
        default = _lock(member, route.site)
        links = ChatLink.objects.filter(connection=route, installation=default.installation)
        links.update(connection=default)
        disconnect(member, route)


def check_parting(member: Member, connection: Connection) -> None:
    """The default goes last: without it a chat that fits no route would go nowhere."""
    if connection.is_default and _routes(member, connection.site):
        raise Refused("has_routes", "Other routes of this site still lead to Slack. Remove them first.")


def _installation(member: Member, installation_id: uuid.UUID) -> Installation:
    found = next((one for one in installations_of(member) if one.pk == installation_id), None)
    if found is None:
        raise Refused("unknown_team", "Choose one of the Slack workspaces that are listed.")
    return found


def _lock(member: Member, site: Site) -> Connection:
    default = Connection.objects.in_workspace(member.workspace).filter(site=site, is_default=True)
    default = default.exclude(state=Connection.State.DISCONNECTED).select_for_update(of=("self",))
    default = default.select_related("installation")
    # whoever waited for the row while another route became the default finds that one at the second look
    found = default.first() or default.first()
    if found is None or found.installation is None or found.installation.state != Installation.State.ACTIVE:
        raise Refused(
            "not_connected", "Connect the site to Slack first. That connection is the default route."
        )
    return found


def _routes(member: Member, site: Site) -> list[Connection]:
    return [one for one in routes_of(site, member) if not one.is_default]


def _check(site: Site, name: str, conditions: Conditions) -> None:
    if not name:
        raise Refused("no_name", "Give the route a name, for example Sales.")
    if conditions.is_empty:
        raise Refused(
            "no_condition",
            "Without a condition this route would take every chat. Set one, or change the default.",
        )
    if conditions.pages.startswith("http") and site.allowed_origins:
        _check_host(site, conditions.pages)


def _check_host(site: Site, pages: str) -> None:
    parts = urlsplit(pages)
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    if "*" not in parts.netloc and origin not in site.allowed_origins:
        raise Refused(
            "never",
            f"The chat is not allowed on {origin}, so this route could never be taken. Allow it under Sites.",
        )


def _check_order(ordered: list[tuple[str, Conditions]]) -> None:
    ordered = [(name, conditions) for name, conditions in ordered if not conditions.is_empty]
    for place, (name, conditions) in enumerate(ordered):
        for earlier, wider in ordered[:place]:
            if routes.covers(wider, conditions):
                raise Refused(
                    "never",
                    f"“{earlier}” comes before “{name}” and takes every chat that “{name}” could take. "
                    "Put the narrower one first, or change its conditions.",
                )
