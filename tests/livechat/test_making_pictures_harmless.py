"""W5, S12: pictures are decoded apart and written anew (security E3)."""

import io
import tempfile

import pytest
from PIL import Image

from accounts.errors import Refused
from livechat.files.kinds import recognise
from livechat.files.pictures import write_anew
from tests import samples


def written(content: bytes, name: str) -> tuple[Image.Image, Image.Image, bytes]:
    """The picture and its thumbnail as they are kept, and the bytes of the former."""
    with tempfile.TemporaryFile() as source:
        source.write(content)
        kind, _ = recognise(source, name)
        made = write_anew(source, kind)
    with made.content, made.thumbnail:
        kept, small = made.content.read(), made.thumbnail.read()
    picture = Image.open(io.BytesIO(kept))
    assert picture.size == (made.width, made.height)
    return picture, Image.open(io.BytesIO(small)), kept


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_stays_what_it_was(kind: str) -> None:
    picture, small, _ = written(samples.picture(kind), f"a.{kind.lower()}")
    assert (picture.format, picture.size) == (kind, (60, 40))
    assert (small.format, small.size) == ("WEBP", (60, 40))


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_every_way_of_keeping_pixels_is_understood(mode: str) -> None:
    content = samples.picture("PNG", mode="L") if mode == "I;16" else samples.picture("PNG", mode=mode)
    if mode == "I;16":
        into = io.BytesIO()
        Image.new("I;16", (60, 40), 900).save(into, "PNG")
        content = into.getvalue()
    assert written(content, "a.png")[0].size == (60, 40)


def test_a_thumbnail_is_small() -> None:
    _, small, _ = written(samples.picture("JPEG", (2000, 1000)), "a.jpg")
    assert small.size == (480, 240)


def test_place_and_comments_are_gone_and_the_photo_stands_upright() -> None:
    picture, small, kept = written(samples.photo_of_a_place(), "a.jpg")
    assert not picture.getexif()
    assert b"Secret" not in kept
    assert picture.size == small.size == (40, 60)


def test_what_is_hidden_behind_a_picture_is_gone() -> None:
    _, _, kept = written(samples.picture("GIF") + samples.HTML, "a.gif")
    assert b"script" not in kept


def test_a_film_keeps_moving() -> None:
    for kind in ("GIF", "WEBP", "PNG"):
        picture, _, _ = written(samples.film(5, kind), f"a.{kind.lower()}")
        assert getattr(picture, "n_frames", 1) == 5


@pytest.mark.parametrize(
    "content, name",
    [
        (samples.bomb(), "bomb.png"),
        (samples.film(101), "long.gif"),
        (samples.film(300, "PNG"), "long.png"),
        (samples.picture("PNG", (400, 300))[:300], "cut.png"),
        (b"\xff\xd8\xff nothing more", "head.jpg"),
    ],
)
def test_bombs_endless_films_and_broken_pictures_are_refused(content: bytes, name: str) -> None:
    assert len(content) < 300_000
    with pytest.raises(Refused, match="cannot be shown"):
        written(content, name)
