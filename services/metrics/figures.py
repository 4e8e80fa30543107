"""The indicators: sums from the cells, percentiles and the backlog from the facts, whatever they are grouped by."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Row, sums_of
from services.metrics.backlog import backlogs
from services.metrics.cells import COLUMNS, RATINGS
from services.metrics.indicators import (
    Backlog,
    Declarations,
    Dimension,
    Handover,
    Indicators,
    Interim,
    Key,
    Messages,
    Promise,
    Question,
    Ratings,
    Received,
    Response,
    Satisfaction,
    Trend,
    in_days,
)
from services.metrics.lengths import ANSWERS, NONE, OPENINGS, Family, Percentiles, percentiles
from services.metrics.periods import Period
from services.metrics.runs import Group
from shared.events import Kind

Grouping = Sequence[Dimension]
_NOTHING: Row = dict.fromkeys(COLUMNS, 0)
_DAY = timedelta(days=1)


async def grouped(
    session: AsyncSession, question: Question, groupings: Sequence[Grouping]
) -> list[dict[Key, Indicators]]:
    """The indicators in each grouping; the grouping by nothing is the total, and always there.

    Each has the groups that any figure has a case in, by key, those without a value last.
    """
    seen = await backlogs(session, question, groupings)
    told = await _told(session, question, [question.period], groupings)
    computed = []
    for grouping, backlog, (sums,) in zip(groupings, seen, told, strict=True):
        keys = {*sums, *backlog, *([()] if not grouping else [])}
        computed.append(
            {
                key: _indicators(question, grouping, sums.get(key, _Sums()), backlog.get(key))
                for key in sorted(keys, key=lambda key: [(value is None, value or "") for value in key])
            }
        )
    return computed


async def totals(session: AsyncSession, questions: Sequence[Question]) -> list[Indicators]:
    """The indicators of all cases in question, ungrouped, of questions that differ by their periods alone."""
    periods = list(dict.fromkeys(question.period for question in questions))
    (told,) = await _told(session, questions[0], periods, [()])
    found = {}
    for question, sums in zip(
        {question.period: question for question in questions}.values(), told, strict=True
    ):
        (backlog,) = await backlogs(session, question, [()])
        found[question.period] = _indicators(question, (), sums.get((), _Sums()), backlog.get(()))
    return [found[question.period] for question in questions]


async def over_time(session: AsyncSession, question: Question, parts: Sequence[Period]) -> list[Trend]:
    """What can be told of each part of the question's period, in order."""
    (told,) = await _told(session, question, parts, [()])
    trends = []
    for part, groups in zip(parts, told, strict=True):
        sums = groups.get((), _Sums())
        trends.append(
            Trend(part=part, promise=sums.promise(), response=sums.response(), received=sums.received())
        )
    return trends


class _Sums:
    """What was found of one group in one period: of the days that have passed, and of today and later."""

    def __init__(self, passed: Row = _NOTHING, coming: Row = _NOTHING) -> None:
        self.passed = passed
        self.coming = coming
        self.lengths: dict[Family, tuple[Percentiles, ...]] = {}

    def __getitem__(self, column: str) -> int:
        return int(self.passed[column] + self.coming[column])

    def promise(self) -> Promise:
        return Promise(
            due=self.passed["promised"],
            kept=self.passed["kept"],
            open_overdue=self.passed["waiting"],
            not_yet_due=self.coming["promised"],
            early=self.coming["early"],
            kept_without_pauses=self.passed["kept_without_pauses"],
        )

    def response(self) -> Response:
        (median, p90), (bare_median, bare_p90) = self.lengths.get(ANSWERS, (NONE, NONE))
        return Response(
            n=self["answered"],
            median=in_days(median),
            p90=in_days(p90),
            median_without_pauses=in_days(bare_median),
            p90_without_pauses=in_days(bare_p90),
            print=self[ANSWERS.print],
        )

    def received(self) -> Received:
        kinds = {kind.value: self[kind.value] for kind in Kind}
        return Received(**kinds, other=self["received"] - sum(kinds.values()))

    def satisfaction(self) -> Satisfaction:
        return Satisfaction(
            answered=self["answered"],
            helped=self["helped"],
            not_helped=self["not_helped"],
            process=self._ratings("process"),
            outcome=self._ratings("outcome"),
        )

    def _ratings(self, what: str) -> Ratings:
        one, two, three, four, five = (self[f"{what}_{rating}"] for rating in RATINGS)
        return Ratings((one, two, three, four, five))


def _indicators(question: Question, grouping: Grouping, sums: _Sums, backlog: Backlog | None) -> Indicators:
    whole = not grouping and not question.chosen
    return Indicators(
        promise=sums.promise(),
        response=sums.response(),
        received=sums.received(),
        backlog=backlog or Backlog(seen_on=question.seen_on),
        handover=Handover(
            n=sums["opened"],
            median=in_days(sums.lengths.get(OPENINGS, (NONE,))[0][0]),
            handovers=sums["handovers"],
        ),
        satisfaction=sums.satisfaction(),
        interim=Interim(needed=sums.passed["interim_needed"], in_time=sums.passed["interim_in_time"]),
        messages=Messages(bounced=sums["bounced"]),
        declarations=question.declarations if whole else Declarations(),
        residents=question.residents if whole else None,
    )


async def _told(
    session: AsyncSession, question: Question, periods: Sequence[Period], groupings: Sequence[Grouping]
) -> list[list[dict[Key, _Sums]]]:
    """By grouping and period: the sums and percentiles of each group."""
    told = [await _summed(session, question, periods, grouping) for grouping in groupings]
    found = {
        Group(tuple(grouping), key, period): sums
        for grouping, by_period in zip(groupings, told, strict=True)
        for period, groups in zip(periods, by_period, strict=True)
        for key, sums in groups.items()
    }
    prints = {
        (group, family): (sums[family.count], sums[family.print])
        for group, sums in found.items()
        for family in (ANSWERS, OPENINGS)
        if sums[family.count]
    }
    for (group, family), values in (await percentiles(session, question, prints)).items():
        found[group].lengths[family] = values
    return told


async def _summed(
    session: AsyncSession, question: Question, periods: Sequence[Period], grouping: Grouping
) -> list[dict[Key, _Sums]]:
    cut = [_cut(period, question.today) for period in periods]
    found = await sums_of(session, question, {piece for pieces in cut for piece in pieces if piece}, grouping)
    told: list[dict[Key, _Sums]] = []
    for passed, coming in cut:
        now, later = found[passed] if passed else {}, found[coming] if coming else {}
        told.append(
            {key: _Sums(now.get(key, _NOTHING), later.get(key, _NOTHING)) for key in {**now, **later}}
        )
    return told


def _cut(period: Period, today: date) -> tuple[Period | None, Period | None]:
    """The part of a period whose days have passed, and the rest."""
    passed = Period(period.first, min(period.last, today - _DAY)) if period.first < today else None
    coming = Period(max(period.first, today), period.last) if period.last >= today else None
    return passed, coming
