from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.rotation import rotate, rotate_second_factors, sealed_columns


class Command(BaseCommand):
    help = (
        "Re-encrypts every stored secret under the first key of FIELD_ENCRYPTION_KEY. Put the new key first and keep "
        "the old ones, restart the product, run this, and drop the old keys once nothing is left to move. It may be "
        "stopped and repeated at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows looked up at a time (default 500)")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch must be at least 1.")
        counts = {column.label: rotate(model, column, batch) for model, column in sealed_columns()}
        counts["second factors"] = rotate_second_factors()
        for name, count in counts.items():
            self.stdout.write(
                f"{name}: {count.moved} moved, {count.current} current already, "
                f"{len(count.unreadable)} unreadable"
            )
        unreadable = [place for count in counts.values() for place in count.unreadable]
        if unreadable:
            raise CommandError(
                "No key opens some secrets. Add the key they were written with to FIELD_ENCRYPTION_KEY and run this "
                f"again, or set them anew: {', '.join(unreadable)}"
            )
