import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import database, directly
from livechat import doorbell
from slackapp import nudge, socket_mode, spool


class Command(BaseCommand):
    help = (
        "Hears Slack over Socket Mode, for a server that Slack cannot reach: what a webhook would bring comes over a "
        "connection that this command opens with SLACK_APP_TOKEN and keeps. It runs beside the web process; Ctrl-C "
        "or SIGTERM ends it once what it heard is recorded."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SLACK_APP_TOKEN:
            raise CommandError(
                "SLACK_APP_TOKEN is not set. Make an app-level token with the scope connections:write under Basic "
                "Information of the Slack app, and switch Socket Mode on there."
            )
        if settings.EMBEDDED:
            doorbell.pass_on = nudge.pass_on
        try:
            asyncio.run(self._run())
        except socket_mode.SwitchedOff as reason:
            raise CommandError(str(reason)) from None
        finally:
            database.close()

    async def _run(self) -> None:
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        spooling = asyncio.ensure_future(spool.watch())
        try:
            await socket_mode.run(stop, lambda: self.stdout.write("Connected to Slack."))
        finally:
            spooling.cancel()
            await directly.close()
