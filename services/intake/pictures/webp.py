"""WebP (RFC 9649): RIFF chunks, each with a name, padded to an even length."""

import struct

from services.intake.pictures import exif
from services.intake.pictures.broken import BrokenPictureError, refuse_too_many

_HEADER = 12
_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"})
_SHOWN = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
_SAYS_EXIF, _SAYS_XMP = 0x08, 0x04


def cleaned(content: bytes) -> bytes:
    """Drops Exif, XMP and unknown chunks, and whatever follows the last one."""
    end = 8 + struct.unpack_from("<I", content, 4)[0]
    kept: list[tuple[bytes, bytes]] = []
    orientation, at, met = exif.UPRIGHT, _HEADER, 0
    while at < end:
        met += 1
        refuse_too_many(met)
        name, length = struct.unpack_from("<4sI", content, at)
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            raise BrokenPictureError("a chunk ends too early")
        if name == b"EXIF":
            orientation = exif.orientation(data.removeprefix(exif.HEADER))
        if name in _KEPT:
            kept.append((name, data))
        at += 8 + length + length % 2
    if _SHOWN.isdisjoint(name for name, _ in kept):
        raise BrokenPictureError("there is no picture in it")
    name, features = kept[0]
    if name == b"VP8X":
        flags = features[0] & ~(_SAYS_EXIF | _SAYS_XMP)
        if orientation != exif.UPRIGHT:
            flags |= _SAYS_EXIF
            kept.append((b"EXIF", exif.saying_only(orientation)))
        kept[0] = name, bytes((flags,)) + features[1:]
    body = b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in kept)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
