"""Pictures are never passed on as they came: a process with little memory and time decodes them and writes them anew.

That drops place and camera (EXIF), whatever was hidden behind the pixels, and whatever a decoder can be broken with.
"""

import io
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from PIL import Image

from accounts.errors import Refused
from livechat.files.kinds import GIF, JPEG, PNG, WEBP, Kind, recognise

CHILD = Path(__file__).with_name("picture_child.py")
# its processor time is limited by itself; a busy machine may need longer
SECONDS = 20
FORMATS = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP"}


@dataclass(frozen=True, slots=True)
class Picture:
    """Open files at their start; the caller closes them."""

    content: IO[bytes]
    thumbnail: IO[bytes]
    width: int
    height: int


def write_anew(source: BinaryIO, kind: Kind) -> Picture:
    with ExitStack() as opened:
        content = opened.enter_context(tempfile.TemporaryFile())
        thumbnail = opened.enter_context(tempfile.TemporaryFile())
        told = _decode(source, kind, content, thumbnail)
        opened.pop_all()  # theirs who asked, now that it went well
    content.seek(0)
    thumbnail.seek(0)
    return Picture(content, thumbnail, told["width"], told["height"])


def small(content: bytes, side: int) -> bytes:
    """WebP, still, without whatever else the file carried (places, profiles, scripts). Raises Refused.

    Anybody may upload a face, an emoji or a logo: it is decoded where it can break nothing, and only what came of that
    here.
    """
    with tempfile.TemporaryFile() as source:
        source.write(content)
        kind, _ = recognise(source, "picture")
        if not kind.is_picture:
            raise Refused("type_refused", "This is no picture.")
        anew = write_anew(source, kind)
    with anew.content, anew.thumbnail, Image.open(anew.thumbnail, formats=("WEBP",)) as image:
        image.thumbnail((side, side))
        written = io.BytesIO()
        image.save(written, "WEBP", quality=85, method=4)
    return written.getvalue()


def _decode(source: BinaryIO, kind: Kind, content: IO[bytes], thumbnail: IO[bytes]) -> dict[str, int]:
    places = (content.fileno(), thumbnail.fileno())
    # -I: no environment, no working directory on its path
    command = [sys.executable, "-I", str(CHILD), FORMATS[kind], *map(str, places)]
    source.seek(0)
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, nothing of the sender's in the words
            command,
            stdin=source.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=places,
            timeout=SECONDS,
            check=True,
        )
        told = json.loads(done.stdout)
        return {name: int(told[name]) for name in ("width", "height")}
    except (subprocess.SubprocessError, ValueError, KeyError):
        raise Refused(
            "picture_refused",
            "This picture cannot be shown: it is damaged, or larger than 25 million pixels. Please send another.",
        ) from None
