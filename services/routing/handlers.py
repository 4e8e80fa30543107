"""What routing does when it hears something: gives new cases to somebody, and keeps every case's state."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from services.routing import store
from services.routing.assignment import Assignment, Workload, assign, candidates
from services.routing.cases import Case, fold, next_moment
from services.routing.waiting import answered_by_resident
from shared.clock import oslo_day
from shared.database import Transaction
from shared.events import CaseAssigned, Event, SubmissionReceived
from shared.identity import derived_id
from shared.municipality import Municipality


class CaseHandler:
    """Keeps the cases. A batch costs the same few statements however many events it has."""

    def __init__(self, municipality: Municipality) -> None:
        """Take the municipality whose units and people own the cases."""
        self._municipality = municipality

    async def handle(self, heard: Sequence[Event], tx: Transaction) -> None:
        """Bring every case that was spoken of up to date, and give those that nobody has yet to somebody.

        A resident who adds something while she is waited for sets the clock going again.
        """
        case_ids = {event.case_id for event in heard}
        await store.lock_cases(tx.session, case_ids)
        histories = await tx.history(case_ids)
        for case_id, told in histories.items():
            resumed = list(answered_by_resident(told))
            tx.publish(*resumed)
            histories[case_id] = [*told, *resumed]
        calendar = self._municipality.calendar
        cases = {case_id: case for case_id, told in histories.items() if (case := fold(told, calendar))}
        unassigned = sorted(
            (case for case in cases.values() if case.unit is None),
            key=lambda case: (case.received_at, case.case_id),
        )
        if unassigned:
            for event in await self._assign(unassigned, histories, tx):
                tx.publish(event)
                cases[event.case_id] = _known(fold([*histories[event.case_id], event], calendar))
        await store.save_cases(tx.session, cases.values())

    async def _assign(
        self, unassigned: Sequence[Case], histories: Mapping[UUID, Sequence[Event]], tx: Transaction
    ) -> Iterable[CaseAssigned]:
        day = oslo_day(tx.now)
        await store.lock_assignments(tx.session)
        units = {self._municipality.owner(case.topic, case.area, day).unit_id for case in unassigned}
        people = {person.id for unit in units for person in candidates(self._municipality, unit, day)}
        workload = Workload(await store.workload(tx.session, people))
        return [
            _assigned(
                case,
                assign(
                    case.topic,
                    case.area,
                    municipality=self._municipality,
                    workload=workload,
                    day=day,
                    at=tx.now,
                ),
                histories[case.case_id],
                tx,
            )
            for case in unassigned
        ]


def _assigned(case: Case, assignment: Assignment, history: Sequence[Event], tx: Transaction) -> CaseAssigned:
    cause = next(event for event in history if isinstance(event, SubmissionReceived))
    return CaseAssigned.caused(
        cause,
        # One identity, whoever derives it: a case is given out by rule once in its life.
        id=derived_id("case.assigned", case.case_id),
        at=next_moment(history, tx.now),
        unit=assignment.unit,
        section=assignment.section,
        person=assignment.person,
        reason=assignment.reason,
    )


def _known(case: Case | None) -> Case:
    if case is None:  # a case that is being assigned has its submission
        raise ValueError
    return case
