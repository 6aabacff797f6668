from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from livechat import replaying


class Command(BaseCommand):
    help = (
        "Erases again, here and in Slack, visitors who came back with a restored backup. Run it after migrate and "
        "before the product is started. It may be repeated at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", help="a list that was printed by --export, if the storage was lost with the database"
        )
        parser.add_argument("--export", action="store_true", help="only print the list, one record a line")

    def handle(self, *args: Any, file: str | None, export: bool, **options: Any) -> None:
        try:
            records = [*replaying.kept(), *(_read(file) if file else ())]
        except (OSError, ValueError) as error:
            raise CommandError(f"The list could not be read, and nobody was erased. {error}") from error
        if export:
            for record in records:
                self.stdout.write(replaying.line_of(record))
        else:
            self.stdout.write(
                f"{replaying.replay(records)} visitors erased again, of {len(records)} erasures."
            )


def _read(file: str) -> list[replaying.Record]:
    lines = Path(file).read_text().splitlines()
    return [replaying.read(line, f"{file}, line {number}") for number, line in enumerate(lines, 1) if line]
