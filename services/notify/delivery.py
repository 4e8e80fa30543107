"""What came of a try to hand a message over, whatever it is handed to."""

from dataclasses import dataclass


class ServerAwayError(Exception):
    """The mail server or gateway cannot be reached, or does not let us in: no fault of any message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the server said about a message, in codes: its words may quote an address.

    :param error: None where it took the message over.
    :param final: no further try makes sense.
    """

    error: str | None = None
    code: int | None = None
    final: bool = False

    @property
    def sent(self) -> bool:
        """The server has taken responsibility."""
        return self.error is None
