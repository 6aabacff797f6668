"""A file's name as people read it. It never becomes a path, and it cannot pass for another name."""

import re
import unicodedata

LONGEST = 120
# what a path, a shell or a header would read as more than a name
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


def clean_name(given: str) -> str:
    """The last part of a path, without control and direction marks; `file` when nothing is left.

    Direction marks make `gpj.exe` look like `exe.jpg` (right-to-left override).
    """
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    # categories C*: controls, formats (direction marks, zero width), surrogates, unassigned
    seen = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in last)
    tidy = " ".join(_NOT_IN_NAMES.sub(" ", seen).split()).strip(". ")
    stem, dot, extension = tidy.rpartition(".")
    if not dot or len(extension) > 10:
        return tidy[:LONGEST] or "file"
    return f"{stem[: LONGEST - len(extension) - 1].rstrip('. ') or 'file'}.{extension}"


def extension_of(name: str) -> str:
    """In small letters, without the dot; empty when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def with_extension(name: str, extension: str) -> str:
    stem = name.rpartition(".")[0] if "." in name else name
    return f"{stem[: LONGEST - len(extension) - 1]}.{extension}"
