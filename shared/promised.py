"""Which promise a case stands under, and what has become of it: folded from what was said of it. Pure.

Notify owns promises: what it has said of one counts, the newest version first. What routing has said since (an
extension, another kind, a reopening) counts until notify has taken it up, so that whoever did it, or reads of
it, sees at once what it led to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from shared.events import (
    CaseExtended,
    CaseReclassified,
    CaseReopened,
    Event,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    SubmissionReceived,
)

Verdict = PromiseKept | PromiseBroken
Spoken = PromiseMade | PromiseMoved | PromiseLapsed
OwnAct = CaseReclassified | CaseExtended
Said = TypeVar("Said", Spoken, Verdict)


@dataclass(frozen=True, slots=True)
class Standing:
    """The case's present promise.

    :param number: 1 for the receipt's promise, one more for each reopening.
    :param due_on: its last day as it stands now; None where no answer is promised, or no longer.
    :param kept: notify's verdict; None while there is none.
    """

    number: int = 1
    promise_id: str | None = None
    rule: str | None = None
    due_on: date | None = None
    kept: bool | None = None

    @property
    def open(self) -> bool:
        """Whether it may still be kept or broken."""
        return self.due_on is not None and self.kept is None


def standing(told: Sequence[Event], received: SubmissionReceived) -> Standing:
    """Give the present promise, from events in the order of their time."""
    reopenings = [event for event in told if isinstance(event, CaseReopened)]
    number = 1 + len(reopenings)
    begun: SubmissionReceived | CaseReopened = reopenings[-1] if reopenings else received
    found = _under(Standing(number), begun.promise)
    spoken = _latest(event for event in told if isinstance(event, Spoken) and event.number == number)
    verdict = _latest(event for event in told if isinstance(event, Verdict) and event.number == number)
    if isinstance(spoken, PromiseLapsed):
        found = Standing(number)
    elif spoken:
        found = replace(found, promise_id=spoken.promise_id, rule=spoken.rule, due_on=spoken.due_on)
    if verdict:
        return replace(found, due_on=verdict.due_on, kept=isinstance(verdict, PromiseKept))
    taken_up = max(begun.at, spoken.at) if spoken else begun.at
    for act in told:
        if isinstance(act, OwnAct) and act.at > taken_up:
            found = (
                _under(Standing(number), act.promise)
                if isinstance(act, CaseReclassified)
                else replace(found, due_on=act.due_on)
            )
    return found


def earlier_verdicts(told: Iterable[Event], number: int) -> tuple[Verdict, ...]:
    """Give what became of the promises before this one, in the order of their numbers: they stand."""
    verdicts = [event for event in told if isinstance(event, Verdict) and event.number < number]
    last = {verdict.number: verdict for verdict in sorted(verdicts, key=_version)}
    return tuple(last[number] for number in sorted(last))


def _under(before: Standing, promised: Promised | None) -> Standing:
    if promised is None:
        return before
    return replace(before, promise_id=promised.promise_id, rule=promised.rule, due_on=promised.due_on)


def _latest(said: Iterable[Said]) -> Said | None:
    return max(said, key=_version, default=None)


def _version(event: Spoken | Verdict) -> tuple[int, UUID]:
    # The id only so that events of one version, which notify does not say, have one order.
    return event.version, event.id
