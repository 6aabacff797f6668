from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.auditing import seal_entries
from accounts.models import Workspace
from accounts.trail import breaks_of


class Command(BaseCommand):
    help = (
        "Checks that no entry of any workspace's audit log was changed or taken away since it was sealed. "
        "Ends with an error that names each place where the chain does not hold."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for workspace in Workspace.objects.order_by("created_at", "pk").iterator():
            seal_entries(workspace.pk)
            for words in breaks_of(workspace):
                broken += 1
                self.stdout.write(f"{workspace.pk} {workspace}: {words}")
        if broken:
            raise CommandError(f"{broken} places do not hold. Compare them with a backup.")
        self.stdout.write("Every audit log is whole.")
