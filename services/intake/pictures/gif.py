"""GIF (89a), animated too: blocks, whose data come in pieces of at most 255 bytes."""

from services.intake.pictures.broken import BrokenPictureError, refuse_too_many

_SCREEN = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _TEXT, _APPLICATION = 0xF9, 0x01, 0xFF
_LOOPING = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_HAS_COLOURS, _HOW_MANY = 0x80, 0x07


def cleaned(content: bytes) -> bytes:
    """Drops comments and applications' blocks (XMP among them), and whatever follows the last block."""
    at = _SCREEN + _colours(content[10])
    kept, has_image, met = [content[:at]], False, 0
    while at < len(content) and content[at] != _TRAILER:
        met += 1
        refuse_too_many(met)
        start = at
        if content[at] == _IMAGE:
            at += 10 + _colours(content[at + 9]) + 1
            has_image = is_kept = True
        elif content[at] == _EXTENSION:
            label, name = content[at + 1], content[at + 3 : at + 14]
            is_kept = label in {_CONTROL, _TEXT} or (label == _APPLICATION and name in _LOOPING)
            at += 2
        else:
            raise BrokenPictureError("an unknown block")
        while content[at]:
            at += 1 + content[at]
        at += 1
        if is_kept:
            kept.append(content[start:at])
    if not has_image:
        raise BrokenPictureError("there is no picture in it")
    return b"".join(kept) + bytes((_TRAILER,))


def _colours(flags: int) -> int:
    """How many bytes the table of colours takes."""
    return 3 * 2 ** ((flags & _HOW_MANY) + 1) if flags & _HAS_COLOURS else 0
