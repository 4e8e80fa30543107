"""The indicators computed from the facts: a handful of queries, whatever they are grouped by."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

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
    in_days,
)
from services.metrics.store import CaseFact
from shared.events import Kind

_MEDIAN, _P90 = 0.5, 0.9
_IS_OPEN = CaseFact.finished_on.is_(None)
_COUNT = func.count()

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
    grouping = _Grouping(session, question, dimensions)
    received = await grouping.find(*_receipts(question))
    promised = await grouping.find(*_promises(question))
    answered = await grouping.find(*_answers(question))
    opened = await grouping.find(*_openings(question))
    standing = await grouping.find(*_standing(question))
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


class _Grouping:
    """Asks for figures of the cases in question, each group for itself."""

    def __init__(self, session: AsyncSession, question: Question, dimensions: Sequence[Dimension]) -> None:
        self._session = session
        self._keys = [getattr(CaseFact, dimension) for dimension in dimensions]
        self._chosen = [getattr(CaseFact, dimension) == value for dimension, value in question.chosen.items()]

    async def find(
        self, where: ColumnElement[bool], figures: Mapping[str, ColumnElement[Any]]
    ) -> dict[Key, Found]:
        statement = (
            select(*self._keys, *(figure.label(name) for name, figure in figures.items()))
            .where(CaseFact.received_at.is_not(None), *self._chosen, where)
            .group_by(*self._keys)
        )
        rows = (await self._session.execute(statement)).all()
        width = len(self._keys)
        return {tuple(row[:width]): dict(zip(figures, row[width:], strict=True)) for row in rows}


Asked = tuple[ColumnElement[bool], Mapping[str, ColumnElement[Any]]]


def _receipts(question: Question) -> Asked:
    where = CaseFact.received_on.between(question.period.first, question.period.last)
    return where, {
        **{kind.value: _COUNT.filter(CaseFact.kind == kind.value) for kind in Kind},
        "handovers": func.coalesce(func.sum(CaseFact.handovers), 0),
    }


def _promises(question: Question) -> Asked:
    settled = CaseFact.due_on <= question.last_settled_day
    unsettled = CaseFact.due_on >= question.first_unsettled_day
    return CaseFact.due_on.between(question.period.first, question.period.last), {
        "due": _COUNT.filter(settled),
        "kept": _COUNT.filter(settled, CaseFact.answered_on <= CaseFact.due_on),
        "open_overdue": _COUNT.filter(settled, _IS_OPEN),
        "not_yet_due": _COUNT.filter(unsettled),
        "early": _COUNT.filter(unsettled, CaseFact.answered_on.is_not(None)),
    }


def _answers(question: Question) -> Asked:
    return CaseFact.answered_on.between(question.period.first, question.period.last), {
        "n": _COUNT,
        "median": func.percentile_cont(_MEDIAN).within_group(CaseFact.response),
        "p90": func.percentile_cont(_P90).within_group(CaseFact.response),
        "helped": _COUNT.filter(CaseFact.helped.is_(True)),
        "not_helped": _COUNT.filter(CaseFact.helped.is_(False)),
    }


def _openings(question: Question) -> Asked:
    return CaseFact.opened_on.between(question.period.first, question.period.last), {
        "n": _COUNT,
        "median": func.percentile_cont(_MEDIAN).within_group(CaseFact.handover),
    }


def _standing(question: Question) -> Asked:
    where = and_(
        CaseFact.received_on <= question.seen_on, or_(_IS_OPEN, CaseFact.finished_on > question.seen_on)
    )
    return where, {
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
