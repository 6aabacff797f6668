"""Reads of the audit log: is its chain whole, and what a page of it shows."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

from accounts.models import AuditChain, AuditEntry, Workspace


def seal_of(entry: AuditEntry, place: int, before: str) -> str:
    """Over everything that says what was done, and the seal before. The actor's key is left out: it goes with them."""
    said = [
        place,
        str(entry.workspace_id),
        entry.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_name,
        entry.verb,
        entry.subject,
        entry.changes,
        entry.address,
        entry.session,
        before,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def breaks_of(workspace: Workspace) -> Iterator[str]:
    """A sentence for each place where the chain does not hold; none for a whole one.

    It begins at the oldest entry that is kept: where old ones were let go, that one's own seal is believed.
    """
    chain = AuditChain.objects.in_workspace(workspace).first() or AuditChain(workspace=workspace)
    sealed = AuditEntry.objects.in_workspace(workspace).filter(place__isnull=False).order_by("place")
    place, seal, is_known = 0, "", chain.kept_from is None
    for entry in sealed.iterator(chunk_size=1000):
        found = entry.place or 0
        if is_known and found != place + 1:
            yield f"entries {place + 1} to {found - 1} are missing"
        if (is_known or found == 1) and entry.seal != seal_of(entry, found, seal):
            yield f"entry {found}, {entry.verb}, is not what was sealed"
        place, seal, is_known = found, entry.seal, True
    if is_known and (place, seal) != (chain.count, chain.seal):
        yield f"the log ends at {place} and was sealed up to {chain.count}"
