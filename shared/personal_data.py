"""Finds Norwegian national identity numbers and ways to reach people in what somebody wrote, to be taken out.

Eleven digits are one when they begin with a day and both check digits fit: fødselsnummer, D-number (day + 40)
and synthetic test numbers (month + 80 or + 40). From 2032 the first check digit's sum may leave 0 to 3.
Source: Skatteetaten, "Fødselsnummer" and "Nytt fødselsnummer fra 2032".
"""

import re

_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_MODULUS = 11
_REMAINDERS_FROM_2032 = frozenset({0, 1, 2, 3})
_D_NUMBER = 40
_MONTH_SHIFTS = (0, 80, 40)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# As people write them: 01019012345, 010190 12345, 01.01.90 12345, 010190-12345.
_CANDIDATE = re.compile(r"(?<!\d)(\d{2})[ .]?(\d{2})[ .]?(\d{2})[\s.\-–/]{0,2}(\d{5}|\d{3} \d{2})(?!\d)")


_REACHED = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+"  # an e-mail address
    r"|(?<![\d.])(?:\+47[ ]?)?[2-9]\d(?:[ ]?\d\d){3}(?![\d])"  # a Norwegian phone number, in pairs
    r"|(?<!\d)\d{6}[ ]?\d{5}(?!\d)"  # a national identity number with a slip of the pen in it
    r"|(?<![\d.])(?:\+47[ ]?)?[49]\d\d[ ]\d\d[ ]\d\d\d(?!\d)"  # a mobile number, as it is grouped
)


def mentions_contact(text: str) -> bool:
    """Whether an e-mail address, or a number that looks like somebody's own, stands anywhere in the text."""
    return bool(_REACHED.search(text))


def mentions_identity_number(text: str) -> bool:
    """Whether a national identity number stands anywhere in the text."""
    return any(is_identity_number(_digits(match[0])) for match in _CANDIDATE.finditer(text))


def is_identity_number(digits: str) -> bool:
    """Whether eleven digits are a number somebody can have."""
    return (
        len(digits) == len(_SECOND_WEIGHTS)
        and digits.isascii()
        and digits.isdecimal()
        and _begins_with_a_day(digits)
        and _remainder(digits, _FIRST_WEIGHTS) in _REMAINDERS_FROM_2032
        and _remainder(digits, _SECOND_WEIGHTS) == 0
    )


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _begins_with_a_day(digits: str) -> bool:
    day, month = int(digits[:2]), int(digits[2:4])
    if day > _D_NUMBER:
        day -= _D_NUMBER
    return any(
        1 <= month - shift <= len(_DAYS) and 1 <= day <= _DAYS[month - shift - 1] for shift in _MONTH_SHIFTS
    )


def _remainder(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % _MODULUS
