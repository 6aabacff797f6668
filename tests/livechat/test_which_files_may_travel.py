"""W5, S12: a file is let in by what it holds and what it is called, together (security E2, E4)."""

import io

import pytest

from accounts.errors import Refused
from livechat.files.kinds import recognise
from livechat.files.names import LONGEST, clean_name
from tests import samples


def kind_of(content: bytes, name: str) -> tuple[str, str]:
    kind, called = recognise(io.BytesIO(content), name)
    return kind.content_type, called


@pytest.mark.parametrize(
    "name, content, content_type",
    [
        ("a.png", samples.picture("PNG"), "image/png"),
        ("a.jpg", samples.picture("JPEG"), "image/jpeg"),
        ("A.JPEG", samples.picture("JPEG"), "image/jpeg"),
        ("a.gif", samples.picture("GIF"), "image/gif"),
        ("a.webp", samples.picture("WEBP"), "image/webp"),
        ("a.pdf", samples.PDF, "application/pdf"),
        ("a.txt", "Grüße, 你好 👋\r\n\tand a tab".encode(), "text/plain"),
        ("a.txt", "caf\xe9 as old Windows wrote it".encode("cp1252"), "text/plain"),
        ("a.csv", b"name;price\nred boots;89,50\n", "text/csv"),
    ],
)
def test_what_is_called_what_it_is_may_come_in(name: str, content: bytes, content_type: str) -> None:
    assert kind_of(content, name) == (content_type, name)


def test_documents_of_word_and_excel_may_come_in() -> None:
    assert kind_of(samples.word(), "offer.docx")[0].endswith("wordprocessingml.document")
    assert kind_of(samples.excel(), "prices.xlsx")[0].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    "name, content",
    [
        ("page.html", samples.HTML),
        ("page.txt", samples.HTML),
        ("page.txt", b"\xef\xbb\xbf \n" + samples.HTML),
        ("page.csv", b"<script>alert(1)</script>"),
        ("logo.svg", samples.SVG),
        ("logo.png", samples.SVG),
        ("feed.xml", b"<?xml version='1.0'?><x/>"),
        ("run.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("setup.exe", b"MZ\x90\0\3\0\0\0"),
        ("setup.pdf", b"MZ\x90\0\3\0\0\0"),
        ("notes.txt", b"text\0with a zero"),
        ("archive.zip", samples.archive("a.txt")),
        ("offer.docx", samples.archive("a.txt")),
        ("offer.docx", samples.archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("prices.xlsx", samples.word()),
        ("offer.docx", b"PK\x03\x04 and no directory"),
        ("invoice.pdf.exe", samples.PDF),
        ("photo.exe", samples.picture("PNG")),
        ("invoice.txt", samples.PDF),
        ("noextension", b"just text"),
    ],
)
def test_what_is_dangerous_or_pretends_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Refused, match="can be sent") as refusal:
        kind_of(content, name)
    assert refusal.value.code == "type_refused"


def test_an_empty_file_is_refused_as_empty() -> None:
    with pytest.raises(Refused, match="empty"):
        kind_of(b"", "a.txt")


def test_a_picture_under_the_name_of_another_kind_gets_the_right_one() -> None:
    assert kind_of(samples.picture("WEBP"), "photo.jpg") == ("image/webp", "photo.webp")
    assert kind_of(samples.picture("PNG"), "pasted") == ("image/png", "pasted.png")


def test_an_archive_with_an_endless_directory_is_not_opened() -> None:
    many = samples.archive("[Content_Types].xml", "word/document.xml", *(f"{n:0100d}" for n in range(9000)))
    with pytest.raises(Refused):
        kind_of(many, "offer.docx")


@pytest.mark.parametrize(
    "given, kept",
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("D:\\Pictures\\photo.png", "photo.png"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("a\x00b\r\nc.png", "a b c.png"),
        ("  .hidden.png", "hidden.png"),
        ("...", "file"),
        ("", "file"),
        ("what?*.pdf", "what.pdf"),
        ("Angebot für Müller.pdf", "Angebot für Müller.pdf"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_name("x" * 500 + ".docx")
    assert len(name) == LONGEST
    assert name.endswith(".docx")
