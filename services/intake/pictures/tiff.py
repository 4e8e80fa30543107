"""TIFF 6.0: directories of tags, whose values stand anywhere in the file. They are blanked where they stand."""

import struct

from services.intake.pictures.broken import BrokenPictureError

_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes that a value of each type takes."""
_TELLING = frozenset(
    {
        269, 270, 271, 272, 285, 305, 306, 315, 316,  # document, description, make, model, page, software, time, artist, host
        700, 18246, 18249, 33432, 33723, 34377,  # XMP, ratings, copyright, IPTC, Photoshop
        40091, 40092, 40093, 40094, 40095, 42112, 42113,  # Windows' titles and comments; GDAL's
        *range(36864, 37501), *range(41483, 41996), *range(42016, 42241),  # Exif's own, where they stand among the rest
    }
)  # fmt: skip
_POINTERS = frozenset({34665, 34853, 40965})
"""To directories that tell nothing else: Exif, GPS, interoperability."""
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
        kept = b""
        for start in range(at + 2, end, 12):
            tag, kind, values, value = struct.unpack_from(f"{self._order}HHII", self.content, start)
            size = _SIZES.get(kind, 1) * values
            if tag in _POINTERS:
                self.clean(value, wholly=True)
            elif tag == _SUB_DIRECTORIES:
                self._clean_sub_directories(start + 8 if values == 1 else value, values)
            if wholly or tag in _TELLING or tag in _POINTERS:
                if size > 4:  # noqa: PLR2004 - what has room in the entry itself
                    self._blank(value, size)
            else:
                kept += self.content[start : start + 12]
        kept_count = struct.pack(f"{self._order}H", len(kept) // 12)
        written = kept_count + kept + struct.pack(f"{self._order}I", following)
        self.content[at : end + 4] = written + bytes(end + 4 - at - len(written))
        return int(following)

    def _clean_sub_directories(self, at: int, count: int) -> None:
        for each in struct.unpack_from(f"{self._order}{min(count, _MOST_DIRECTORIES)}I", self.content, at):
            self.clean(each)

    def _blank(self, at: int, size: int) -> None:
        if at + size > len(self.content):
            raise BrokenPictureError("a value lies outside of it")
        self.content[at : at + size] = bytes(size)
