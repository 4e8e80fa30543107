"""Exif: how a camera says, among much else, which way up the picture is (CIPA DC-008, TIFF 6.0)."""

import struct

HEADER = b"Exif\0\0"
UPRIGHT = 1
_ORIENTATION = 0x0112
_SHORT = 3
_TURNED = range(2, 9)
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


def orientation(exif: bytes) -> int:
    """Which way the picture is to be turned, 1 to 8; upright where that is not said, or not in order."""
    order = _BYTE_ORDERS.get(exif[:4])
    if order is None:
        return UPRIGHT
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, at + 2 + 12 * number)
            if tag == _ORIENTATION:
                return value if value in _TURNED else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT


def saying_only(orientation: int) -> bytes:
    """Exif that says which way up, and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
