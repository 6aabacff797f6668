"""Long-lived keys of Slack become pairs that end and are renewed. It cannot be taken back."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from slackapp.actions.keys import exchange_later
from slackapp.models import Installation


class Command(BaseCommand):
    help = "Exchanges every long-lived key for a pair, once token rotation is on in the Slack app's settings."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SLACK_TOKEN_ROTATION:
            raise CommandError(
                "Set SLACK_TOKEN_ROTATION=1 first. Slack cannot switch token rotation off again."
            )
        active = Installation.objects.filter(state=Installation.State.ACTIVE)
        long_lived = [one for one in active if one.bot_token and not one.refresh_token]
        for installation in long_lived:
            exchange_later(installation)
        self.stdout.write(
            f"{len(long_lived)} keys are exchanged by the workers. Run it again to see what is left."
        )
