"""HEIF, by which HEIC and AVIF are built (ISO/IEC 23008-12, 14496-12): boxes in boxes, and items in `mdat`.

Items are found by their place in the file, so everything keeps its place: what tells is blanked where it stands.
How the picture is turned is one of its own properties (`irot`, `imir`), which stay.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.intake.pictures.broken import BrokenPictureError, refuse_too_many

_KEPT_AT_THE_TOP = frozenset({b"ftyp", b"meta", b"mdat"})
_KEPT_IN_META = frozenset({b"hdlr", b"dinf", b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"idat", b"grpl"})
_KEPT_IN_PROPERTIES = frozenset({b"ipco", b"ipma"})
_KEPT_OF_PROPERTIES = frozenset(
    (
        b"ispe pixi colr pasp clap irot imir auxC rloc lsel clli mdcv cclv amve reve ndwt iscl a1op a1lx oinf tols "
        b"hvcC lhvC avcC vvcC evcC av1C j2kH uncC cmpd cmpC icef sbpm cpat splz"
    ).split()
)
"""What the picture is decoded and shown by: neither a description, nor words for who cannot see it, nor a time."""
_PICTURES = frozenset(
    b"hvc1 hev1 lhv1 lhe1 avc1 avc3 vvc1 evc1 av01 j2k1 unci mski grid iovl iden tmap sato".split()
)
"""Items that are a picture or made of some; all others tell: Exif, XMP, documents. A whole JPEG could hold its own."""
_WITHOUT_BYTES = b"iden"
_IN_FILE, _IN_DATA, _IN_ITEM = 0, 1, 2
"""Where places count from: the file, the box `idat`, or another item."""
_NO_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
"""Exif that says nothing, as an item has it."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


@dataclass(slots=True)
class _Found:
    """Where in the file something lies: begins and lengths."""

    data: list[_Box] = field(default_factory=list)
    pictures: set[tuple[int, int]] = field(default_factory=set)
    telling: set[tuple[int, int]] = field(default_factory=set)
    exif: set[tuple[int, int]] = field(default_factory=set)


def cleaned(content: bytes) -> bytes:
    """Leaves the picture and what it is shown by; blanks all else, also what no item speaks of (any more)."""
    made, found = bytearray(content), _Found()
    for box in _boxes(made, 0, len(made)):
        if box.kind == b"meta":
            _clean_items(made, box, found)
        elif box.kind == b"mdat":
            found.data.append(box)
        elif box.kind not in _KEPT_AT_THE_TOP:
            _free(made, box)
    if not found.pictures:
        raise BrokenPictureError("there is no picture in it")
    _leave_only_pictures(made, content, found)
    return bytes(made)


def _leave_only_pictures(made: bytearray, content: bytes, found: _Found) -> None:
    """Raises BrokenPictureError where what tells cannot be taken out without what is shown."""
    found.data.sort(key=lambda box: box.body)
    for box in found.data:
        made[box.body : box.end] = bytes(box.end - box.body)
    # Places that lie on each other would take hours: together they are never longer than the file.
    if max(sum(length for _, length in places) for places in (found.pictures, found.telling)) > len(content):
        raise BrokenPictureError("its items lie on each other")
    for start, length in found.pictures:
        if not _is_data(found.data, start, length):
            raise BrokenPictureError("an item lies outside of it")
        made[start : start + length] = content[start : start + length]
    for start, length in found.telling:
        if made.count(0, start, start + length) != length:
            raise BrokenPictureError("its items lie on each other")
    for start, length in found.exif:
        if length >= len(_NO_EXIF) and _is_data(found.data, start, length):
            made[start : start + len(_NO_EXIF)] = _NO_EXIF


def _is_data(data: Sequence[_Box], start: int, length: int) -> bool:
    at = bisect_right(data, start, key=lambda box: box.body) - 1
    return at >= 0 and start + length <= data[at].end


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


