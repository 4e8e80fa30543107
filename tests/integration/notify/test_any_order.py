"""However a case's events arrive, what becomes of it is the same."""

import itertools
from collections.abc import AsyncGenerator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event
from shared.identity import derived_id
from shared.municipality import Municipality
from tests.conftest import NewDatabase
from tests.events_for_tests import received
from tests.integration.notify.office import (
    Office,
    answered,
    assigned,
    closed,
    interim,
    oslo,
    supplemented,
)

RECEIVED_AT = oslo("2026-11-16 09:58")
PEOPLE = ("linh-pham", "tor-kvam", None)


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
    for kind, hours in sorted(later, key=lambda pair: pair[1]):
        event = MAKERS[kind](submission, hours)
        names = {
            name: derived_id(submission.case_id, name, hours)
            for name in ("answer_id", "supplement_id")
            if name in type(event).model_fields
        }
        own_id = derived_id(submission.case_id, kind, hours)
        events.append(event.model_copy(update={"id": own_id, **names}))
    return events


@pytest.fixture
async def busy(new_database: NewDatabase, asker: Municipality) -> AsyncGenerator[Office]:
    """A notify that hears many cases, one after the other."""
    clock = FixedClock(RECEIVED_AT)
    database = Database(await new_database("notify"), clock)
    yield Office(database, clock, asker)
    await database.close()


async def outcome(office: Office, case_id: UUID) -> dict[str, Any]:
    """All that became of a case, without the ids that belong to it alone."""
    promise = await office.promise(case_id)
    kinds: dict[str, Any] = {
        "promise": (promise.state, promise.due_on, promise.judged_on),
        "steps": await office.steps(case_id),
        "messages": sorted(
            (row.kind, row.to_resident, row.person or "", str(row.facts))
            for row in await office.messages()
            if row.case_id == case_id
        ),
        "said": sorted(
            str({name: value for name, value in body.items() if not name.endswith("_id") and name != "at"})
            for body in await office.said("promise", of_case=case_id)
        ),
    }
    return kinds


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # The database keeps what earlier examples left, which makes shrinking slow and of little use.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(drawn=ARRIVAL, has_email=st.booleans())
async def test_any_order_and_repetition_of_a_cases_events_gives_the_same(
    busy: Office, drawn: tuple[Later, list[list[int]]], *, has_email: bool
) -> None:
    """Promise, verdict, ladder, messages and events: those of the order in which things happened."""
    later, arrivals = drawn
    in_order, shuffled = story(later, has_email=has_email), story(later, has_email=has_email)
    busy.clock.set(RECEIVED_AT)
    await busy.hears(*in_order)
    for batch in arrivals:
        await busy.hears(*(shuffled[number] for number in batch))
    await busy.works("2026-12-04 12:00")
    assert await outcome(busy, shuffled[0].case_id) == await outcome(busy, in_order[0].case_id)
