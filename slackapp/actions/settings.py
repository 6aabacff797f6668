"""A change of what an owner chose for a connection, and its entry in the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.actions import audited
from accounts.models import Member
from slackapp.models import Connection
from slackapp.settings_told import connection_settings


@contextmanager
def changing(member: Member, connection: Connection, verb: str, about: str = "") -> Iterator[None]:
    """A transaction around writes of this one connection. `about` follows its id in the entry's subject."""

    def read() -> dict[str, Any]:
        rows = Connection.objects.in_workspace(member.workspace).select_related("installation")
        found = rows.filter(pk=connection.pk).first()
        return connection_settings(found) if found is not None else {}

    subject = f"{connection.pk} {about}".rstrip()
    with audited(member.workspace, member.user, verb, subject, read):
        yield
