"""Which files may travel: by what they hold and by what they are called, together. What is not listed is refused."""

import re
import struct
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from accounts.errors import Refused
from livechat.files.names import extension_of, with_extension

HEAD = 4096
LONGEST_DIRECTORY = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument"
# what a text may not be in truth: browsers and systems would run it
_RUNS = frozenset(
    ".html .htm .xhtml .xml .svg .svgz .exe .dll .com .scr .bat .sh .php .swf .hta .mhtml .js .jar".split()
)
_MARKUP = re.compile(rb"\s*(<!doctype|<\?|<!--|<[a-z]+[\s>/]|#!)", re.IGNORECASE)
_NOT_TEXT = re.compile(b"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Kind:
    """`extensions`: the names it may have, its own first. A picture is decoded and written anew."""

    content_type: str
    extensions: tuple[str, ...]
    is_picture: bool = False


PNG = Kind("image/png", ("png",), is_picture=True)
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jfif"), is_picture=True)
GIF = Kind("image/gif", ("gif",), is_picture=True)
WEBP = Kind("image/webp", ("webp",), is_picture=True)
PDF = Kind("application/pdf", ("pdf",))
DOCX = Kind(f"{_OFFICE}.wordprocessingml.document", ("docx",))
XLSX = Kind(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",))
TEXT = Kind("text/plain", ("txt",))
CSV = Kind("text/csv", ("csv",))
PICTURES = (PNG, JPEG, GIF, WEBP)
ALLOWED = "Pictures (PNG, JPEG, GIF, WebP), PDF, text, CSV, Word (docx) and Excel (xlsx) files can be sent."
_BY_CONTENT_TYPE = {kind.content_type: kind for kind in (*PICTURES, PDF, DOCX, XLSX, TEXT, CSV)}
EXTENSIONS = tuple(extension for kind in _BY_CONTENT_TYPE.values() for extension in kind.extensions)


def is_picture(content_type: str) -> bool:
    """Of a type that this module gave: whether it was decoded and written anew, so that it may be shown in place."""
    return content_type in _BY_CONTENT_TYPE and _BY_CONTENT_TYPE[content_type].is_picture


def recognise(source: BinaryIO, name: str) -> tuple[Kind, str]:
    """The kind, and the name with an extension that fits. Refused unless content and name say the same.

    Reads `source` from its start and leaves it there.
    """
    kind = _kind_of(source, extension_of(name))
    source.seek(0)
    if kind is None:
        raise Refused("type_refused", f"This kind of file cannot be sent. {ALLOWED}")
    if extension_of(name) in kind.extensions:
        return kind, name
    # browsers save many a WebP picture as .jpg, and pasted ones have no name at all
    called = {extension for picture in PICTURES for extension in picture.extensions}
    if kind.is_picture and (extension_of(name) in called or "." not in name):
        return kind, with_extension(name, kind.extensions[0])
    raise Refused("type_refused", f"What is in this file does not fit its name. {ALLOWED}")


def _kind_of(source: BinaryIO, extension: str) -> Kind | None:
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        raise Refused("empty_file", "This file is empty.")
    if found := _by_signature(head):
        return found
    if head.startswith(b"PK\x03\x04"):
        return _office(source)
    return {"txt": TEXT, "csv": CSV}.get(extension) if _is_harmless_text(source, head) else None


def _by_signature(head: bytes) -> Kind | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    signatures = ((b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG), (b"GIF87a", GIF), (b"GIF89a", GIF))
    return next((kind for start, kind in (*signatures, (b"%PDF-", PDF)) if head.startswith(start)), None)


def _office(source: BinaryIO) -> Kind | None:
    """Word or Excel without macros; any other archive is none of ours."""
    if not _has_small_directory(source):
        return None
    try:
        names = set(zipfile.ZipFile(source).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.lower().endswith(".bin") for name in names):
        return None
    return DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else None


def _has_small_directory(source: BinaryIO) -> bool:
    """`zipfile` reads the whole directory into memory, whatever its length: it is looked up first (APPNOTE 4.3.16)."""
    size = source.seek(0, 2)
    source.seek(max(0, size - 65_557))
    tail = source.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22 or b"PK\x06\x07" in tail:
        return False
    (length,) = struct.unpack_from("<I", tail, end + 12)
    return bool(length <= LONGEST_DIRECTORY)


def _is_harmless_text(source: BinaryIO, head: bytes) -> bool:
    """No control bytes anywhere, and nothing at the start that a browser or a shell would run."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(start) or _RUNS & _recognised(head):
        return False
    source.seek(0)
    while chunk := source.read(65_536):
        if _NOT_TEXT.search(chunk):
            return False
    return True


def _recognised(head: bytes) -> set[str]:
    """What the signatures of a few thousand formats say of it; those of one or two letters are no proof."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return set()
    return {match.extension.lower() for match in found if match.confidence >= 0.4}
