"""HEIF, by which HEIC and AVIF are built (ISO/IEC 23008-12, 14496-12): boxes in boxes, and items in `mdat`.

Items are found by their place in the file, so everything keeps its place: metadata are blanked where they stand.
How the picture is turned is one of its own properties (`irot`, `imir`), which stay.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.pictures.broken import BrokenPictureError, refuse_too_many

_KEPT_AT_THE_TOP = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"styp", b"sidx", b"moof", b"idat"})
_TELLING_IN_MOVIES = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip"})
_TELLING_ITEMS = frozenset({b"Exif", b"mime", b"uri "})
"""Exif; XMP and whatever else is a document of its own."""
_IN_FILE, _IN_DATA = 0, 1
"""Where places count from: the file, or the box `idat`."""
_NO_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
"""Exif that says nothing, as an item has it."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


def cleaned(content: bytes) -> bytes:
    """Blanks Exif, XMP and what follows or surrounds the picture: notes of programs, videos."""
    made = bytearray(content)
    has_picture = False
    for box in _boxes(made, 0, len(made)):
        if box.kind == b"meta":
            has_picture = True
            _clean_items(made, box)
        elif box.kind == b"moov":
            has_picture = True
            _clean_movie(made, box)
        elif box.kind not in _KEPT_AT_THE_TOP:
            _free(made, box)
    if not has_picture:
        raise BrokenPictureError("there is no picture in it")
    return bytes(made)


def _boxes(content: bytearray, at: int, end: int) -> Iterator[_Box]:
    met = 0
    while at < end:
        met += 1
        refuse_too_many(met)
        size, kind = struct.unpack_from(">I4s", content, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, body)
            body += 8
        box_end = end if size == 0 else at + size
        if box_end > end or box_end < body:
            raise BrokenPictureError("a box ends outside of the one it is in")
        yield _Box(kind, at, body, box_end)
        at = box_end


def _free(content: bytearray, box: _Box) -> None:
    """Makes a box one that everybody skips, with nothing in it."""
    content[box.start + 4 : box.start + 8] = b"free"
    content[box.body : box.end] = bytes(box.end - box.body)


def _clean_movie(content: bytearray, movie: _Box) -> None:
    for box in _boxes(content, movie.body, movie.end):
        for inner in _boxes(content, box.body, box.end) if box.kind == b"trak" else (box,):
            if inner.kind in _TELLING_IN_MOVIES:
                _free(content, inner)


def _clean_items(content: bytearray, meta: _Box) -> None:
    within = {box.kind: box for box in _boxes(content, meta.body + 4, meta.end)}
    if b"iinf" not in within:
        return
    telling = dict(_telling_items(content, within[b"iinf"]))
    if not telling:
        return
    if b"iloc" not in within:
        raise BrokenPictureError("where its items are is not said")
    data, left = within.get(b"idat"), len(content)
    for item, method, extents in _places(content, within[b"iloc"]):
        kind = telling.get(item)
        if kind is None:
            continue
        if method not in {_IN_FILE, _IN_DATA} or (method == _IN_DATA and data is None):
            raise BrokenPictureError("an item is where none of its kind may be")
        base = data.body if method == _IN_DATA and data else 0
        for number, (start, length) in enumerate(extents):
            # Items that lie on each other would be blanked for hours: together they are never longer than the file.
            left -= length
            if left < 0:
                raise BrokenPictureError("its items lie on each other")
            is_begin_of_exif = kind == b"Exif" and number == 0
            _blank(content, base + start, length, _NO_EXIF if is_begin_of_exif else b"")


def _blank(content: bytearray, start: int, length: int, instead: bytes) -> None:
    # Without a length an item goes on to the end, and would take the picture with it.
    if not length or start + length > len(content):
        raise BrokenPictureError("an item lies outside of it")
    content[start : start + length] = (instead if len(instead) <= length else b"").ljust(length, b"\0")


def _telling_items(content: bytearray, iinf: _Box) -> Iterator[tuple[int, bytes]]:
    version = content[iinf.body]
    first = iinf.body + 4 + (4 if version else 2)
    for entry in _boxes(content, first, iinf.end):
        if entry.kind != b"infe":
            continue
        infe_version = content[entry.body]
        if infe_version < 2:  # noqa: PLR2004 - the first that has kinds
            continue
        item, _, kind = struct.unpack_from(
            ">IH4s" if infe_version > 2 else ">HH4s",  # noqa: PLR2004 - the first with long ids
            content,
            entry.body + 4,
        )
        if kind in _TELLING_ITEMS:
            yield item, kind


def _places(content: bytearray, iloc: _Box) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Of each item its id, where its places count from, and its places with their lengths."""
    reader = _Reader(content, iloc.body)
    version = reader.number(1)
    reader.number(3)
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    has_method, met = version in {1, 2}, 0
    for _ in range(reader.number(4 if version > 1 else 2)):
        item = reader.number(4 if version > 1 else 2)
        method = reader.number(2) & 15 if has_method else 0
        reader.number(2)
        base = reader.number(base_size)
        extents = []
        for _ in range(reader.number(2)):
            # Numbers may take no bytes, so that a short list could be one of millions.
            met += 1
            refuse_too_many(met)
            if has_method:
                reader.number(index_size)
            start = reader.number(offset_size)
            extents.append((base + start, reader.number(length_size)))
        if reader.at > iloc.end:
            raise BrokenPictureError("the list of its items ends too early")
        yield item, method, extents


class _Reader:
    def __init__(self, content: bytearray, at: int) -> None:
        self._content = content
        self.at = at

    def number(self, size: int) -> int:
        """The next number, of so many bytes; 0 of none."""
        read = self._content[self.at : self.at + size]
        self.at += size
        if len(read) < size:
            raise BrokenPictureError("it ends too early")
        return int.from_bytes(read, "big")
