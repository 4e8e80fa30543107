"""Identifiers: UUIDv7 keys, references people can say on the phone, and secrets that open one case."""

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a reference survives being read aloud."""

_BODY_LENGTH = 7
_MISREAD = str.maketrans("ILO", "110")
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:svarfrist")

RandomBytes = Callable[[int], bytes]


def new_id(at: datetime, random_bytes: RandomBytes = secrets.token_bytes) -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random; sorts by the time it was made."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(random_bytes(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def derived_id(*parts: object) -> UUID:
    """The same id for the same parts: what is derived twice from one cause gets one identity."""
    return uuid5(_NAMESPACE, "/".join(str(part) for part in parts))


def new_reference(random_bytes: RandomBytes = secrets.token_bytes) -> str:
    """A reference such as `7K3M-92QB`: seven random characters and a check character."""
    number = int.from_bytes(random_bytes(5), "big")
    body = ""
    for _ in range(_BODY_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        body += ALPHABET[digit]
    return _grouped(body + _check_character(body))


def parse_reference(text: str) -> str | None:
    """The reference in its one written form, or None where the check character does not fit.

    Spaces, hyphens and small letters are forgiven, and so are I and L for 1, and O for 0.
    """
    plain = "".join(character for character in text.upper() if character.isalnum()).translate(_MISREAD)
    if len(plain) != _BODY_LENGTH + 1 or any(character not in ALPHABET for character in plain):
        return None
    return _grouped(plain) if _check_character(plain[:-1]) == plain[-1] else None


def new_secret() -> str:
    """128 random bits that open one resident's case; URL-safe."""
    return secrets.token_urlsafe(16)


def _check_character(body: str) -> str:
    """ISO 7064 hybrid system (MOD M+1, M) for an alphabet of M characters.

    Catches every single wrong character and nearly every swap of two neighbours.
    """
    size = len(ALPHABET)
    product = size
    for character in body:
        total = (product + ALPHABET.index(character)) % size or size
        product = total * 2 % (size + 1)
    return ALPHABET[(size + 1 - product) % size]


def _grouped(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:]}"
