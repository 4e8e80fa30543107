"""The indicators computed from the facts: a handful of queries, whatever they are grouped by."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, column, func, or_, select, values
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.metrics.indicators import (
    Backlog,
    Dimension,
    Handover,
    Indicators,
    Key,
    Promise,
    Question,
    Received,
    Response,
    Satisfaction,
    Trend,
    in_days,
)
from services.metrics.periods import Period
from services.metrics.store import CaseFact
from shared.events import Kind

_MEDIAN, _P90 = 0.5, 0.9
_IS_OPEN = CaseFact.finished_on.is_(None)
_COUNT = func.count()

Figures = Mapping[str, ColumnElement[Any]]
Found = Mapping[str, Any]


async def total(session: AsyncSession, question: Question) -> Indicators:
    """The indicators of all the cases in question."""
    return (await _computed(session, question, ()))[()]


async def by(
    session: AsyncSession, question: Question, dimensions: Sequence[Dimension]
) -> dict[Key, Indicators]:
    """The indicators of each group that any figure has a case in, by key; those without a value last."""
    computed = await _computed(session, question, dimensions)
    return {
        key: computed[key] for key in sorted(computed, key=lambda key: [(v is None, v or "") for v in key])
    }


async def _computed(
    session: AsyncSession, question: Question, dimensions: Sequence[Dimension]
) -> dict[Key, Indicators]:
    keys = [getattr(CaseFact, dimension) for dimension in dimensions]
    cases = [CaseFact.received_at.is_not(None), *is_chosen(question)]

    async def find(where: ColumnElement[bool], figures: Figures) -> dict[Key, Found]:
        asked = (figure.label(name) for name, figure in figures.items())
        statement = select(*keys, *asked).where(*cases, where).group_by(*keys)
        rows = (await session.execute(statement)).all()
        return {tuple(row[: len(keys)]): dict(zip(figures, row[len(keys) :], strict=True)) for row in rows}

    def in_period(day: InstrumentedAttribute[date | None]) -> ColumnElement[bool]:
        return day.between(question.period.first, question.period.last)

    received = await find(in_period(CaseFact.received_on), _RECEIPTS)
    promised = await find(in_period(CaseFact.due_on), _promises(question))
    answered = await find(in_period(CaseFact.answered_on), _ANSWERS)
    opened = await find(in_period(CaseFact.opened_on), _OPENINGS)
    standing = await find(is_standing(question), _backlogs(question))
    return {
        key: Indicators(
            promise=Promise(**promised.get(key, {})),
            response=_response(answered.get(key, {})),
            received=_received(received.get(key, {})),
            backlog=_backlog(standing.get(key, {}), question),
            handover=_handover(opened.get(key, {}), received.get(key, {})),
            satisfaction=_satisfaction(answered.get(key, {})),
        )
        for key in {*received, *promised, *answered, *opened, *standing}
    }


def is_chosen(question: Question) -> list[ColumnElement[bool]]:
    """That a case is among those in question."""
    return [getattr(CaseFact, dimension) == value for dimension, value in question.chosen.items()]


def is_standing(question: Question) -> ColumnElement[bool]:
    """That a case is in the backlog."""
    seen_on = question.seen_on
    return and_(CaseFact.received_on <= seen_on, or_(_IS_OPEN, CaseFact.finished_on > seen_on))


async def over_time(session: AsyncSession, question: Question, parts: Sequence[Period]) -> list[Trend]:
    """What can be told of each part of the question's period, in order."""
    drawn = values(column("part", Integer), column("first", Date), column("last", Date), name="drawn").data(
        [(number, part.first, part.last) for number, part in enumerate(parts)]
    )
    cases = [CaseFact.received_at.is_not(None), *is_chosen(question)]

    async def find(day: InstrumentedAttribute[date | None], figures: Figures) -> dict[int, Found]:
        statement = (
            select(drawn.c.part, *(figure.label(name) for name, figure in figures.items()))
            .join_from(drawn, CaseFact, day.between(drawn.c.first, drawn.c.last))
            .where(*cases)
            .group_by(drawn.c.part)
        )
        rows = (await session.execute(statement)).all()
        return {row[0]: dict(zip(figures, row[1:], strict=True)) for row in rows}

    received = await find(CaseFact.received_on, _RECEIPTS)
    promised = await find(CaseFact.due_on, _promises(question))
    answered = await find(CaseFact.answered_on, _ANSWERS)
    return [
        Trend(
            part=part,
            promise=Promise(**promised.get(number, {})),
            response=_response(answered.get(number, {})),
            received=_received(received.get(number, {})),
        )
        for number, part in enumerate(parts)
    ]


_RECEIPTS: Figures = {
    **{kind.value: _COUNT.filter(CaseFact.kind == kind.value) for kind in Kind},
    "handovers": func.coalesce(func.sum(CaseFact.handovers), 0),
}
_ANSWERS: Figures = {
    "n": _COUNT,
    "median": func.percentile_cont(_MEDIAN).within_group(CaseFact.response),
    "p90": func.percentile_cont(_P90).within_group(CaseFact.response),
    "helped": _COUNT.filter(CaseFact.helped.is_(True)),
    "not_helped": _COUNT.filter(CaseFact.helped.is_(False)),
}
_OPENINGS: Figures = {
    "n": _COUNT,
    "median": func.percentile_cont(_MEDIAN).within_group(CaseFact.handover),
}


def _promises(question: Question) -> Figures:
    settled = CaseFact.due_on < question.today
    unsettled = CaseFact.due_on >= question.today
    return {
        "due": _COUNT.filter(settled),
        "kept": _COUNT.filter(settled, CaseFact.answered_on <= CaseFact.due_on),
        "open_overdue": _COUNT.filter(settled, _IS_OPEN),
        "not_yet_due": _COUNT.filter(unsettled),
        "early": _COUNT.filter(unsettled, CaseFact.answered_on.is_not(None)),
    }


def _backlogs(question: Question) -> Figures:
    return {
        "open": _COUNT,
        "overdue": _COUNT.filter(CaseFact.due_on < question.not_overdue_from),
        "due_soon": _COUNT.filter(CaseFact.due_on.between(question.not_overdue_from, question.soon_until)),
        "oldest": func.min(CaseFact.received_on),
    }


def _response(answered: Found) -> Response:
    return Response(
        n=answered.get("n", 0),
        median=in_days(answered.get("median")),
        p90=in_days(answered.get("p90")),
    )


def _received(received: Found) -> Received:
    return Received(**{kind.value: received.get(kind.value, 0) for kind in Kind})


def _backlog(standing: Found, question: Question) -> Backlog:
    oldest = standing.get("oldest")
    return Backlog(
        seen_on=question.seen_on,
        open=standing.get("open", 0),
        overdue=standing.get("overdue", 0),
        due_soon=standing.get("due_soon", 0),
        oldest_days=(question.seen_on - oldest).days if oldest else None,
    )


def _handover(opened: Found, received: Found) -> Handover:
    return Handover(
        n=opened.get("n", 0),
        median=in_days(opened.get("median")),
        handovers=received.get("handovers", 0),
    )


def _satisfaction(answered: Found) -> Satisfaction:
    return Satisfaction(
        answered=answered.get("n", 0),
        helped=answered.get("helped", 0),
        not_helped=answered.get("not_helped", 0),
    )
