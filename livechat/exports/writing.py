"""An export as a zip, row by row and file by file: however large it is, memory holds one batch of it."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from livechat.exports.tables import Table, files_of, tables_of
from livechat.files import store
from livechat.files.names import clean_name
from livechat.models import Attachment, Export

# so many rows or files done, of so many; raises to stop
Progress = Callable[[int, int], None]
PIECE = 1024 * 1024
READ_ME = """What is in here
===============

One file for each table, one row a line, each row a JSON object (https://jsonlines.org). The id of a row is how others
name it: `chat_id` in a message is the `id` of a chat. Moments are UTC. Files that were sent lie in `files/`, each in a
folder that is called like its row in livechat_attachment.

Passwords, keys and tokens are in no export.
"""


def write(export: Export, to: IO[bytes], progress: Progress) -> None:
    tables, files = tables_of(export), files_of(export)
    total = sum(table.rows.count() for table in tables) + files.count()
    done = 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr("README.txt", READ_ME)
        for table in tables:
            for count in _write_table(archive, table):
                done += count
                progress(done, total)
        for file in _each(files):
            _write_file(archive, file)
            done += 1
            progress(done, total)


def _write_table(archive: zipfile.ZipFile, table: Table) -> Iterator[int]:
    with archive.open(f"{table.name}.ndjson", "w", force_zip64=True) as out:
        for batch in table:
            lines = (json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in batch)
            out.write("".join(f"{line}\n" for line in lines).encode())
            yield len(batch)


def _each(files: QuerySet[Attachment]) -> Iterator[Attachment]:
    last = None
    while True:
        after = files if last is None else files.filter(pk__gt=last)
        file = after.order_by("pk").first()
        if file is None:
            return
        last = file.pk
        yield file


def _write_file(archive: zipfile.ZipFile, file: Attachment) -> None:
    """A file that the storage has lost is named as such instead of ending the export."""
    try:
        content = store.open_stored(file.storage_key)
    except FileNotFoundError:
        archive.writestr(f"files/{file.pk}/missing.txt", "This file is no longer in the storage.\n")
        return
    with content, archive.open(f"files/{file.pk}/{clean_name(file.name)}", "w", force_zip64=True) as out:
        shutil.copyfileobj(content, out, PIECE)
