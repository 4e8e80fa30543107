"""The text of an SMS: in the alphabet that phones share, and no longer than two parts."""

import unicodedata

PARTS = 2
_SINGLE, _JOINED = 160, 153
"""Septets of a message that stands alone, and of each part of a longer one (3GPP TS 23.040)."""
LONGEST = PARTS * _JOINED

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The GSM 7-bit default alphabet (3GPP TS 23.038): one septet each."""
_EXTENDED = frozenset("^{}\\[~]|€")
"""Two septets each."""
_LIKE = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...",
                       "\u00a0": " ", "Đ": "D", "đ": "d", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t"})  # fmt: skip


def plain(text: str) -> str:
    """The text in the GSM alphabet: one character outside it would more than halve what fits.

    Accents that the alphabet lacks are left out (`Kárášjohka` becomes `Karasjohka`), the rest is a `?`.
    """
    return "".join(_plain(character) for character in text.translate(_LIKE))


def septets(text: str) -> int:
    """How much room a plain text takes."""
    return sum(1 + (character in _EXTENDED) for character in text)


def parts(text: str) -> int:
    """How many parts a plain text is sent as."""
    length = septets(text)
    return 1 if length <= _SINGLE else -(-length // _JOINED)


def _plain(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in _BASIC else "?"
