"""TIFF 6.0: directories of tags, whose values stand anywhere in the file. They are blanked where they stand."""

import struct

from services.intake.pictures.broken import BrokenPictureError

_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes that a value of each type takes."""
_SHOWN_BY = frozenset(
    {
        254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284,  # the picture, which way up
        282, 283, 286, 287, 296, 297, 288, 289, 290, 291, 292, 293, 301, 317, 318, 319, 320, 321,  # size, page, colours
        322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 342,  # tiles, inks, samples
        347, *range(512, 522), *range(529, 533), 559, 34675,  # JPEG inside, colours again, the ICC profile
    }
)  # fmt: skip
"""What is needed to show it."""
_POINTERS = frozenset({34665, 34853, 40965})
"""To directories that tell nothing else: Exif, GPS, interoperability."""
_DIRECTORY = 13
"""The type of a value that points to a directory."""
_SUB_DIRECTORIES = 330
_MOST_DIRECTORIES = 100


def cleaned(content: bytes) -> bytes:
    """Blanks what tells of place, time, camera and people."""
    order = _BYTE_ORDERS.get(content[:4])
    if order is None:
        raise BrokenPictureError("its header is missing")
    directories = _Directories(bytearray(content), order)
    (first,) = struct.unpack_from(f"{order}I", content, 4)
    directories.clean(first)
    return bytes(directories.content)


class _Directories:
    def __init__(self, content: bytearray, order: str) -> None:
        self.content = content
        self._order = order
        self._met: set[int] = set()
        self._left = len(content)

    def clean(self, at: int, *, wholly: bool = False) -> None:
        """A directory and those that follow it; `wholly` leaves nothing of them."""
        while at:
            if at in self._met or len(self._met) >= _MOST_DIRECTORIES:
                raise BrokenPictureError("its directories go round in circles")
            self._met.add(at)
            at = self._clean_one(at, wholly=wholly)

    def _clean_one(self, at: int, *, wholly: bool) -> int:
        (count,) = struct.unpack_from(f"{self._order}H", self.content, at)
        end = at + 2 + 12 * count
        (following,) = struct.unpack_from(f"{self._order}I", self.content, end)
        kept = bytearray()
        for start in range(at + 2, end, 12):
            tag, kind, values, value = struct.unpack_from(f"{self._order}HHII", self.content, start)
            size = _SIZES.get(kind, 1) * values
            if tag == _SUB_DIRECTORIES:
                self._clean_sub_directories(start + 8 if values == 1 else value, values)
            elif tag in _POINTERS or (kind == _DIRECTORY and values == 1):
                self.clean(value, wholly=True)
            if not wholly and tag in {_SUB_DIRECTORIES, *_SHOWN_BY}:
                kept += self.content[start : start + 12]
            elif size > 4:  # noqa: PLR2004 - what has room in the entry itself
                self._blank(value, size)
        kept_count = struct.pack(f"{self._order}H", len(kept) // 12)
        written = kept_count + kept + struct.pack(f"{self._order}I", following)
        self.content[at : end + 4] = written + bytes(end + 4 - at - len(written))
        return int(following)

    def _clean_sub_directories(self, at: int, count: int) -> None:
        for each in struct.unpack_from(f"{self._order}{min(count, _MOST_DIRECTORIES)}I", self.content, at):
            self.clean(each)

    def _blank(self, at: int, size: int) -> None:
        # Values that lie on each other would be blanked for hours: together they are never longer than the file.
        self._left -= size
        if at + size > len(self.content) or self._left < 0:
            raise BrokenPictureError("a value lies outside of it, or on another")
        self.content[at : at + size] = bytes(size)
