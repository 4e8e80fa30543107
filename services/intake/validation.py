"""What may be sent: one set of rules for the form and the API, each fault in words for its field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.submissions import Contact, NewSubmission
from shared.events import Channel, Kind
from shared.municipality import Municipality
from shared.personal_data import mentions_identity_number
from shared.web.i18n import Message

MOST_CHARACTERS = 10_000
MOST_OF_A_NAME = 200
MOST_OF_A_COMMENT = 2_000

_LONGEST_EMAIL = 254
_EMAIL = re.compile(
    r"(?!\.)(?!.*\.\.)[^@\s<>,;:\"\\()\[\]]{1,64}(?<!\.)@(?:\w(?:[\w-]{0,61}\w)?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])"
)
# Control characters but tab and line feed, and halves of surrogate pairs.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PHONE_PUNCTUATION = re.compile(r"[\s\-().\u2013/]")
_NORWEGIAN_PHONE = re.compile(r"[2-9]\d{7}")
_FOREIGN_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_NORWAY = "+47"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed, as it came. `reply_wanted` is None where the question was not answered."""

    kind: Kind
    text: str = ""
    topic: str = ""
    area: str = ""
    reply_wanted: bool | None = None
    name: str = ""
    email: str = ""
    phone: str = ""


class InvalidSubmissionError(ValueError):
    """What was typed cannot be accepted; `faults` says why, by field, in the order of the form."""

    def __init__(self, faults: Mapping[str, Message]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


def checked(
    typed: Typed, municipality: Municipality, *, channel: Channel, language: str, contact_needed: bool
) -> NewSubmission:
    """The submission in what was typed, tidied. Raises InvalidSubmissionError.

    `contact_needed`: whether somebody who wants an answer must say where to. The form asks for it; for the
    API the case's address is enough.
    """
    found = faults(typed, municipality, contact_needed=contact_needed)
    if found:
        raise InvalidSubmissionError(found)
    contact = Contact(
        name=tidy_line(typed.name) or None,
        email=tidy_line(typed.email) or None,
        phone=_international(typed.phone) or None,
    )
    return NewSubmission(
        kind=typed.kind,
        channel=channel,
        language=language,
        text=tidy(typed.text),
        reply_wanted=bool(typed.reply_wanted),
        topic=typed.topic or None,
        area=typed.area or None,
        contact=contact if contact != Contact() else None,
    )


def faults(typed: Typed, municipality: Municipality, *, contact_needed: bool) -> dict[str, Message]:
    """What is wrong, by field; empty where nothing is."""
    found: dict[str, Message | None] = {
        "topic": None if typed.topic in {"", *municipality.topics} else Message("submission.error.topic"),
        "area": None if typed.area in {"", *municipality.areas} else Message("submission.error.area"),
        "text": text_fault(typed.text, missing=f"submission.error.text.{typed.kind}"),
        "reply_wanted": Message("submission.error.reply_wanted") if typed.reply_wanted is None else None,
        "name": _name_fault(typed.name),
        "email": _email_fault(typed.email),
        "phone": _phone_fault(typed.phone),
    }
    reachable = tidy_line(typed.email) or tidy_line(typed.phone)
    if contact_needed and typed.reply_wanted and not reachable:
        found["email"] = Message("submission.error.contact")
    return {field: message for field, message in found.items() if message}


def text_fault(
    text: str, *, missing: str | None = "submission.error.text", most: int = MOST_CHARACTERS
) -> Message | None:
    """What is wrong with a text somebody wrote; an empty one is in order where `missing` is None."""
    tidied = tidy(text)
    if not tidied:
        return Message(missing) if missing else None
    if len(tidied) > most:
        return Message("submission.error.too_long", {"count": len(tidied) - most})
    if mentions_identity_number(tidied):
        return Message("submission.error.identity_number")
    return None


def tidy(text: str) -> str:
    """Line breaks as one character, no blanks around, and nothing a database or a screen cannot hold."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def tidy_line(text: str) -> str:
    """Tidied, and on one line."""
    return " ".join(tidy(text).split())


def _name_fault(name: str) -> Message | None:
    over = len(tidy_line(name)) - MOST_OF_A_NAME
    if over > 0:
        return Message("submission.error.too_long", {"count": over})
    return Message("submission.error.identity_number") if mentions_identity_number(name) else None


def _email_fault(email: str) -> Message | None:
    address = tidy_line(email)
    if not address or (len(address) <= _LONGEST_EMAIL and _EMAIL.fullmatch(address)):
        return None
    return Message("submission.error.email")


def _phone_fault(phone: str) -> Message | None:
    if not tidy_line(phone) or _international(phone):
        return None
    return Message("submission.error.phone")


def _international(phone: str) -> str:
    """`900 00 000` as `+4790000000`; empty where it is no number."""
    digits = _PHONE_PUNCTUATION.sub("", tidy_line(phone))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if _NORWEGIAN_PHONE.fullmatch(digits):
        return _NORWAY + digits
    return digits if _FOREIGN_PHONE.fullmatch(digits) and _fits_norway(digits) else ""


def _fits_norway(number: str) -> bool:
    return not number.startswith(_NORWAY) or bool(_NORWEGIAN_PHONE.fullmatch(number[len(_NORWAY) :]))
