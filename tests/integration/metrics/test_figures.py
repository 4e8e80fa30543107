"""The figures against an oracle in plain Python, and what they do at the edges."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.metrics.indicators import Dimension
from shared.clock import oslo_day
from shared.events import (
    CaseAnswered,
    CaseClosed,
    CaseImported,
    CaseInterimAnswered,
    CaseMerged,
    CaseOpened,
    CaseReopened,
    Kind,
    LapseReason,
    MoveReason,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    SubmissionReceived,
)
from tests.events_for_tests import after, received
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, Figures
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.plain_figures import grouped

TODAY = date(2026, 3, 1)
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


def seen(first: date, last: date, today: date = TODAY) -> tuple[date, date, date, date]:
    """What the oracle needs to know of a period."""
    return first, last, today, CALENDAR.add_working_days(min(last + timedelta(days=1), today), 2)


def without_period(document: dict[str, Any]) -> dict[str, Any]:
    """Only the figures."""
    return {
        name: part
        for name, part in document.items()
        if name not in {"period", "version", "organisation", "groups", "key"}
    }


PERIODS = [
    JANUARY,
    (date(2026, 2, 1), date(2026, 2, 28)),
    (date(2026, 1, 10), date(2026, 2, 10)),
    (date(2026, 1, 1), date(2026, 12, 31)),
    (date(2026, 2, 20), date(2026, 3, 1)),
    (date(2026, 3, 1), date(2026, 3, 1)),
    (date(2025, 1, 1), date(2025, 12, 31)),
    (date(2026, 4, 1), date(2026, 4, 30)),
]


@pytest.mark.parametrize("seed", range(3))
async def test_figures_are_those_that_plain_python_computes_from_the_events(
    figures: Figures, seed: int
) -> None:
    """For several periods, past, present and to come, exactly, percentiles included."""
    events = stories(seed, 250)
    await figures.hear(events)
    for period in PERIODS:
        assert without_period(await figures.told(*period)) == plainly(events, *seen(*period)), period


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    seed=st.integers(0, 2**32), cases=st.integers(1, 12), batch=st.integers(1, 40), repeated=st.integers(1, 3)
)
async def test_any_order_and_repetition_of_events_gives_the_same_figures(
    figures: Figures, seed: int, cases: int, batch: int, repeated: int
) -> None:
    """Shuffled, repeated and cut into batches of any size."""
    async with figures.database.transaction() as tx:
        await tx.session.execute(text("TRUNCATE case_fact, promise_fact, cell, cell_key, rung, inbox"))
    events = stories(seed, cases)
    shuffled = events * repeated
    Random(seed).shuffle(shuffled)  # noqa: S311 - a test's order
    await figures.hear(shuffled, batch)
    for period in PERIODS[:4]:
        assert without_period(await figures.told(*period)) == plainly(events, *seen(*period))


async def test_groups_are_those_that_plain_python_computes(figures: Figures) -> None:
    """By unit (the one that has the case now) and by kind, and the groups add up to the whole."""
    events = stories(7, 300)
    await figures.hear(events)
    by_unit = (await figures.told(*JANUARY, Dimension.UNIT))["groups"]
    expected = grouped(
        events,
        lambda case: next(
            (event.unit for event in (case["case.assigned"] + case["case.imported"])[-1:]), None
        ),
        *seen(*JANUARY),
    )
    assert {group["key"]["unit"]: without_period(group) for group in by_unit} == expected
    told = await figures.told(*JANUARY, Dimension.KIND, Dimension.CHANNEL)
    assert sum(group["promise"]["kept"] for group in told["groups"]) == told["promise"]["kept"]
    assert sum(group["backlog"]["open"] for group in told["groups"]) == told["backlog"]["open"]
    assert {tuple(group["key"]) for group in told["groups"]} == {("kind", "channel")}


async def test_an_empty_database_has_figures_of_nothing(figures: Figures) -> None:
    """Counts are zero; what is computed from nothing is null, never zero or a fault."""
    told = await figures.told(*JANUARY, Dimension.UNIT)
    assert told["promise"]["due"] == 0
    assert told["promise"]["share"] is None
    assert set(told["response_days"].values()) == {None, 0}
    assert told["backlog"]["oldest_days"] is None
    assert told["groups"] == []


def at(text_: str) -> datetime:
    """An instant as it is written."""
    return datetime.fromisoformat(text_)


def case_received(instant: str, due: date | None = None, **fields: Any) -> SubmissionReceived:
    """A submission, with a promise only where it has a due day."""
    event = received(at=at(instant), **fields)
    promise = event.promise.model_copy(update={"due_on": due}) if due and event.promise else None
    return event.model_copy(update={"promise": promise})


def answer(case: SubmissionReceived, instant: str) -> CaseAnswered:
    """A final answer."""
    event = after(case, CaseAnswered, at=at(instant), answer_id=case.id, person="kari", unit="bibliotek")
    assert isinstance(event, CaseAnswered)
    return event


async def test_the_last_minute_of_a_period_is_norways_not_utcs(figures: Figures) -> None:
    """23:59 in Oslo on 31 January belongs to January though UTC's day is the same; 00:00 does not."""
    await figures.hear(
        [
            case_received("2026-01-31T23:59:59.999999+01:00"),
            case_received("2026-02-01T00:00:00+01:00"),
            case_received("2025-12-31T23:00:00+00:00", kind=Kind.PRAISE),
            case_received("2025-12-31T22:59:59+00:00", kind=Kind.PRAISE),
        ]
    )
    told = await figures.told(*JANUARY)
    wanted = {"praise": 1, "complaint": 1, "question": 0, "appeal": 0, "other": 0, "total": 2}
    assert told["received"] == wanted


