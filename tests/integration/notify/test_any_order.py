"""However a case's events arrive, what becomes of it is the same."""

import itertools
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event
from shared.identity import derived_id
from shared.municipality import Municipality
from tests.conftest import NewDatabase
from tests.events_for_tests import received
from tests.integration.notify.office import (
    OSLO,
    Office,
    answered,
    assigned,
    closed,
    extended,
    interim,
    merged,
    oslo,
    paused,
    reclassified,
    reopened,
    restarted,
    resumed,
    supplemented,
)

RECEIVED_AT = oslo("2026-11-16 09:58")
PEOPLE = ("linh-pham", "tor-kvam", None)


def _at(hours: int) -> datetime:
    return RECEIVED_AT + timedelta(hours=hours)


def _day(hours: int, days: int) -> date:
    return (_at(hours) + timedelta(days=days)).astimezone(OSLO).date()


def _interim(cause: Event, hours: int) -> Event:
    day = date(2026, 11, 20) + timedelta(days=hours % 14)
    return interim(cause, at=RECEIVED_AT + timedelta(hours=hours), expected_on=day)


MAKERS = {
    "assigned": lambda cause, hours: assigned(
        cause, at=RECEIVED_AT + timedelta(hours=hours), person=PEOPLE[hours % 3]
    ),
    "interim": _interim,
    "answered": lambda cause, hours: answered(cause, at=RECEIVED_AT + timedelta(hours=hours)),
    "closed": lambda cause, hours: closed(cause, at=RECEIVED_AT + timedelta(hours=hours)),
    "supplemented": lambda cause, hours: supplemented(cause, at=RECEIVED_AT + timedelta(hours=hours)),
    "paused": lambda cause, hours: paused(cause, at=_at(hours), until=_day(hours, hours % 6)),
    "resumed": lambda cause, hours: resumed(cause, at=_at(hours)),
    "extended": lambda cause, hours: extended(cause, at=_at(hours), due_on=_day(hours, hours % 9)),
    "restarted": lambda cause, hours: restarted(cause, at=_at(hours)),
    "reclassified": lambda cause, hours: reclassified(
        cause, at=_at(hours), due_on=_day(hours, hours % 5) if hours % 3 else None
    ),
    "reopened": lambda cause, hours: reopened(
        cause, at=_at(hours), due_on=_day(hours, 7) if hours % 4 else None
    ),
    "merged": lambda cause, hours: merged(cause, at=_at(hours), into=derived_id(cause.case_id, "leading")),
}
Later = list[tuple[str, int]]
LATER = st.lists(
    st.tuples(st.sampled_from(sorted(MAKERS)), st.integers(min_value=0, max_value=24 * 14)),
    max_size=7,
    unique_by=lambda pair: pair[1],
)


@st.composite
def arrival(draw: st.DrawFn) -> tuple[Later, list[list[int]]]:
    """What happened after the submission, and in which batches the events, by their number, arrive."""
    later = draw(LATER)
    numbers = list(range(len(later) + 1))
    numbers = draw(st.permutations([*numbers, *draw(st.lists(st.sampled_from(numbers), max_size=4))]))
    ends = sorted(
        draw(st.sets(st.integers(min_value=1, max_value=len(numbers)), max_size=4)) | {len(numbers)}
    )
    return later, [numbers[start:end] for start, end in itertools.pairwise([0, *ends])]


ARRIVAL = arrival()


def story(later: Sequence[tuple[str, int]], *, has_email: bool) -> list[Event]:
    """A case's events, in the order in which they happened."""
    submission = received(uuid4(), at=RECEIVED_AT, has_email=has_email)
    events: list[Event] = [submission]
    asked = submission.id
    for kind, hours in sorted(later, key=lambda pair: pair[1]):
        event = MAKERS[kind](submission, hours)
        names = {
            name: derived_id(submission.case_id, name, hours)
            for name in ("answer_id", "supplement_id", "question_id")
            if name in type(event).model_fields
        }
        if kind == "resumed":
            names["paused_by"] = asked
        own_id = derived_id(submission.case_id, kind, hours)
        asked = own_id if kind == "paused" else asked
        events.append(event.model_copy(update={"id": own_id, **names}))
    return events


@pytest.fixture
async def busy(new_database: NewDatabase, asker: Municipality) -> AsyncGenerator[Office]:
    """A notify that hears many cases, one after the other."""
    clock = FixedClock(RECEIVED_AT)
    database = Database(await new_database("notify"), clock)
    yield Office(database, clock, asker)
    await database.close()


PASSING = ("at", "version", "again")
"""How often a promise has moved, when that was said, and which answer was the first one heard of depend on the
order (a mail that has gone cannot be taken back); what it comes to does not."""


async def outcome(office: Office, case_id: UUID) -> dict[str, Any]:
    """All that became of a case, without the ids that belong to it alone."""
    promises = [row for row in await office.promises(case_id) if row.state != "moved"]
    return {
        "promises": [
            (row.number, row.state, row.due_on, row.due_without_pauses_on, row.judged_on) for row in promises
        ],
        "steps": [await office.steps(case_id, row.version) for row in promises],
        # A question that another took the place of is in the ledger only where it was heard of first.
        "waits": sorted(str(wait) for wait in await office.waits(case_id) if wait != "asked_again"),
        "messages": sorted(
            (row.kind, row.to_resident, row.person or "", str(_lasting(row.facts)))
            for row in await office.messages(of_case=case_id)
        ),
        "said": sorted(
            str(_lasting(body))
            for body in await office.said(
                "promise.kept", "promise.broken", "promise.lapsed", "promise.reminded", of_case=case_id
            )
        ),
    }


def _lasting(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in PASSING}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # The database keeps what earlier examples left, which makes shrinking slow and of little use.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(drawn=ARRIVAL, has_email=st.booleans())
@example(drawn=([("paused", 118), ("paused", 170)], [[0], [1], [2]]), has_email=False)
async def test_any_order_and_repetition_of_a_cases_events_gives_the_same(
    busy: Office, drawn: tuple[Later, list[list[int]]], *, has_email: bool
) -> None:
    """Promises, verdicts, ladders, waits, messages: those of the order in which things happened."""
    later, arrivals = drawn
    in_order, shuffled = story(later, has_email=has_email), story(later, has_email=has_email)
    busy.clock.set(RECEIVED_AT)
    await busy.hears(*in_order)
    for batch in arrivals:
        await busy.hears(*(shuffled[number] for number in batch))
    await busy.works("2026-12-11 12:00")
    assert await outcome(busy, shuffled[0].case_id) == await outcome(busy, in_order[0].case_id)
