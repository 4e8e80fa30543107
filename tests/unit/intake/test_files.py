"""Attachments: what is taken, what it is called, and for how long its link opens it."""

import asyncio
import io
import threading
import zipfile
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.intake import files
from services.intake.files import (
    LOOKED_AT_AT_ONCE,
    MOST_BYTES,
    File,
    Links,
    look_at,
    look_at_all,
    media_type_of,
)
from tests.pictures import PNG

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


def examined(
    sent: Sequence[tuple[str, bytes]], known: Collection[tuple[str, int]] = ()
) -> tuple[list[File], list[files.Refused]]:
    """What is kept of what was sent, and what is not."""
    return files.examined([look_at(*file) for file in sent], known)


def office(first: str) -> bytes:
    """A file of the newer Office programs, as far as anybody looks."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("[Content_Types].xml", "_rels/.rels", first):
            archive.writestr(name, "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "image/jpeg"),
        (b"%PDF-1.7\n" + bytes(64), "application/pdf"),
        (
            office("word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("Brøyt nå!\n".encode(), "text/plain"),
        ("Brøyt nå!\r\n".encode("latin-1"), "text/plain"),
        (b"<svg onload='alert(1)'/>", "text/plain"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, media_type: str) -> None:
    """Markup is text, and is shown as nothing else."""
    assert media_type_of(content) == media_type


@pytest.mark.parametrize(
    "content", [b"MZ" + bytes(200), b"PK\x03\x04" + bytes(64), b"\x7fELF" + bytes(64), bytes(10)]
)
def test_programs_archives_and_unknown_bytes_are_not_taken(content: bytes) -> None:
    """Whatever they are called."""
    kept, refused = examined([("bilde.png", content)])
    assert not kept
    assert [each.why for each in refused] == ["file.error.type"]


def test_each_file_is_kept_or_refused_with_its_reason() -> None:
    """Five are kept; the rest are told why not."""
    sent = [
        ("tom.txt", b""),
        ("stor.png", PNG + bytes(MOST_BYTES)),
        *[(f"{number}.png", PNG) for number in range(6)],
    ]
    kept, refused = examined(sent)
    assert [file.name for file in kept] == [f"{number}.png" for number in range(5)]
    assert [(each.name, each.why) for each in refused] == [
        ("tom.txt", "file.error.empty"),
        ("stor.png", "file.error.too_large"),
        ("5.png", "file.error.too_many"),
    ]


def test_a_file_that_comes_twice_is_kept_once() -> None:
    """One that was on its way when the form was sent."""
    assert examined([("a.png", PNG)], known={("a.png", len(PNG))}) == ([], [])


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("C:\\Users\\kari\\bilde.png", "bilde.png"),
        ("../../etc/passwd", "passwd.png"),
        ('a"b\r\nSet-Cookie: x.png', "a_b Set-Cookie_ x.png"),
        ("...", "fil.png"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
        ("måneskinn på fjorden.png", "måneskinn på fjorden.png"),
    ],
)
def test_a_name_is_made_harmless_and_stays_readable(name: str, kept_as: str) -> None:
    """No path, no line breaks, no quotes, not endless."""
    kept, _ = examined([(name, PNG)])
    assert kept[0].name == kept_as


def test_a_link_opens_its_own_file_for_a_quarter_of_an_hour() -> None:
    """Not another file, not longer, not with another signature."""
    links, file = Links("ab" * 32), uuid4()
    address = links.to(file, NOW)
    query = dict(pair.split("=") for pair in address.split("?")[1].split("&"))
    until, signature = int(query["til"]), query["nokkel"]
    assert links.holds(file, until, signature, NOW + timedelta(minutes=15))
    assert not links.holds(file, until, signature, NOW + timedelta(minutes=15, seconds=1))
    assert not links.holds(file, until + 600, signature, NOW)
    assert not links.holds(uuid4(), until, signature, NOW)
    assert not links.holds(file, until, "æ" * 32, NOW)
    assert not Links("cd" * 32).holds(file, until, signature, NOW)


@pytest.mark.parametrize(
    ("name", "content", "kept_as"),
    [
        ("vei.PNG", PNG, "vei.PNG"),
        ("vei", PNG, "vei.png"),
        ("vei.jpg", PNG, "vei.jpg.png"),
        ("svar.html", b"<script>alert(1)</script>", "svar.html.txt"),
        ("svar.bat", b"del *", "svar.bat.txt"),
        ("svar.js", b"alert(1)", "svar.js.txt"),
        ("tall.csv", b"a;b", "tall.csv"),
        ("les meg", b"Hei", "les meg.txt"),
        ("brev.docm", office("word/document.xml"), "brev.docm.docx"),
        ("x" * 200 + ".exe", b"Hei", "x" * 112 + ".exe.txt"),
        ("bat.\u202egpj", PNG, "bat._gpj.png"),
    ],
)
def test_a_name_does_not_say_that_a_file_is_something_else(name: str, content: bytes, kept_as: str) -> None:
    """A caseworker who saves it and opens it gets what was looked at, and never a program."""
    kept, _ = examined([(name, content)])
    assert [file.name for file in kept] == [kept_as]


async def test_files_are_looked_at_beside_the_requests_and_few_at_once() -> None:
    """Pictures made to take long kept every other resident waiting; many at once would take all threads there are."""
    lock, may_end = threading.Lock(), threading.Event()
    at_once: list[int] = []
    under_way = 0

    def look(name: str, content: bytes) -> File:
        nonlocal under_way
        with lock:
            under_way += 1
            at_once.append(under_way)
        assert may_end.wait(5), "the loop that is to go on stands still"
        with lock:
            under_way -= 1
        return File(name, "text/plain", content)

    forms = [asyncio.create_task(look_at_all([("a.txt", b"a"), ("b.txt", b"b")], look)) for _ in range(4)]
    async with asyncio.timeout(5):
        while len(at_once) < LOOKED_AT_AT_ONCE:
            await asyncio.sleep(0.001)
    may_end.set()
    for form in forms:
        assert [file.name for file in await form] == ["a.txt", "b.txt"]
    assert max(at_once) == LOOKED_AT_AT_ONCE