async def test_summer_time_moves_the_edge_of_the_day(figures: Figures) -> None:
    """22:00 UTC is the next day in Norwegian summer, and a day with 23 hours is no whole day of waiting."""
    figures.clock.set(at("2026-04-30T12:00:00+00:00"))
    spring = case_received("2026-03-28T12:00:00+01:00", due=date(2026, 3, 29))
    await figures.hear(
        [spring, answer(spring, "2026-03-29T22:00:00+00:00"), case_received("2026-03-31T22:00Z")]
    )
    told = await figures.told(date(2026, 3, 1), date(2026, 3, 31))
    assert told["promise"]["broken"] == 1
    assert told["received"]["total"] == 1
    assert told["response_days"]["median"] == round(35 / 24, 6)


async def test_an_answer_on_the_due_day_keeps_the_promise_and_a_minute_later_breaks_it(
    figures: Figures,
) -> None:
    """The day decides, in Oslo."""
    due = date(2026, 1, 12)
    kept = case_received("2026-01-05T10:00+01:00", due=due)
    broken = case_received("2026-01-05T10:00+01:00", due=due)
    waiting = case_received("2026-01-05T10:00+01:00", due=due)
    await figures.hear(
        [
            kept,
            broken,
            waiting,
            answer(kept, "2026-01-12T23:59+01:00"),
            answer(broken, "2026-01-13T00:00+01:00"),
        ]
    )
    promise = (await figures.told(*JANUARY))["promise"]
    assert (promise["due"], promise["kept"], promise["broken"], promise["open_overdue"]) == (3, 1, 2, 1)


async def test_a_promise_is_not_counted_before_its_due_day_has_passed(figures: Figures) -> None:
    """On the due day itself it is not yet due, answered or not; the day after it is judged."""
    due = date(2026, 3, 1)
    early, waiting = (case_received("2026-02-25T10:00+01:00", due=due) for _ in range(2))
    await figures.hear([early, waiting, answer(early, "2026-02-26T10:00+01:00")])
    march = (date(2026, 3, 1), date(2026, 3, 31))
    promise = (await figures.told(*march))["promise"]
    assert (promise["due"], promise["not_yet_due"], promise["share"]) == (0, 2, None)
    figures.clock.advance(timedelta(days=1))
    promise = (await figures.told(*march))["promise"]
    assert (promise["due"], promise["kept"], promise["open_overdue"]) == (2, 1, 1)


