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
    return await together(session, [(question, grouping) for grouping in groupings])


async def together(
    session: AsyncSession, wanted: Sequence[tuple[Question, Grouping]]
) -> list[dict[Key, Indicators]]:
    """The same of questions that differ by their periods alone, each in its grouping: read together."""
    seen = [(await backlogs(session, question, [grouping]))[0] for question, grouping in wanted]
    told = await _told(session, wanted[0][0], [(question.period, grouping) for question, grouping in wanted])
    computed = []
    for (question, grouping), backlog, sums in zip(wanted, seen, told, strict=True):
        keys = {*sums, *backlog, *([()] if not grouping else [])}
        computed.append(
            {
                key: _indicators(question, grouping, sums.get(key, _Sums()), backlog.get(key))
                for key in sorted(keys, key=lambda key: [(value is None, value or "") for value in key])
            }
        )
    return computed


async def over_time(session: AsyncSession, question: Question, parts: Sequence[Period]) -> list[Trend]:
    """What can be told of each part of the question's period, in order."""
    trends = []
    for part, groups in zip(
        parts, await _told(session, question, [(part, ()) for part in parts]), strict=True
    ):
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
    session: AsyncSession, question: Question, wanted: Sequence[tuple[Period, Grouping]]
) -> list[dict[Key, _Sums]]:
    """The sums and percentiles of each group of a period in a grouping."""
    periods: dict[Grouping, list[Period]] = {}
    for period, grouping in wanted:
        periods.setdefault(tuple(grouping), []).append(period)
    summed = {
        (period, grouping): groups
        for grouping, of_grouping in periods.items()
        for period, groups in (await _summed(session, question, of_grouping, grouping)).items()
    }
    found = {
        Group(tuple(grouping), key, period): sums
        for (period, grouping), groups in summed.items()
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
    return [summed[period, tuple(grouping)] for period, grouping in wanted]


async def _summed(
    session: AsyncSession, question: Question, periods: Sequence[Period], grouping: Grouping
) -> dict[Period, dict[Key, _Sums]]:
    cut = {period: _cut(period, question.today) for period in periods}
    found = await sums_of(
        session, question, {piece for pieces in cut.values() for piece in pieces if piece}, grouping
    )
    told: dict[Period, dict[Key, _Sums]] = {}
    for period, (passed, coming) in cut.items():
        now, later = found[passed] if passed else {}, found[coming] if coming else {}
        told[period] = {
            key: _Sums(now.get(key, _NOTHING), later.get(key, _NOTHING)) for key in {**now, **later}
        }
    return told


def _cut(period: Period, today: date) -> tuple[Period | None, Period | None]:
    """The part of a period whose days have passed, and the rest."""
    passed = Period(period.first, min(period.last, today - _DAY)) if period.first < today else None
    coming = Period(max(period.first, today), period.last) if period.last >= today else None
    return passed, coming
