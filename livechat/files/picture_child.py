"""Decodes one picture and writes it anew: run as a process of its own, with little memory and little time.

    python -I picture_child.py <format> <fd of the picture> <fd of the thumbnail>   < the picture

Tells `{"width", "height", "thumbnail"}` on its standard output. Whatever is wrong with the picture, it just ends with
another code than 0: nothing that it says is to be trusted then.
"""

import json
import os
import resource
import sys
import warnings
from typing import Any

MEGABYTE = 1024 * 1024
CPU_SECONDS = 10
MEMORY = 256 * MEGABYTE
LARGEST_RESULT = 40 * MEGABYTE
MOST_PIXELS = 25_000_000
MOST_FRAMES = 100
THUMBNAIL = 480
# of all that a picture carries beside its pixels only what is needed to show them
KEPT = ("transparency", "duration", "loop", "disposal", "blend", "icc_profile")
LARGEST_PROFILE = 4096


def limit_myself() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    # of data, not of addresses: libraries that are mapped and shared count in the latter
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_RESULT, LARGEST_RESULT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def frames_of(picture: Any) -> list[Any]:
    """Every frame, upright and without its metadata. Raises for too many of them, or too many pixels in all."""
    from PIL import ImageOps

    width, height = picture.size
    frames: list[Any] = []
    for number in range(MOST_FRAMES + 1):
        try:
            picture.seek(number)
        except EOFError:
            break
        if number == MOST_FRAMES or width * height * (number + 1) > MOST_PIXELS:
            raise ValueError("this is too much to show")
        picture.load()
        frame = picture if not getattr(picture, "is_animated", False) else picture.copy()
        ImageOps.exif_transpose(frame, in_place=True)
        frame.info = {name: value for name, value in picture.info.items() if name in KEPT}
        if len(frame.info.get("icc_profile") or b"") > LARGEST_PROFILE:
            del frame.info["icc_profile"]
        frames.append(frame)
    return frames


def write(frames: list[Any], kind: str, into: Any) -> None:
    first, rest = frames[0], frames[1:]
    options: dict[str, Any] = {"icc_profile": first.info.get("icc_profile")}
    if kind == "JPEG":
        first = first if first.mode in ("L", "RGB") else first.convert("RGB")
        options |= {"quality": 88, "optimize": False}
    elif kind == "WEBP":
        options |= {"quality": 88, "method": 2}
    if rest:
        options |= {"save_all": True, "append_images": rest, "loop": first.info.get("loop", 0)}
        options["duration"] = [frame.info.get("duration", 100) for frame in frames]
    first.save(into, kind, **options)


def write_thumbnail(first: Any, into: Any) -> None:
    from PIL import Image

    clear = first.mode in ("RGBA", "LA", "PA") or "transparency" in first.info
    # reduced in the mode that it has, then converted: half of the memory of the other way round
    if first.mode in ("P", "1", "PA", "I", "F") or first.mode.startswith("I;"):
        first = first.convert("RGBA" if clear else "RGB")
    first.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS, reducing_gap=2.0)
    first.convert("RGBA" if clear else "RGB").save(into, "WEBP", quality=78, method=2)


def main(kind: str, result_fd: int, thumbnail_fd: int) -> None:
    limit_myself()
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(sys.stdin.buffer, formats=[kind]) as picture:
        frames = frames_of(picture)
        width, height = frames[0].size
        with os.fdopen(result_fd, "wb", closefd=False) as result:
            write(frames, kind, result)
        with os.fdopen(thumbnail_fd, "wb", closefd=False) as thumbnail:
            write_thumbnail(frames[0], thumbnail)
    sys.stdout.write(json.dumps({"width": width, "height": height}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
