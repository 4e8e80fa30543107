"""Dead letters: events that a service could not handle, kept whole until someone has looked."""

import json
from dataclasses import dataclass
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from deploy.errors import StackError
from shared.messaging import DEAD_STREAM
from shared.relay import STREAM

_OURS = ("svarfrist-", "Nats-")


class NoSuchDeadLetterError(StackError):
    """There is no dead letter with that number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"There is no dead letter {number}: `svarfrist dead-letters list` shows those there are."
        )


@dataclass(frozen=True)
class DeadLetter:
    """One event that failed for one service."""

    number: int
    service: str
    subject: str
    tries: int
    error: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, message: RawStreamMsg) -> "DeadLetter":
        """The letter in a message of the dead-letter stream."""
        headers = dict(message.headers or {})
        return cls(
            number=message.seq or 0,
            service=(message.subject or "").removeprefix("dead."),
            subject=headers.get("svarfrist-subject", ""),
            tries=int(headers.get("svarfrist-tries", "0")),
            error=headers.get("svarfrist-error", ""),
            headers=headers,
            body=message.data or b"",
        )

    @property
    def event_headers(self) -> dict[str, str]:
        """The headers the event came with."""
        return {name: value for name, value in self.headers.items() if not name.startswith(_OURS)}

    def summary(self) -> dict[str, Any]:
        """What a list shows."""
        return {
            "number": self.number,
            "service": self.service,
            "type": self.headers.get("ce-type", "unreadable"),
            "event": self.headers.get("ce-id"),
            "case": self.headers.get("ce-subject"),
            "time": self.headers.get("ce-time"),
            "tries": self.tries,
            "error": self.error,
        }

    def whole(self) -> dict[str, Any]:
        """Everything; events hold no personal data, so it may be shown."""
        try:
            body: Any = json.loads(self.body)
        except ValueError:
            body = self.body.decode("utf-8", "backslashreplace")
        return {**self.summary(), "subject": self.subject, "headers": self.event_headers, "body": body}


async def every(js: JetStreamContext) -> list[DeadLetter]:
    """All there are, oldest first."""
    state = (await js.stream_info(DEAD_STREAM)).state
    letters: list[DeadLetter] = []
    number = state.first_seq
    while len(letters) < state.messages and number <= state.last_seq:
        try:
            message = await js.get_msg(DEAD_STREAM, number, subject="dead.>", next=True)
        except NotFoundError:
            break
        letters.append(DeadLetter.of(message))
        number = letters[-1].number + 1
    return letters


async def one(js: JetStreamContext, number: int) -> DeadLetter:
    """The one with this number. Raises NoSuchDeadLetterError."""
    try:
        return DeadLetter.of(await js.get_msg(DEAD_STREAM, number))
    except NotFoundError:
        raise NoSuchDeadLetterError(number) from None


async def replay(js: JetStreamContext, letter: DeadLetter) -> None:
    """Says the event again, and takes the letter away once the stream has it.

    Every service hears it; those that handled it before find it in their inbox and drop it. The message id is
    a new one, or the stream itself would drop the copy.
    """
    headers = {**letter.event_headers, "Nats-Msg-Id": f"replay:{letter.service}:{letter.number}"}
    await js.publish(letter.subject, letter.body, stream=STREAM, headers=headers)
    await js.delete_msg(DEAD_STREAM, letter.number)
