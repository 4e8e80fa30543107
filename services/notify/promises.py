"""What is written down of a case's promises, and what of it has to change so that it says what is derived.

Pure. What differs from what was derived (`terms`) becomes an event and a new version of the promise; a verdict
stands, whatever is derived.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.notify.case import Lapse, PromiseState
from services.notify.terms import Derived, Terms, says
from shared.events import LapseReason, MoveReason, PromiseMade, PromiseMoved
from shared.identity import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A version of a promise as it is written down."""

    case_id: UUID
    version: int
    number: int
    state: PromiseState
    terms: Terms
    answered_at: datetime | None = None
    lapse: Lapse | None = None
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A version to be written down, with the event that says so; None where only its end has changed."""

    recorded: Recorded
    event: PromiseMade | PromiseMoved | None


def changes(
    case_id: UUID, municipality: str, derived: Iterable[Derived], recorded: Sequence[Recorded], at: datetime
) -> Iterator[Change]:
    """What is to be written down so that the record says what is derived; judged promises stay."""
    version = latest_version(recorded)
    for wanted in derived:
        current = max(
            (known for known in recorded if known.number == wanted.number),
            key=lambda known: known.version,
            default=None,
        )
        made: PromiseMade | None = None
        if current is None or _holds_again(current, wanted):
            version += 1
            terms = replace(wanted.now, reason=None) if current else wanted.made
            current = _recorded(case_id, wanted, version, terms)
            made = _made(municipality, current, at)
        elif current.state is not PromiseState.OPEN:
            # A verdict stands; but an answer after it means that nobody needs reminding any more.
            if wanted.is_ended != current.is_ended:
                yield Change(replace(current, is_ended=wanted.is_ended), None)
            continue
        terms, known_terms = wanted.now, current.terms
        if terms.basis != known_terms.basis and says(terms) != says(known_terms):
            if made:
                yield Change(current, made)
            version += 1
            reason = terms.reason or known_terms.reason or MoveReason.RECLASSIFIED
            moved = _recorded(case_id, wanted, version, replace(terms, reason=reason))
            yield Change(moved, moved_event(municipality, moved, known_terms.due_on, at))
            continue
        # What adds nothing is remembered, so that a calendar that changes later finds nothing new in it.
        unmoved = (
            known_terms if terms.basis == known_terms.basis else replace(terms, reason=known_terms.reason)
        )
        touched = _recorded(case_id, wanted, current.version, unmoved)
        if made or touched != current:
            yield Change(touched, made)


def latest_version(recorded: Iterable[Recorded]) -> int:
    """The highest version said of a case's promises; a lapse is said as a version of its own."""
    return max((known.version + (known.state is PromiseState.LAPSED) for known in recorded), default=0)


def moved_event(municipality: str, moved: Recorded, moved_from: date, at: datetime) -> PromiseMoved:
    """The event that says a promise's new version."""
    terms = moved.terms
    return PromiseMoved(
        id=said_by(moved.case_id, moved.version, is_moved=True),
        at=at,
        case_id=moved.case_id,
        municipality=municipality,
        caused_by=terms.root if terms.reason is MoveReason.RECOMPUTED else terms.cause,
        version=moved.version,
        number=moved.number,
        reason=terms.reason or MoveReason.RECLASSIFIED,
        promise_id=terms.promise_id,
        rule=terms.rule,
        rule_version=terms.rule_version,
        moved_from=moved_from,
        due_on=terms.due_on,
        due_without_pauses_on=terms.due_without_pauses_on,
    )


def said_by(case_id: UUID, version: int, *, is_moved: bool) -> UUID:
    """The id of the event that said a version: what is done under it names that as its cause."""
    return derived_id(case_id, version, "moved" if is_moved else "made")


def _made(municipality: str, made: Recorded, at: datetime) -> PromiseMade:
    return PromiseMade(
        id=said_by(made.case_id, made.version, is_moved=False),
        at=at,
        case_id=made.case_id,
        municipality=municipality,
        caused_by=made.terms.cause,
        version=made.version,
        number=made.number,
        promise_id=made.terms.promise_id,
        rule=made.terms.rule,
        rule_version=made.terms.rule_version,
        due_on=made.terms.due_on,
    )


def _holds_again(current: Recorded, wanted: Derived) -> bool:
    """Reclassified as promised nothing, and later as promised something after all."""
    reason = current.lapse.reason if current.lapse else None
    is_lapsed = current.state is PromiseState.LAPSED and reason is LapseReason.RECLASSIFIED
    return is_lapsed and wanted.lapse is None


def _recorded(case_id: UUID, wanted: Derived, version: int, terms: Terms) -> Recorded:
    return Recorded(
        case_id=case_id,
        version=version,
        number=wanted.number,
        state=PromiseState.OPEN,
        terms=terms,
        answered_at=wanted.answered_at,
        lapse=wanted.lapse,
        is_ended=wanted.is_ended,
    )