async def test_a_case_without_a_promise_is_in_no_figure_of_promises(figures: Figures) -> None:
    """It is received, open and answered, but neither on time nor late."""
    case = case_received("2026-01-05T10:00+01:00")
    await figures.hear([case, answer(case, "2026-01-20T10:00+01:00")])
    told = await figures.told(*JANUARY)
    assert (told["promise"]["due"], told["promise"]["not_yet_due"]) == (0, 0)
    assert told["response_days"]["n"] == 1


async def test_a_second_answer_changes_neither_the_verdict_nor_the_response_time(figures: Figures) -> None:
    """A further answer to an answered case is help, not a new response."""
    case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    await figures.hear([case, answer(case, "2026-01-07T10:00+01:00")])
    before = await figures.told(*JANUARY)
    await figures.hear([answer(case, "2026-01-25T10:00+01:00")])
    assert await figures.told(*JANUARY) == before


async def test_a_promise_that_was_moved_is_due_on_its_newest_day(figures: Figures) -> None:
    """Whatever the order in which the versions are heard."""
    case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    terms = {"promise_id": "svargaranti", "rule": "P1W", "rule_version": "1"}
    made = after(case, PromiseMade, at=case.at, version=1, due_on=date(2026, 1, 12), **terms)
    moved = after(
        case, PromiseMade, at=case.at + timedelta(days=1), version=2, due_on=date(2026, 2, 12), **terms
    )
    await figures.hear([moved])
    await figures.hear([made])
    await figures.hear([case, answer(case, "2026-02-01T10:00+01:00")])
    assert (await figures.told(*JANUARY))["promise"]["due"] == 0
    assert (await figures.told(date(2026, 2, 1), date(2026, 2, 28)))["promise"]["kept"] == 1


async def test_a_case_nobody_has_told_the_receipt_of_is_not_counted_yet(figures: Figures) -> None:
    """An answer that is heard first waits for its submission."""
    case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    await figures.hear([answer(case, "2026-01-07T10:00+01:00")])
    assert (await figures.told(*JANUARY))["response_days"]["n"] == 0
    await figures.hear([case])
    response = (await figures.told(*JANUARY))["response_days"]
    assert (response["median"], response["p90"], response["n"]) == (2.0, 2.0, 1)


async def test_the_backlog_of_a_past_period_is_that_of_its_last_evening(figures: Figures) -> None:
    """What was answered since was still open then; what was received since is not in it."""
    late = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    on_time = case_received("2026-01-28T10:00+01:00", due=date(2026, 2, 4))
    praise = case_received("2026-01-20T10:00+01:00", kind=Kind.PRAISE)
    closed = after(praise, CaseClosed, at=at("2026-01-31T10:00+01:00"), person="kari", unit="bibliotek")
    newer = case_received("2026-02-01T10:00+01:00", due=date(2026, 2, 8))
    await figures.hear([late, on_time, praise, closed, newer, answer(late, "2026-02-10T10:00+01:00")])
    assert (await figures.told(*JANUARY))["backlog"] == {
        "seen_on": "2026-01-31", "open": 2, "overdue": 1, "due_soon": 0, "oldest_days": 26
    }  # fmt: skip


async def test_two_processes_at_once_give_the_same_facts(figures: Figures) -> None:
    """Both hear everything, each in its own order; the inbox lets every event count once."""
    import asyncio

    events = stories(11, 60)
    orders = []
    for seed in (1, 2):
        shuffled = list(events)
        Random(seed).shuffle(shuffled)  # noqa: S311 - a test's order
        orders.append(shuffled)

    async def process(order: list[Any]) -> None:
        for event in order:
            await figures.hear([event])

    await asyncio.gather(*(process(order) for order in orders))
    for period in PERIODS[:3]:
        assert without_period(await figures.told(*period)) == plainly(events, *seen(*period))


