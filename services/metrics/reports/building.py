"""Makes a report of what is known: figures, targets, entered values, explanations."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.metrics import published
from services.metrics.indicators import Dimension, Indicators, Key
from services.metrics.manual.standing import manual_values_of
from services.metrics.manual.store import WHOLE, Scope, ScopeKind
from services.metrics.measures import MEASURES, Capital, Source
from services.metrics.published import Family
from services.metrics.reading import Reading
from services.metrics.reports import given, store
from services.metrics.reports.control import DeadLetters, internal_control
from services.metrics.reports.lines import Lines
from services.metrics.reports.model import (
    CapitalPart,
    Compared,
    Improvement,
    InternalControl,
    InWords,
    Line,
    MeasureWords,
    Place,
    Point,
    Report,
)
from services.metrics.reports.periods import PUBLIC, ReportKind, ReportPeriod
from services.metrics.reports.places import name_of
from services.metrics.reports.seen import COMPARED, Seen
from shared.catalogue import LANGUAGES, Catalogue
from shared.municipality import Municipality

ENOUGH_TO_EXPLAIN = 5
"""Cases from which a share off target is more than the chance of a few."""
_GROUPINGS: Sequence[Sequence[Dimension]] = ((), (Dimension.SECTION,), (Dimension.UNIT,))


class Builder:
    """Makes the reports of one period: what is read is read once, whatever number of places it is told of."""

    def __init__(
        self,
        reading: Reading,
        municipality: Municipality,
        catalogue: Catalogue,
        period: ReportPeriod,
        *,
        now: datetime,
        dead_letters: DeadLetters,
    ) -> None:
        self._reading = reading
        self._municipality = municipality
        self._catalogue = catalogue
        self.period = period
        self._now = now
        self._dead_letters = dead_letters
        self._seen: dict[ReportPeriod, Seen] = {}
        self._explained: Mapping[tuple[Scope, str], store.ReportExplanation] = {}
        self._control: InternalControl | None = None
        self._improvements: tuple[Improvement, ...] = ()
        self._invented = False
        self._withheld: Mapping[str, Mapping[str, Sequence[Family]]] = {}

    async def read(self, *, to_issue: bool = False) -> None:
        """Reads everything the reports of the period are made of.

        :param to_issue: with what their public editions are protected by.
        """
        period = self.period
        if to_issue and period.kind in PUBLIC:
            self._withheld = {
                one.code: (await published.read(self._reading, one.days)).withheld
                for one in self._tertials() or (period, period.before(), period.a_year_before())
            }
        self._invented = await self._reading.is_invented()
        await self._look_at(period, with_held=True)
        await self._look_at(period.before(), with_held=True)
        await self._look_at(period.a_year_before(), with_held=True)
        for point in period.development():
            await self._look_at(point, with_held=period.kind == ReportKind.ANNUAL)
        self._explained = await store.explanations(self._reading.session, period)
        if period.kind == ReportKind.ANNUAL:
            of = self._seen[period].figures[WHOLE]
            self._control = await internal_control(
                self._reading, self._municipality, period.days, of, self._dead_letters
            )
            self._improvements = await given.improvements(
                self._reading.session, self._municipality, period.days
            )

    def scopes(self) -> list[Scope]:
        """The places a report of this kind is issued of.

        All of them monthly; else the municipality, and by tertial also what each committee answers for.
        """
        known = self._municipality
        if self.period.kind != ReportKind.MONTHLY:
            committees = known.balance.reports.committees if self.period.kind == ReportKind.TERTIAL else ()
            scopes = (Scope.committee(committee.id) for committee in committees)
            return [WHOLE, *(scope for scope in scopes if any(map(self._has_anything, self._parts(scope))))]
        places = [Scope.section(section) for section in known.sections]
        places += [Scope.unit(unit) for unit in known.units]
        return [WHOLE, *(place for place in places if self._has_anything(place))]

    def _has_anything(self, scope: Scope) -> bool:
        seen = self._seen[self.period]
        of = seen.figures.get(scope)
        counts = (of.received.total, of.promise.due, of.response.n, of.backlog.open) if of else ()
        return any(counts) or bool(seen.held.get(scope))

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in the period, and nothing was entered for it."""
        return not self._has_anything(WHOLE)

    def report(self, scope: Scope) -> Report:
        """The report of a place, as a draft."""
        municipality = self._municipality
        capitals = tuple(self._capitals(scope))
        measures = {line.measure for capital in capitals for place in capital.places for line in place.lines}
        used = [identity for identity in MEASURES if identity in measures or identity in COMPARED]
        is_whole = scope == WHOLE
        return Report(
            municipality=municipality.id,
            municipality_name=municipality.look.name,
            kind=self.period.kind,
            year=self.period.year,
            number=self.period.number,
            place_kind=scope.kind,
            place=scope.id,
            place_name=name_of(municipality, scope),
            made_at=self._now,
            seen_on=min(self.period.days.last, self._reading.today),
            invented=self._invented,
            withheld=self._withheld if is_whole else {},
            capitals=capitals,
            compared=tuple(self._compared(scope)),
            trend=tuple(
                Point(
                    kind=point.kind,
                    year=point.year,
                    number=point.number,
                    figures=self._seen[point].compared(*self._parts(scope)),
                )
                for point in self.period.development()
            ),
            internal_control=self._control if is_whole else None,
            improvements=self._improvements if is_whole else (),
            measures={identity: self._words(identity) for identity in used},
        )

    async def _look_at(self, period: ReportPeriod, *, with_held: bool) -> None:
        if period in self._seen:
            return
        session, known = self._reading.session, self._municipality
        whole, sections, units = await self._reading.grouped(_GROUPINGS, period.days)
        figures = {WHOLE: whole[()]}
        figures |= _by_scope(ScopeKind.SECTION, sections) | _by_scope(ScopeKind.UNIT, units)
        for unit in known.units:
            # Medians do not add up.
            if any((team,) in units for team in known.with_teams(unit) if team != unit):
                figures[Scope.unit(unit)] = await self._reading.total(period.days, {Dimension.UNIT: unit})
        scopes = [WHOLE, *map(Scope.section, known.sections), *map(Scope.unit, known.units)]
        entered = [measure.id for measure in MEASURES.values() if measure.source == Source.MANUAL]
        held = await manual_values_of(session, entered, scopes, period.days) if with_held else {}
        others = await given.given(session, known, [period.days], self._reading.today) if with_held else [{}]
        self._seen[period] = Seen(figures, held, *others)

    def _capitals(self, scope: Scope) -> list[CapitalPart]:
        return [part for capital in Capital if (part := self._capital(capital, scope)).places]

    def _capital(self, capital: Capital, scope: Scope) -> CapitalPart:
        day = self.period.days.last
        goal = next(
            (one for one in self._municipality.balance.goals if one.capital == capital and one.in_force(day)),
            None,
        )
        told = Lines(self._municipality, self.period, self._tertials(), self._seen, self._explained)
        about = list(self._parts(scope))
        within = about.copy()
        if scope == WHOLE and self.period.kind != ReportKind.MONTHLY:
            within += map(Scope.section, self._municipality.sections)
        places = [
            Place(kind=place.kind, id=place.id, name=name_of(self._municipality, place), lines=lines)
            for place in within
            if (lines := told.of(capital, place, is_about=place in about))
        ]
        years = (goal.valid_from, goal.valid_to) if goal else (None, None)
        return CapitalPart(
            capital=capital,
            purpose=goal.purpose.given if goal else None,
            goal=goal.goal.given if goal else None,
            years=(years[0].year, years[1].year) if years[0] and years[1] else None,
            places=tuple(places),
        )

    def _tertials(self) -> Sequence[ReportPeriod]:
        """What an annual report's years consist of."""
        return self.period.development() if self.period.kind == ReportKind.ANNUAL else ()

    def _parts(self, scope: Scope) -> Sequence[Scope]:
        """What a report is made up of: the place itself, or a committee's sections."""
        if scope.kind != ScopeKind.COMMITTEE:
            return (scope,)
        committee = self._municipality.balance.reports.committee(scope.id)
        return tuple(map(Scope.section, committee.sections)) if committee else ()

    def _compared(self, scope: Scope) -> list[Compared]:
        known = self._municipality
        if scope == WHOLE:
            places = [Scope.section(section) for section in known.sections]
        elif scope.kind == ScopeKind.SECTION:
            # Its teams are in a unit's figures, and beside each other in its own report.
            units = (unit for unit in known.units.values() if unit.section == scope.id and not unit.part_of)
            places = [Scope.unit(unit.id) for unit in units]
        elif scope.kind == ScopeKind.COMMITTEE:
            places = list(self._parts(scope))
        else:
            places = [Scope.unit(unit.id) for unit in known.units.values() if unit.part_of == scope.id]
        now, year_before = self._seen[self.period], self._seen[self.period.a_year_before()]
        return [
            Compared(
                kind=place.kind,
                id=place.id,
                name=name_of(known, place),
                figures=now.compared(place),
                last_year=year_before.compared(place),
                parts=tuple(self._seen[one].compared(place) for one in self._tertials()),
            )
            for place in places
            if place in now.figures or place in year_before.figures
        ]

    def _words(self, identity: str) -> MeasureWords:
        measure = MEASURES[identity]

        def said(key: str) -> InWords:
            return {language: self._catalogue.text(language, key) for language in LANGUAGES}

        return MeasureWords(
            name=said(f"measure.{identity}"),
            definition=said(f"definition.{identity}"),
            unit=measure.unit,
            better=measure.better,
            source=measure.source,
        )


def _by_scope(kind: ScopeKind, groups: Mapping[Key, Indicators]) -> dict[Scope, Indicators]:
    return {Scope(kind, key[0]): indicators for key, indicators in groups.items() if key[0] is not None}


def off_target(report: Report, enough: int = ENOUGH_TO_EXPLAIN) -> list[tuple[Place, Line]]:
    """What should be explained: off target, and not by the chance of a few cases."""
    return [
        (place, line)
        for place, line in report.lines
        if line.light.is_off and (line.now.of is None or line.now.of >= enough)
    ]
