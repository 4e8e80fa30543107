"""HEIC as telephones write it, built box by box: the picture stays, and nothing else does."""

import struct
import time
from collections.abc import Iterator

import pytest

from services.intake.pictures import BrokenPictureError, cleaned

TOLD = b"Torgveien 1, 59.91N 10.75E, Kari Nordmann"
TILES = (bytes(range(1, 101)), bytes(range(101, 201)))
GRID = bytes((0, 0, 0, 1, 0, 64, 0, 32))
"""One row of two tiles, 64 by 32 dots."""
EXIF = bytes(4) + b"MM\0*" + struct.pack(">I", 8) + TOLD
HEVC = (1, 2)
GRID_ITEM, EXIF_ITEM, XMP_ITEM, OLD_ITEM = 3, 4, 5, 6


def box(kind: bytes, body: bytes) -> bytes:
    """A box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    """A box with a version."""
    return box(kind, struct.pack(">B3x", version) + body)


def entry(item: int, kind: bytes, name: bytes = b"", rest: bytes = b"") -> bytes:
    """What the list of items says of one."""
    return full(b"infe", struct.pack(">HH4s", item, 0, kind) + name + b"\0" + rest, version=2)


def place(item: int, start: int, length: int, *, method: int = 0) -> bytes:
    """Where an item lies."""
    return struct.pack(">HHHHII", item, method, 0, 1, start, length)


def telephone_picture(*, primary: int = GRID_ITEM, left: bytes = TOLD, grid_place: bytes = b"") -> bytes:
    """A grid of tiles in `idat`, with Exif and XMP, and with what programs leave beside them."""
    old = struct.pack(">HH", OLD_ITEM, 0) + TOLD + b"\0application/rdf+xml\0"
    items = (
        *(entry(item, b"hvc1") for item in HEVC),
        entry(GRID_ITEM, b"grid", TOLD),
        entry(EXIF_ITEM, b"Exif"),
        entry(XMP_ITEM, b"mime", TOLD, b"application/rdf+xml\0"),
        full(b"infe", old),
    )
    properties = (
        full(b"ispe", struct.pack(">II", 32, 32)),
        full(b"udes", b"nb\0" + TOLD + b"\0\0\0", version=0),
        box(b"uuid", bytes(16) + TOLD),
        full(b"crtt", struct.pack(">Q", 3_876_000_000_000_000)),
        box(b"irot", b"\3"),
    )

    def file(start: int) -> bytes:
        """`start` is where the data begin, which the list of places says before them."""
        data, places = left, []
        for item, content in (
            *zip(HEVC, TILES, strict=True),
            (EXIF_ITEM, EXIF),
            (XMP_ITEM, TOLD),
            (OLD_ITEM, TOLD),
        ):
            places.append(place(item, start + len(data), len(content)))
            data += content + left
        places.append(grid_place or place(GRID_ITEM, len(left), len(GRID), method=1))
        meta = full(
            b"meta",
            full(b"hdlr", bytes(4) + b"pict" + bytes(12) + TOLD + b"\0")
            + box(b"dinf", full(b"dref", struct.pack(">I", 1) + full(b"url ", TOLD + b"\0")))
            + full(b"pitm", struct.pack(">H", primary))
            + full(b"iinf", struct.pack(">H", len(items)) + b"".join(items))
            + full(b"iref", box(b"dimg", struct.pack(">4H", GRID_ITEM, 2, *HEVC)))
            + box(
                b"iprp",
                box(b"ipco", b"".join(properties)) + full(b"ipma", struct.pack(">IHBBB", 1, 3, 2, 1, 5)),
            )
            + box(b"idat", left + GRID + left)
            + full(b"iloc", b"\x44\0" + struct.pack(">H", len(places)) + b"".join(places), version=1)
            + full(b"xml ", TOLD + b"\0")
            + box(b"free", TOLD)
            + box(b"uuid", bytes(16) + TOLD),
        )
        film = box(b"moov", box(b"trak", box(b"udta", TOLD)) + full(b"mvhd", bytes(96)))
        head = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + meta + film
        return head + box(b"mdat", data) if start else struct.pack(">I", len(head) + 8)

    return file(*struct.unpack(">I", file(0)))


def boxes(content: bytes, at: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """The kinds and bodies of the boxes that stand here."""
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + size]
        at += size


def test_a_telephones_picture_tells_nothing_wherever_in_the_file_it_stood() -> None:
    """Not in its items, nor in properties, names, notes, references, films, or left over from what was deleted."""
    picture = telephone_picture()
    assert picture.count(TOLD) > 15
    kept = cleaned(picture, "image/heic")
    for word in (TOLD, b"Torgveien", b"59.91", b"Kari", struct.pack(">Q", 3_876_000_000_000_000)):
        assert word not in kept
    assert len(kept) == len(picture)
    assert cleaned(kept, "image/heic") == kept


def test_the_picture_its_grid_and_how_it_is_turned_stay_where_they_were() -> None:
    """Properties keep their numbers: that of the third must not become that of the second."""
    picture = telephone_picture()
    kept = cleaned(picture, "image/heic")
    for part in (*TILES, GRID, box(b"irot", b"\3"), b"Exif", b"application/rdf+xml"):
        assert kept.index(part) == picture.index(part)
    assert kept[picture.index(EXIF) :].startswith(b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    meta = dict(boxes(kept))[b"meta"]
    properties = dict(boxes(dict(boxes(meta, 4))[b"iprp"]))[b"ipco"]
    assert [kind for kind, _ in boxes(properties)] == [b"ispe", b"free", b"free", b"free", b"irot"]


@pytest.mark.parametrize("primary", [EXIF_ITEM, XMP_ITEM, OLD_ITEM, 77])
def test_a_picture_of_an_unknown_kind_is_refused(primary: int) -> None:
    """A whole JPEG inside, for one, may tell all that a JPEG may."""
    with pytest.raises(BrokenPictureError, match="unknown kind"):
        cleaned(telephone_picture(primary=primary), "image/heic")


@pytest.mark.parametrize(
    ("grid_place", "why"),
    [
        (place(GRID_ITEM, 0, 0, method=1), "how long"),
        (place(GRID_ITEM, 10, 50), "outside"),
        (place(GRID_ITEM, 0, 700), "outside"),
        (place(GRID_ITEM, 10, 50, method=7), "none may be"),
        (struct.pack(">HHHH", GRID_ITEM, 0, 0, 65_535), "too early"),
    ],
)
def test_a_picture_that_lies_elsewhere_than_in_the_data_is_refused(grid_place: bytes, why: str) -> None:
    """What it would take with it cannot be told."""
    with pytest.raises(BrokenPictureError, match=why):
        cleaned(telephone_picture(grid_place=grid_place), "image/heic")


def test_a_picture_that_lies_on_its_own_exif_is_refused() -> None:
    """One cannot be taken out without the other."""
    start = telephone_picture().index(EXIF)
    with pytest.raises(BrokenPictureError, match="on each other"):
        cleaned(telephone_picture(grid_place=place(GRID_ITEM, start - 4, 60)), "image/heic")


def one_picture(places: bytes) -> bytes:
    """A file with a picture, item 1, and Exif, item 2; `places` are its list of places after the version."""
    items = full(b"iinf", struct.pack(">H", 2) + entry(1, b"hvc1") + entry(2, b"Exif"))
    meta = full(b"meta", items + full(b"iloc", places))
    return box(b"ftyp", b"heic" + bytes(4) + b"mif1") + box(b"mdat", TOLD * 200) + meta


def test_a_list_of_places_that_take_no_bytes_is_refused() -> None:
    """Six bytes said 65 535 places, and a file of 400 kB kept a service busy for half an hour."""
    nowhere = b"\0\0" + struct.pack(">H", 1) + struct.pack(">HHH", 2, 0, 65_535)
    with pytest.raises(BrokenPictureError, match="too many parts"):
        cleaned(one_picture(nowhere), "image/heic")


@pytest.mark.parametrize("item", [1, 2])
def test_places_that_lie_on_each_other_take_no_time(item: int) -> None:
    """Each could be copied or blanked as often as the file has room for saying so, each time nearly all of it."""
    places = b"".join(struct.pack(">II", 40 + number % 90, 7_000) for number in range(40_000))
    one_on_another = b"\x44\0" + struct.pack(">H", 1) + struct.pack(">HHH", item, 0, 40_000) + places
    began = time.process_time()
    with pytest.raises(BrokenPictureError):
        cleaned(one_picture(one_on_another), "image/heic")
    assert time.process_time() - began < 2


def test_two_places_of_exif_that_are_one_are_blanked_once() -> None:
    """Harmless, and the picture beside them stays."""
    places = b"\x44\0" + struct.pack(">H", 2) + struct.pack(">HHHII", 1, 0, 1, 40, 30)
    places += struct.pack(">HHH", 2, 0, 2) + struct.pack(">II", 100, 500) * 2
    picture = one_picture(places)
    kept = cleaned(picture, "image/heic")
    assert kept[40:70] == picture[40:70]
    assert TOLD not in kept


def test_a_film_without_a_picture_is_refused() -> None:
    """And so is a list of items that does not say where they are."""
    film = box(b"ftyp", b"heic" + bytes(4) + b"msf1") + box(b"moov", b"") + box(b"mdat", TOLD)
    with pytest.raises(BrokenPictureError, match="no picture"):
        cleaned(film, "image/heic")
    with pytest.raises(BrokenPictureError, match="not said"):
        cleaned(film + full(b"meta", full(b"pitm", b"\0\1")), "image/heic")
    with pytest.raises(BrokenPictureError, match="twice"):
        cleaned(film + full(b"meta", full(b"pitm", b"\0\1") * 2), "image/heic")
