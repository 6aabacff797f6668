"""Generated portraits: a figure in the person's colour, drawn once and kept."""

import colorsys
import struct
import zlib
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

SIZES = (24, 32, 36, 48, 72, 192, 512)
SKINS = ((244, 211, 190), (226, 180, 147), (178, 125, 90), (121, 82, 60), (240, 196, 168))
Colour = tuple[int, int, int]


async def picture(request: Request) -> Response:
    """/avatars/<id>-<colour>-<size>.png"""
    parts = request.path_params["name"].split("-")
    if len(parts) != 3 or len(parts[1]) != 6 or not parts[2].isdigit() or int(parts[2]) not in SIZES:
        return Response(status_code=404)
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(portrait(parts[0], parts[1], int(parts[2])), media_type="image/png", headers=headers)


@lru_cache(256)
def portrait(who: str, colour: str, size: int) -> bytes:
    is_app = who == "app"
    back = _colour(colour, 0.66, 0.8) if is_app else _colour(colour, 0.35, 0.93)
    layers = _bubble(back) if is_app else _layers(colour, zlib.crc32(who.encode()))
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            rows += bytes(_pixel((x + 0.5) / size, (y + 0.5) / size, size, back, layers))
    return _png(size, bytes(rows))


def _colour(colour: str, saturation: float, value: float) -> Colour:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue = colorsys.rgb_to_hsv(red, green, blue)[0]
    made = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(made[0] * 255), round(made[1] * 255), round(made[2] * 255)


Ellipse = tuple[float, float, float, float, Colour]


def _layers(colour: str, number: int) -> list[Ellipse]:
    """Ellipses (centre x, y, radii, colour) from back to front: hair, shoulders, neck, face, fringe."""
    skin = SKINS[number % len(SKINS)]
    hair = ((61, 43, 31), (33, 30, 36), (112, 66, 32), (84, 84, 92))[(number >> 3) % 4]
    shirt = _colour(colour, 0.62, 0.72)
    long_hair = (number >> 6) % 2
    behind: Ellipse = (0.5, 0.50, 0.255, 0.30, hair) if long_hair else (0.5, 0.36, 0.215, 0.20, hair)
    return [
        behind,
        (0.5, 1.06, 0.40, 0.36, shirt),
        (0.5, 0.66, 0.085, 0.13, skin),
        (0.5, 0.43, 0.185, 0.22, skin),
        (0.5 + ((number >> 8) % 3 - 1) * 0.06, 0.245, 0.18, 0.085, hair),
    ]


def _bubble(back: Colour) -> list[Ellipse]:
    """A speech bubble with three dots: the sign of an app."""
    white = (255, 255, 255)
    dots: list[Ellipse] = [(x, 0.46, 0.042, 0.042, back) for x in (0.36, 0.5, 0.64)]
    return [(0.36, 0.68, 0.10, 0.13, white), (0.5, 0.46, 0.29, 0.23, white), *dots]


def _pixel(x: float, y: float, size: int, back: Colour, layers: list[Ellipse]) -> Colour:
    red, green, blue = (float(part) for part in back)
    for cx, cy, rx, ry, colour in layers:
        distance = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2
        cover = min(1.0, max(0.0, 0.5 + (1 - distance**0.5) * min(rx, ry) * size))
        red += (colour[0] - red) * cover
        green += (colour[1] - green) * cover
        blue += (colour[2] - blue) * cover
    return round(red), round(green), round(blue)


def _png(size: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 6))
        + chunk(b"IEND", b"")
    )