async def test_handovers_are_counted_once_and_the_first_opening_counts(figures: Figures) -> None:
    """The median is from receipt to the first time a caseworker opened the case."""
    case = case_received("2026-01-05T10:00+01:00")
    opened = [
        after(case, CaseOpened, at=at(instant), person="kari", unit="bibliotek")
        for instant in ("2026-01-06T22:00+01:00", "2026-01-08T10:00+01:00")
    ]
    await figures.hear([case, *opened])
    assert (await figures.told(*JANUARY))["handover"] == {"median_days": 1.5, "n": 1, "handovers": 0}


def life_of(case: SubmissionReceived) -> tuple[CaseReopened, PromiseMade]:
    """A reopening on 2 February with a promise until the 9th, taken over by notify a day later."""
    terms = {"promise_id": "svargaranti", "rule": "P1W", "rule_version": "1"}
    reopened = after(
        case, CaseReopened, at=at("2026-02-02T10:00+01:00"), person="kari", unit="bibliotek", promise=None
    )
    made = after(
        case,
        PromiseMade,
        at=at("2026-02-03T10:00+01:00"),
        version=2,
        number=2,
        due_on=date(2026, 2, 9),
        **terms,
    )
    assert isinstance(reopened, CaseReopened)
    assert isinstance(made, PromiseMade)
    return reopened, made


FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))


async def test_a_reopened_case_has_two_promises_each_in_its_own_period(figures: Figures) -> None:
    """The first was kept; the second is kept by the answer after the reopening, though notify was down."""
    case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    reopened, made = life_of(case)
    await figures.hear([case, answer(case, "2026-01-07T10:00+01:00"), reopened, made])
    assert (await figures.told(*JANUARY))["promise"]["kept"] == 1
    february = (await figures.told(*FEBRUARY))["promise"]
    assert (february["due"], february["kept"], february["open_overdue"]) == (1, 0, 1)
    assert (await figures.told(*FEBRUARY))["backlog"]["overdue"] == 1
    await figures.hear([answer(case, "2026-02-02T15:00+01:00")])
    told = await figures.told(*FEBRUARY)
    assert (told["promise"]["due"], told["promise"]["kept"]) == (1, 1)
    assert (told["response_days"]["n"], told["backlog"]["open"]) == (0, 0)
    assert (await figures.told(*JANUARY))["promise"]["kept"] == 1


@pytest.mark.parametrize(
    ("closed", "due", "promises"),
    [
        ("2026-01-30T10:00+01:00", date(2026, 2, 5), (1, 1)),
        ("2026-01-30T10:00+01:00", date(2026, 1, 29), (2, 1)),
    ],
    ids=["in time", "late"],
)
async def test_what_was_closed_without_an_answer_is_not_kept_by_the_answer_after_its_reopening(
    figures: Figures, closed: str, due: date, promises: tuple[int, int]
) -> None:
    """Closed in time it lapses, as notify says when the due day is over; closed late it was broken by then."""
    case = case_received("2026-01-22T10:00+01:00", due=due)
    ended = after(case, CaseClosed, at=at(closed), person="kari", unit="bibliotek")
    reopened, made = life_of(case)
    lapsed = after(
        case, PromiseLapsed, at=at("2026-02-06T00:00+01:00"), version=3, number=1, reason=LapseReason.CLOSED
    )
    said = [case, ended, reopened, made, answer(case, "2026-02-04T15:00+01:00")]
    await figures.hear([*said, lapsed] if oslo_day(ended.at) <= due else said)
    told = (await figures.told(date(2026, 1, 1), date(2026, 2, 28)))["promise"]
    assert (told["due"], told["kept"]) == promises


