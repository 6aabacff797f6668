"""What /readyz asks of this app: in the demo, that somebody can chat already."""

from django.conf import settings

from slackapp import queries


def missing() -> str | None:
    if settings.DEMO and not queries.demo_is_seeded():
        return "the demo is not seeded yet"
    return None
