"""What /readyz asks of this app: in the demo, that somebody can chat already."""

from django.conf import settings

from livechat.models import Site
from slackapp import queries
from slackapp.models import Connection, Installation


def missing() -> str | None:
    if settings.DEMO and not queries.demo_is_seeded():
        return "the demo is not seeded yet"
    return None


def carries(site: Site) -> bool:
    """Whether a chat of this site reaches people in Slack now."""
    ready = Connection.unscoped.filter(site=site, is_default=True, state=Connection.State.READY)
    return ready.filter(installation__state=Installation.State.ACTIVE).exists()
