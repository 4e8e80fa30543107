"""The envelope's sender of each mail: it names the message, so that what comes back says what it was (VERP)."""

import hashlib
import hmac
import re
from base64 import b32encode
from uuid import UUID

SIGNATURE_BYTES = 10
_LOCAL_PART = re.compile(r"bounce\+([0-9a-f]{32})\.([a-z2-7]{16})", re.IGNORECASE)


class UnknownAddressError(ValueError):
    """An address that no mail of ours was ever sent from."""


class ForgedAddressError(ValueError):
    """An address of our form with a signature that is not ours."""


class ReturnPaths:
    """Makes and reads addresses such as `bounce+<message id>.<signature>@domain`.

    The signature keeps strangers from telling us that a message did not arrive. Capitals are as good as small
    letters: mail servers on the way may change them.

    :param secret: the secret that the services share.
    """

    def __init__(self, secret: str, domain: str) -> None:
        self._key = hashlib.sha256(f"return path {secret}".encode()).digest()
        self._domain = domain

    def address(self, message: UUID) -> str:
        """Where a failed delivery of this message is reported to."""
        return f"bounce+{message.hex}.{self._signature(message)}@{self._domain}"

    def message(self, address: str) -> UUID:
        """The message an address was made for. Raises UnknownAddressError or ForgedAddressError."""
        local_part, _, domain = address.rpartition("@")
        found = _LOCAL_PART.fullmatch(local_part)
        if found is None or domain.casefold() != self._domain.casefold():
            raise UnknownAddressError
        message = UUID(hex=found[1])
        if not hmac.compare_digest(found[2].lower(), self._signature(message)):
            raise ForgedAddressError
        return message

    def _signature(self, message: UUID) -> str:
        digest = hmac.digest(self._key, message.bytes, "sha256")
        return b32encode(digest[:SIGNATURE_BYTES]).decode().lower()