def _free_others(content: bytearray, start: int, end: int, kept: frozenset[bytes]) -> list[_Box]:
    """Frees boxes but for those of the kinds that are kept, which it returns."""
    boxes = list(_boxes(content, start, end))
    for box in boxes:
        if box.kind not in kept:
            _free(content, box)
    return [box for box in boxes if box.kind in kept]


def _clean_items(content: bytearray, meta: _Box, found: _Found) -> None:
    kept = _free_others(content, meta.body + 4, meta.end, _KEPT_IN_META)
    within = {box.kind: box for box in kept}
    if len(within) < len(kept):
        raise BrokenPictureError("something of it is said twice")
    if b"iinf" not in within or b"iloc" not in within:
        raise BrokenPictureError("what is in it is not said")
    _clean_beside_items(content, within)
    kinds = dict(_items(content, within[b"iinf"]))
    if (shown := within.get(b"pitm")) and kinds.get(_primary(content, shown)) not in _PICTURES:
        raise BrokenPictureError("the picture is of an unknown kind")
    data = within.get(b"idat")
    if data:
        found.data.append(data)
    for item, method, extents in _places(content, within[b"iloc"]):
        _find(found, kinds.get(item, b""), method, _from(data, method, extents))


def _clean_beside_items(content: bytearray, within: Mapping[bytes, _Box]) -> None:
    """The name of the handler, the names of other files, descriptions among the properties."""
    if handler := within.get(b"hdlr"):
        _blank(content, handler.body + 24, handler.end)
    if dinf := within.get(b"dinf"):
        for references in _free_others(content, dinf.body, dinf.end, frozenset({b"dref"})):
            for entry in _boxes(content, references.body + 8, references.end):
                _blank(content, entry.body + 4, entry.end)
    if iprp := within.get(b"iprp"):
        for box in _free_others(content, iprp.body, iprp.end, _KEPT_IN_PROPERTIES):
            if box.kind == b"ipco":
                # They are known by their number, which stays.
                _free_others(content, box.body, box.end, _KEPT_OF_PROPERTIES)


def _from(data: _Box | None, method: int, extents: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Places counted from the beginning of the file."""
    base = data.body if method == _IN_DATA and data else 0
    return [(base + start, length) for start, length in extents]


def _find(found: _Found, kind: bytes, method: int, extents: Sequence[tuple[int, int]]) -> None:
    if kind not in _PICTURES:
        if method in {_IN_FILE, _IN_DATA}:
            found.telling.update(extents)
            found.exif.update(extents[:1] if kind == b"Exif" else ())
    elif method in {_IN_FILE, _IN_DATA}:
        # Without a length an item goes on to the end, and would keep what is not its own.
        if kind != _WITHOUT_BYTES and not all(length for _, length in extents):
            raise BrokenPictureError("how long an item is is not said")
        found.pictures.update(place for place in extents if place[1])
    elif method != _IN_ITEM:
        raise BrokenPictureError("an item is where none may be")


def _blank(content: bytearray, start: int, end: int) -> None:
    if start < end:
        content[start:end] = bytes(end - start)


def _primary(content: bytearray, pitm: _Box) -> int:
    (item,) = struct.unpack_from(">I" if content[pitm.body] else ">H", content, pitm.body + 4)
    return int(item)


def _items(content: bytearray, iinf: _Box) -> Iterator[tuple[int, bytes]]:
    """The kind of each item; its name, which somebody may have chosen, is made one of spaces."""
    version = content[iinf.body]
    first = iinf.body + 4 + (4 if version else 2)
    for entry in _boxes(content, first, iinf.end):
        if entry.kind != b"infe":
            _free(content, entry)
            continue
        infe_version, name = content[entry.body], entry.body + 8
        if infe_version >= 2:  # noqa: PLR2004 - the first that has kinds
            layout = ">IH4s" if infe_version > 2 else ">HH4s"  # noqa: PLR2004 - the first with long ids
            item, _, kind = struct.unpack_from(layout, content, entry.body + 4)
            yield item, kind
            name = entry.body + 4 + struct.calcsize(layout)
        end = content.find(0, name, entry.end)
        length = (entry.end if end < 0 else end) - name
        content[name : name + length] = b" " * length


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
