"""Files as people and attackers send them, small and made on the spot."""

import io
import struct
import zipfile
import zlib

from PIL import Image

GPS, ORIENTATION, DESCRIPTION = 0x8825, 0x0112, 0x010E


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    into = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(into, kind)
    return into.getvalue()


def photo_of_a_place() -> bytes:
    """As phones make them: turned by a mark, with the place where it was taken."""
    marks = Image.Exif()
    marks[ORIENTATION], marks[DESCRIPTION] = 6, "Secret Garden"
    marks.get_ifd(GPS)[2] = (51.0, 30.0, 26.0)
    into = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(into, "JPEG", exif=marks, comment=b"Secret Garden")
    return into.getvalue()


def film(frames: int, kind: str = "GIF") -> bytes:
    into = io.BytesIO()
    pictures = [Image.new("RGB", (8, 8), (number * 50 % 256, number // 256, 90)) for number in range(frames)]
    pictures[0].save(into, kind, save_all=True, append_images=pictures[1:], duration=40, loop=0)
    return into.getvalue()


def bomb() -> bytes:
    """A few kilobytes that say they are 400 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def archive(*names: str) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return into.getvalue()


def word() -> bytes:
    return archive("[Content_Types].xml", "word/document.xml")


def excel() -> bytes:
    return archive("[Content_Types].xml", "xl/workbook.xml")


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><script>fetch('/console/')</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
