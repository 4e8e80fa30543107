"""What becomes of each row: a case, perhaps with a remark, or a refusal. Pure.

A row is refused where it says nothing that can be counted on (no reference, no receipt, an end before the
beginning); where it is only its due day that makes no sense, the case is kept without a promise.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from deploy.importing.instants import NoInstantError, Oddity, OutsideYearsError, Told, told
from deploy.importing.table import Fields


class Reason(StrEnum):
    """Why a row was refused, or what is to be known about one that was kept."""

    OTHER_WIDTH = "other_width"
    NO_REFERENCE = "no_reference"
    REPEATED_REFERENCE = "repeated_reference"
    NO_RECEIVED = "no_received"
    BAD_RECEIVED = "bad_received"
    RECEIVED_OUTSIDE_YEARS = "received_outside_years"
    BAD_ANSWERED = "bad_answered"
    ANSWERED_OUTSIDE_YEARS = "answered_outside_years"
    ANSWERED_BEFORE_RECEIVED = "answered_before_received"
    BAD_DUE = "bad_due"
    DUE_OUTSIDE_YEARS = "due_outside_years"
    DUE_BEFORE_RECEIVED = "due_before_received"
    RECEIVED_OCCURS_TWICE = "received_occurs_twice"
    RECEIVED_DOES_NOT_EXIST = "received_does_not_exist"
    ANSWERED_OCCURS_TWICE = "answered_occurs_twice"
    ANSWERED_DOES_NOT_EXIST = "answered_does_not_exist"


REFUSALS = frozenset(
    {
        Reason.OTHER_WIDTH,
        Reason.NO_REFERENCE,
        Reason.REPEATED_REFERENCE,
        Reason.NO_RECEIVED,
        Reason.BAD_RECEIVED,
        Reason.RECEIVED_OUTSIDE_YEARS,
        Reason.BAD_ANSWERED,
        Reason.ANSWERED_OUTSIDE_YEARS,
        Reason.ANSWERED_BEFORE_RECEIVED,
    }
)


@dataclass(frozen=True)
class Remark:
    """What the report says about a row."""

    row: int
    reason: Reason
    first_row: int | None = None
    """Of a repeated reference: the row that has it already."""


@dataclass(frozen=True)
class Case:
    """A row as a case; empty texts are None."""

    row: int
    reference: str
    received_at: datetime
    due_on: date | None
    answered_at: datetime | None
    kind: str | None
    topic: str | None
    unit: str | None
    area: str | None
    channel: str | None


class _RefusedError(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def cases(rows: Iterable[tuple[int, Fields | None]], zone: ZoneInfo) -> Iterator[Case | Remark]:
    """Each row's remarks, and its case where it is not refused."""
    rows_by_reference: dict[str, int] = {}
    for row, fields in rows:
        if fields is None:
            yield Remark(row, Reason.OTHER_WIDTH)
            continue
        reference = fields["reference"]
        if not reference:
            yield Remark(row, Reason.NO_REFERENCE)
            continue
        first_row = rows_by_reference.setdefault(reference, row)
        if first_row != row:
            yield Remark(row, Reason.REPEATED_REFERENCE, first_row)
            continue
        try:
            yield from _case(row, fields, zone)
        except _RefusedError as refused:
            yield Remark(row, refused.reason)


def _case(row: int, fields: Fields, zone: ZoneInfo) -> Iterator[Case | Remark]:
    received = _received(fields["received"], zone)
    answered = _answered(fields.get("answered", ""), received, zone)
    due_on, objection = _due(fields.get("due", ""), received, zone)
    remarks = [objection]
    if received.oddity:
        remarks.append(_ODDITIES_OF_RECEIPT[received.oddity])
    if answered and answered.oddity:
        remarks.append(_ODDITIES_OF_ANSWER[answered.oddity])
    yield from (Remark(row, reason) for reason in remarks if reason)
    yield Case(
        row=row,
        reference=fields["reference"],
        received_at=received.instant,
        due_on=due_on,
        answered_at=answered.instant if answered else None,
        **{name: fields.get(name) or None for name in ("kind", "topic", "unit", "area", "channel")},
    )


_ODDITIES_OF_RECEIPT = {
    Oddity.TWICE: Reason.RECEIVED_OCCURS_TWICE,
    Oddity.NEVER: Reason.RECEIVED_DOES_NOT_EXIST,
}
_ODDITIES_OF_ANSWER = {
    Oddity.TWICE: Reason.ANSWERED_OCCURS_TWICE,
    Oddity.NEVER: Reason.ANSWERED_DOES_NOT_EXIST,
}


def _received(text: str, zone: ZoneInfo) -> Told:
    if not text:
        raise _RefusedError(Reason.NO_RECEIVED)
    try:
        return told(text, zone)
    except NoInstantError:
        raise _RefusedError(Reason.BAD_RECEIVED) from None
    except OutsideYearsError:
        raise _RefusedError(Reason.RECEIVED_OUTSIDE_YEARS) from None


def _answered(text: str, received: Told, zone: ZoneInfo) -> Told | None:
    """When it was answered; a day alone that is the day of receipt means at once.

    An answer that would come before the receipt, in an hour that occurs twice, was given the second time.
    """
    if not text:
        return None
    try:
        answered = told(text, zone)
    except NoInstantError:
        raise _RefusedError(Reason.BAD_ANSWERED) from None
    except OutsideYearsError:
        raise _RefusedError(Reason.ANSWERED_OUTSIDE_YEARS) from None
    if answered.instant >= received.instant:
        return answered
    if not answered.timed and answered.day == received.day:
        return received
    again = told(text, zone, later=True)
    if again.instant < received.instant:
        raise _RefusedError(Reason.ANSWERED_BEFORE_RECEIVED)
    return again


def _due(text: str, received: Told, zone: ZoneInfo) -> tuple[date | None, Reason | None]:
    """The due day, or None and what is wrong with it."""
    if not text:
        return None, None
    try:
        due = told(text, zone)
    except NoInstantError:
        return None, Reason.BAD_DUE
    except OutsideYearsError:
        return None, Reason.DUE_OUTSIDE_YEARS
    is_before = due.instant < received.instant if due.timed and received.timed else due.day < received.day
    return (None, Reason.DUE_BEFORE_RECEIVED) if is_before else (due.day, None)
