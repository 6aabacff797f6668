import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from slackapp.manifest import manifest

LONGEST_NAME = 35


class Command(BaseCommand):
    help = (
        "Prints the Slack app's manifest for this server's PUBLIC_URL as JSON. Paste it at api.slack.com/apps under "
        "Create New App, From a manifest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="Threadbell", help="of the app in Slack (default Threadbell)")
        parser.add_argument(
            "--socket",
            action="store_true",
            help="for Socket Mode: Slack needs no public address of this server (see manage.py slack_socket)",
        )

    def handle(self, *args: Any, name: str, socket: bool, **options: Any) -> None:
        name = name.strip()
        if not 1 <= len(name) <= LONGEST_NAME:
            raise CommandError(f"Slack takes names of 1 to {LONGEST_NAME} characters; this has {len(name)}.")
        if not socket and not settings.PUBLIC_URL.startswith("https://"):
            self.stderr.write(
                f"PUBLIC_URL is {settings.PUBLIC_URL}. Slack reaches only public addresses that start with https://; "
                "set PUBLIC_URL before you use this."
            )
        self.stdout.write(json.dumps(manifest(name, socket_mode=socket), indent=2))