async def test_a_merged_case_is_in_no_backlog_and_its_promise_is_not_judged(figures: Figures) -> None:
    """It was received all the same; its resident gets the leading case's answers."""
    case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    merged = after(
        case, CaseMerged, at=at("2026-01-06T10:00+01:00"), into=case.id, person="kari", unit="bibliotek"
    )
    lapsed = after(case, PromiseLapsed, at=merged.at, version=2, number=1, reason=LapseReason.MERGED)
    await figures.hear([case, merged, lapsed])
    told = await figures.told(*JANUARY)
    assert (told["received"]["total"], told["backlog"]["open"], told["promise"]["due"]) == (1, 0, 0)


async def test_waiting_for_the_resident_is_told_with_and_without(figures: Figures) -> None:
    """Answered on the moved day after two days of waiting: kept, and not without the pause."""
    case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 12))
    terms = {"promise_id": "svargaranti", "rule": "P1W", "rule_version": "1"}
    moved = after(
        case,
        PromiseMoved,
        at=at("2026-01-08T10:00+01:00"),
        version=2,
        number=1,
        reason=MoveReason.RESUMED,
        moved_from=date(2026, 1, 12),
        due_on=date(2026, 1, 14),
        due_without_pauses_on=date(2026, 1, 12),
        **terms,
    )
    said = answer(case, "2026-01-14T10:00+01:00").model_copy(update={"waited_seconds": 2 * 86400})
    await figures.hear([case, moved, said])
    told = await figures.told(*JANUARY)
    assert (told["promise"]["kept"], told["promise"]["kept_without_pauses"]) == (1, 0)
    response = told["response_days"]
    assert (response["median"], response["median_without_pauses"]) == (9.0, 7.0)


async def test_a_case_waiting_over_a_month_needs_an_interim_answer(figures: Figures) -> None:
    """Two do, one had it in time; the one answered before the month was over needs none."""
    cases = [case_received(f"2026-01-05T1{hour}:00+01:00") for hour in range(3)]
    told_why = [
        after(
            cases[place],
            CaseInterimAnswered,
            at=at(instant),
            answer_id=cases[0].id,
            person="kari",
            unit="bibliotek",
            expected_on=None,
        )
        for place, instant in ((0, "2026-02-05T23:59+01:00"), (1, "2026-02-06T00:00+01:00"))
    ]
    await figures.hear([*cases, *told_why, answer(cases[2], "2026-02-05T12:00+01:00")])
    assert (await figures.told(*FEBRUARY))["interim"] == {"needed": 2, "in_time": 1, "share": 0.5}


async def test_an_imported_case_is_kept_by_the_day_it_was_answered_on_in_norway(figures: Figures) -> None:
    """Answered at 00:30 after its due day is too late, whatever day it is in UTC; open and overdue is a miss."""
    terms = {"system": "arkivet", "kind": "complaint", "topic": "Veg", "unit": "Teknisk", "area": None}
    cases = [
        CaseImported(
            id=uuid4(),
            at=at("2026-03-01T10:00+01:00"),
            case_id=uuid4(),
            municipality="sorum",
            reference=str(number),
            received_at=at("2026-01-05T10:00+01:00"),
            due_on=date(2026, 1, 12),
            answered_at=at(answered) if answered else None,
            channel=None,
            **terms,
        )
        for number, answered in enumerate(["2026-01-12T23:30+01:00", "2026-01-13T00:30+01:00", None])
    ]
    await figures.hear(cases)
    told = await figures.told(*JANUARY)
    promise = told["promise"]
    assert (promise["due"], promise["kept"], promise["open_overdue"]) == (3, 1, 1)
    assert (told["received"]["complaint"], told["backlog"]["overdue"], told["response_days"]["n"]) == (
        3,
        1,
        2,
    )
    (group,) = (await figures.told(*JANUARY, Dimension.TOPIC))["groups"]
    assert group["key"] == {"topic": "Veg"}
