"""The indicators computed from the facts: a handful of queries, whatever they are grouped by."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, column, func, literal, or_, select, tuple_, values
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
Grouping = Sequence[Dimension]


async def grouped(
    session: AsyncSession, question: Question, groupings: Sequence[Grouping]
) -> list[dict[Key, Indicators]]:
    """The indicators in each grouping; the grouping by nothing is the total, and always there.

    Each has the groups that any figure has a case in, by key, those without a value last. Five queries,
    however many groupings.
    """
    asking = _Asking(session, question, groupings)
    received = await asking.find(_in(question.period, CaseFact.received_on), _RECEIPTS)
    promised = await asking.find(_in(question.period, CaseFact.due_on), _promises(question))
    answered = await asking.find(_in(question.period, CaseFact.answered_on), _ANSWERS)
    opened = await asking.find(_in(question.period, CaseFact.opened_on), _OPENINGS)
    standing = await asking.find(is_standing(question), _backlogs(question))
    computed: list[dict[Key, Indicators]] = [{} for _ in groupings]
    found = {*received, *promised, *answered, *opened, *standing}
    for group in sorted(found, key=lambda group: [(value is None, value or "") for value in group[1]]):
        grouping, key = group
        computed[grouping][key] = Indicators(
            promise=Promise(**promised.get(group, {})),
            response=_response(answered.get(group, {})),
            received=_received(received.get(group, {})),
            backlog=_backlog(standing.get(group, {}), question),
            handover=_handover(opened.get(group, {}), received.get(group, {})),
            satisfaction=_satisfaction(answered.get(group, {})),
        )
    return computed


class _Asking:
    """Asks for figures of the cases in question, in all groupings at once (GROUPING SETS)."""

    def __init__(self, session: AsyncSession, question: Question, groupings: Sequence[Grouping]) -> None:
        self._session = session
        self._cases = [CaseFact.received_at.is_not(None), *is_chosen(question)]
        self._groupings = [tuple(grouping) for grouping in groupings]
        self._dimensions = list(dict.fromkeys(name for grouping in groupings for name in grouping))
        self._keys = [getattr(CaseFact, name) for name in self._dimensions]
        sets = [tuple_(*(getattr(CaseFact, name) for name in grouping)) for grouping in groupings]
        self._level = func.grouping(*self._keys) if self._keys else literal(0)
        self._by = [func.grouping_sets(*sets)] if self._keys else []

    async def find(
        self, where: ColumnElement[bool], figures: Figures
    ) -> dict[tuple[int, Key], Mapping[str, Any]]:
        """By number of the grouping and key."""
        asked = (figure.label(name) for name, figure in figures.items())
        statement = select(self._level, *self._keys, *asked).where(*self._cases, where).group_by(*self._by)
        numbers = {self._bits(grouping): number for number, grouping in enumerate(self._groupings)}
        found: dict[tuple[int, Key], Mapping[str, Any]] = {}
        for level, *row in (await self._session.execute(statement)).all():
            number = numbers[level]
            known = dict(zip(self._dimensions, row, strict=False))
            key = tuple(known[name] for name in self._groupings[number])
            found[number, key] = dict(zip(figures, row[len(self._keys) :], strict=True))
        return found

    def _bits(self, grouping: Grouping) -> int:
        """PostgreSQL's GROUPING: a bit for each dimension, set where the row is not grouped by it."""
        return int("".join("0" if name in grouping else "1" for name in self._dimensions) or "0", 2)


def _in(period: Period, day: InstrumentedAttribute[date | None]) -> ColumnElement[bool]:
    return day.between(period.first, period.last)


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
