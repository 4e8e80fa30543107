"""The two ways a message goes: as a mail, or as a text message."""

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from services.notify.delivery import Delivery
from services.notify.letters import Letters
from services.notify.matters import Addressee, Collection, Matter
from services.notify.messages import Medium
from services.notify.short_messages import ShortMessages


class MailServer(Protocol):
    """A connection to a mail server."""

    async def hand_over(self, mail: EmailMessage, *, sender: str | None = None) -> Delivery:
        """Tries once. Raises ServerAwayError."""
        ...

    async def close(self) -> None:
        """Ends the connection."""
        ...


class Gateway(Protocol):
    """A connection to an SMS gateway."""

    async def hand_over(self, message: UUID, *, sender: str, to: str, text: str) -> Delivery:
        """Tries once. Raises ServerAwayError."""
        ...

    async def close(self) -> None:
        """Ends the connection."""
        ...


class Carrier(Protocol):
    """Writes a message and hands it over."""

    @property
    def medium(self) -> Medium:
        """Which messages it carries."""
        ...

    async def carry(self, what: Matter | Collection, addressee: Addressee, *, at: datetime) -> Delivery:
        """Tries once. Raises ServerAwayError."""
        ...

    async def close(self) -> None:
        """Ends the connection."""
        ...


class ByMail:
    """Carries mails. With `return_path` each has a sender of its own, by which it is known if it comes back."""

    medium = Medium.EMAIL

    def __init__(
        self, letters: Letters, server: MailServer, return_path: Callable[[UUID], str] | None = None
    ) -> None:
        self._letters = letters
        self._server = server
        self._return_path = return_path

    async def carry(self, what: Matter | Collection, addressee: Addressee, *, at: datetime) -> Delivery:
        """Tries once. Raises ServerAwayError."""
        if isinstance(what, Collection):
            mail = self._letters.digest(what, addressee, at=at)
        else:
            mail = self._letters.mail(what, addressee, at=at)
        sender = self._return_path(what.id) if self._return_path else None
        return await self._server.hand_over(mail, sender=sender)

    async def close(self) -> None:
        """Ends the connection."""
        await self._server.close()


class BySms:
    """Carries text messages, to residents only."""

    medium = Medium.SMS

    def __init__(self, texts: ShortMessages, gateway: Gateway, sender: str) -> None:
        self._texts = texts
        self._gateway = gateway
        self._sender = sender

    async def carry(self, what: Matter | Collection, addressee: Addressee, *, at: datetime) -> Delivery:  # noqa: ARG002 - no date in it
        """Tries once. Raises ServerAwayError."""
        if isinstance(what, Collection):
            raise TypeError("a digest goes by mail")
        text = self._texts.text(what, addressee)
        return await self._gateway.hand_over(what.id, sender=self._sender, to=addressee.address, text=text)

    async def close(self) -> None:
        """Ends the connection."""
        await self._gateway.close()
