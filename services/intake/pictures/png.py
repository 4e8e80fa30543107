"""PNG (W3C PNG, third edition), animated too: chunks, each with a name and a checksum."""

import struct
import zlib

from services.intake.pictures import exif
from services.intake.pictures.broken import BrokenPictureError, refuse_too_many

_SIGNATURE = 8
_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
"""What is needed to show it."""


def cleaned(content: bytes) -> bytes:
    """Drops texts, times, Exif and unknown chunks, and whatever follows the last one."""
    kept, orientation, at, name = [content[:_SIGNATURE]], exif.UPRIGHT, _SIGNATURE, b""
    met = 0
    while name != b"IEND":
        met += 1
        refuse_too_many(met)
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise BrokenPictureError("a chunk ends too early")
        if at == _SIGNATURE and name != b"IHDR":
            raise BrokenPictureError("its header is missing")
        if name == b"eXIf":
            orientation = exif.orientation(content[at + 8 : at + 8 + length])
        if name in _KEPT:
            kept.append(content[at:end])
        at = end
    if orientation != exif.UPRIGHT:
        kept.insert(2, _chunk(b"eXIf", exif.saying_only(orientation)))
    return b"".join(kept)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
