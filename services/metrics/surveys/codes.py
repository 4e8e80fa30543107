"""One-time codes: enough of them to be guessed by nobody, written so that nobody misreads them.

Only a code's hash is kept, and a used one is deleted: what is left says how many have answered, not who.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from hashlib import sha256

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_HALF = 5
_NOT_IN_A_CODE = re.compile(f"[^{_ALPHABET}]")
Choose = Callable[[Sequence[str]], str]


def new_code(choose: Choose = secrets.choice) -> str:
    """Two groups of five: 49 bits."""
    return "-".join("".join(choose(_ALPHABET) for _ in range(_HALF)) for _ in range(2))


def new_survey_id(choose: Choose = secrets.choice) -> str:
    """Six characters: short enough for a poster."""
    return "".join(choose(_ALPHABET) for _ in range(6))


def hashed(survey_id: str, code: str) -> bytes:
    """What is kept of a code, however its hyphen and case were typed."""
    return sha256(f"{survey_id} {_NOT_IN_A_CODE.sub('', code.lower())}".encode()).digest()
