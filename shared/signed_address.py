"""E-mail addresses that say what they are about, and that nobody but us can make (as VERP does)."""

import hashlib
import hmac
import re
from base64 import b32encode
from uuid import UUID

BOUNCE = "bounce"
"""Of a mail: what comes there says that it did not arrive (VERP)."""
REPLY = "svar"
"""Of a case: what comes there is added to it."""
SIGNATURE_BYTES = 10


class UnknownAddressError(ValueError):
    """An address that we never made."""


class ForgedAddressError(ValueError):
    """An address of our form with a signature that is not ours."""


class SignedAddresses:
    """Makes and reads addresses such as `svar+<id>.<signature>@domain`.

    The signature keeps strangers from guessing them. Capitals are as good as small letters: mail servers on
    the way may change them.

    :param purpose: what stands before the plus; the signature of one purpose is none for another.
    :param secret: the secret that the services share.
    """

    def __init__(self, purpose: str, secret: str, domain: str) -> None:
        self._purpose = purpose
        self._key = hashlib.sha256(f"{purpose} {secret}".encode()).digest()
        self._domain = domain
        self._local_part = re.compile(
            rf"{re.escape(purpose)}\+([0-9a-f]{{32}})\.([a-z2-7]{{16}})", re.IGNORECASE | re.ASCII
        )

    def of(self, about: UUID) -> str:
        """The address of what has this id."""
        return f"{self._purpose}+{about.hex}.{self._signature(about)}@{self._domain}"

    def read(self, address: str) -> UUID:
        """The id an address was made of. Raises UnknownAddressError or ForgedAddressError."""
        local_part, _, domain = address.rpartition("@")
        found = self._local_part.fullmatch(local_part)
        if found is None or domain.casefold() != self._domain.casefold():
            raise UnknownAddressError
        about = UUID(hex=found[1])
        if not hmac.compare_digest(found[2].lower(), self._signature(about)):
            raise ForgedAddressError
        return about

    def _signature(self, about: UUID) -> str:
        digest = hmac.digest(self._key, about.bytes, "sha256")
        return b32encode(digest[:SIGNATURE_BYTES]).decode().lower()
