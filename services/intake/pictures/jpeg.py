"""JPEG (ITU-T T.81): segments, each with a marker, and the coded picture between them."""

import re
import struct
from collections.abc import Iterator

from services.intake.pictures import exif
from services.intake.pictures.broken import BrokenPictureError, refuse_too_many

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a segment: they stand in coded data, if anywhere."""
_APP0, _APP1, _APP15, _COMMENT = 0xE0, 0xE1, 0xEF, 0xFE
_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Of the applications' segments those that colours and size are read by."""
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends coded data: neither a stuffed byte, nor a restart, nor filling."""


def cleaned(content: bytes) -> bytes:
    """Drops comments and applications' segments, and whatever follows the picture: previews, videos, more pictures."""
    kept, orientation, has_scan = [content[:2]], exif.UPRIGHT, False
    for number, (marker, part) in enumerate(_parts(content)):
        refuse_too_many(number)
        payload = part[4:]
        if marker == _APP1 and payload.startswith(exif.HEADER) and orientation == exif.UPRIGHT:
            orientation = exif.orientation(payload[len(exif.HEADER) :])
        if _is_kept(marker, payload):
            kept.append(part)
        has_scan = has_scan or marker == _SCAN
    if not has_scan:
        raise BrokenPictureError("there is no picture in it")
    if orientation != exif.UPRIGHT:
        kept.insert(2 if kept[1].startswith(b"\xff\xe0") else 1, _segment_saying(orientation))
    return b"".join(kept)


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The markers after the first, each with its segment, and the coded data where such follow it."""
    at = 2
    while at < len(content):
        marker, body = _marker(content, at)
        if marker == _END:
            yield marker, b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", content, body)
        end = body + length
        if marker in _ALONE or length < 2 or end > len(content):  # noqa: PLR2004 - the length's own bytes
            raise BrokenPictureError("its segments are not in order")
        if marker == _SCAN:
            found = _NEXT_MARKER.search(content, end)
            end = found.start() if found else len(content)  # cut off; what has come is shown
        yield marker, b"\xff" + content[body - 1 : end]
        at = end


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The marker that stands here, and where what follows it begins."""
    if content[at] != 0xFF:  # noqa: PLR2004 - what every marker begins with
        raise BrokenPictureError("a marker is missing")
    while content[at + 1] == 0xFF:  # noqa: PLR2004 - filling
        at += 1
    return content[at + 1], at + 2


def _is_kept(marker: int, payload: bytes) -> bool:
    if marker in _KEPT:
        return payload.startswith(_KEPT[marker])
    return not (_APP0 <= marker <= _APP15) and marker not in {_COMMENT, _START}


def _segment_saying(orientation: int) -> bytes:
    payload = exif.HEADER + exif.saying_only(orientation)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(payload)) + payload
