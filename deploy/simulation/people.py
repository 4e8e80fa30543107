"""What people write and enter in a simulated year: values, improvements, a survey, an assessment, explanations.

Nothing of it is an event, so it is written straight into metrics' tables, marked with who wrote it
(`author_of`), by which `remove_invented` finds it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.compass.judging import Judgement, Method
from services.metrics.compass.store import CompassAssessment, save
from services.metrics.compass.versions import versions
from services.metrics.improvements.store import ImprovementVersion
from services.metrics.invented import author_of
from services.metrics.manual.store import WHOLE, ManualValue, Scope
from services.metrics.reports.building import off_target
from services.metrics.reports.model import Report
from services.metrics.reports.store import ReportExplanation
from services.metrics.surveys.questions import HIGHEST, LOWEST, QUESTIONS
from services.metrics.surveys.store import Survey, SurveyTally
from shared.clock import OSLO
from shared.municipality import Municipality

_FOLDER = Path(__file__).with_name("people_written")
SUGGESTIONS_PER_EMPLOYEE, EMPLOYEES_PER_RESIDENT = 0.45, 0.058
"""Of an organisation with a suggestion scheme (350 to 450 a year from 876 employees)."""
CARRIED_OUT = 0.73
UPHELD, DISMISSED = 0.2, 0.05
INVITED, ANSWERED = 0.08, 0.37
"""Residents invited to a survey, and how many of these answer."""
EXPLAINED = 0.85


def written_in(language: str) -> Mapping[str, Any]:
    """What people write, in a municipality's first language; in bokmål where that is neither."""
    file = _FOLDER / f"{language}.yaml"
    text = (file if file.exists() else _FOLDER / "nb.yaml").read_text("utf-8")
    return cast("Mapping[str, Any]", yaml.safe_load(text))


@dataclass(frozen=True)
class Tertial:
    """One that is over, with the appeals received in it."""

    number: int
    first: date
    last: date
    appeals: int


class People:
    """The same for the same seed, year and municipality; only what has happened by a day."""

    def __init__(self, municipality: Municipality, year: int, residents: int, seed: int, today: date) -> None:
        self._municipality = municipality
        self._year = year
        self._residents = residents
        self._seed = seed
        self._today = today
        self._by = author_of(year)
        self._written = written_in(municipality.languages[0])

    def write(self, session: AsyncSession, tertials: Sequence[Tertial]) -> None:
        """Values of the tertials that are over, improvements, and before the year a survey and an assessment."""
        for tertial in tertials:
            session.add_all(self._values(tertial))
        session.add_all(self._improvements())
        self._survey(session)
        self._assessment(session)

    def explain(self, session: AsyncSession, report: Report, on: date) -> None:
        """Most of what should be explained in a draft is, two days before it is issued."""
        for place, line in off_target(report):
            random = self._random("explained", report.period.code, place.id, line.measure)
            if random.random() > EXPLAINED and place.scope != WHOLE:
                continue
            written = random.choice(
                self._written["explanations"].get(line.measure, self._written["explanations"]["other"])
            )
            session.add(
                ReportExplanation(
                    kind=report.kind.value,
                    code=report.period.code,
                    scope_kind=place.kind.value,
                    scope=place.id,
                    measure=line.measure,
                    why=written["why"],
                    action=written["action"],
                    written_by=self._by,
                    written_at=_noon(on - timedelta(days=2)),
                )
            )

    def _random(self, *of: object) -> Random:
        return Random("/".join(map(str, (self._seed, self._year, *of))))  # noqa: S311 - invented

    def _values(self, tertial: Tertial) -> Iterator[ManualValue]:
        random = self._random("values", tertial.number)
        upheld = round(tertial.appeals * UPHELD * random.uniform(0.7, 1.3))
        dismissed = round(tertial.appeals * DISMISSED)
        employees = round(self._residents * EMPLOYEES_PER_RESIDENT)
        suggestions = round(employees * SUGGESTIONS_PER_EMPLOYEE / 3 * random.uniform(0.85, 1.15))
        implemented = round(suggestions * CARRIED_OUT * random.uniform(0.95, 1.05))
        counts = {
            "appeals_upheld": upheld,
            "appeals_upheld_by_body": min(upheld, random.randrange(2)),
            "appeals_dismissed": dismissed,
            "arena_activity": max(1, round(self._residents / 700 * random.uniform(0.8, 1.2))),
            "suggestions_received": suggestions,
            "roses_given": suggestions + 3 * implemented,
        }
        for measure, count in counts.items():
            yield self._value(measure, WHOLE, tertial, float(count), count)
        decided = tertial.appeals - dismissed
        yield self._share("appeals_upheld_share", WHOLE, tertial, upheld, decided)
        yield self._share("suggestions_implemented_share", WHOLE, tertial, implemented, suggestions)
        yield self._value(
            "suggestions_per_employee", WHOLE, tertial, round(suggestions / max(1, employees), 2)
        )
        places = {section: self._places(section) for section in self._municipality.sections}
        with_arena = {
            section: min(
                of, round(of * (0.72 + 0.08 * tertial.number) * self._random(section).uniform(0.9, 1.15))
            )
            for section, of in places.items()
        }
        for section, of in places.items():
            if of:
                yield self._share("arenas_share", Scope.section(section), tertial, with_arena[section], of)
        yield self._share("arenas_share", WHOLE, tertial, sum(with_arena.values()), sum(places.values()))

    def _places(self, section: str) -> int:
        units = self._municipality.units.values()
        return sum(unit.section == section and unit.in_force(self._today) for unit in units)

    def _share(self, measure: str, scope: Scope, tertial: Tertial, n: int, of: int) -> ManualValue:
        return self._value(measure, scope, tertial, n / of if of else None, n, of)

    def _value(
        self,
        measure: str,
        scope: Scope,
        tertial: Tertial,
        value: float | None,
        n: int | None = None,
        of: int | None = None,
    ) -> ManualValue:
        return ManualValue(
            measure=measure,
            scope_kind=scope.kind.value,
            scope=scope.id,
            first=tertial.first,
            last=tertial.last,
            value=value,
            n=n,
            of=of,
            source=self._written["source"],
            as_of=tertial.last,
            note=None,
            entered_by=self._by,
            entered_at=_noon(tertial.last),
        )

    def _improvements(self) -> Iterator[ImprovementVersion]:
        known = self._municipality
        for one in self._written["improvements"]:
            decided = date.fromisoformat(f"{self._year}-{one['decided']}")
            if one["topic"] not in known.topics or decided >= self._today:
                continue
            areas: list[str | None] = [*known.areas] or [None]
            unit = known.owner(one["topic"], self._random(one["topic"]).choice(areas), decided).unit_id
            closed = decided + timedelta(days=one["days"]) if "days" in one else None
            yield ImprovementVersion(
                improvement_id=uuid5(NAMESPACE_URL, f"{self._by}/{known.id}/{one['title']}"),
                number=1,
                saved_at=_noon(decided),
                saved_by=self._by,
                unit=unit,
                section=known.section_of(unit).id,
                title=one["title"],
                said=one["said"],
                changed=one["changed"],
                decided_on=decided,
                closed_on=closed if closed and closed < self._today else None,
                topic=one["topic"],
                cases=self._random("cases", one["topic"]).randrange(6, 30),
                published=True,
                withdrawn=False,
            )

    def _survey(self, session: AsyncSession) -> None:
        random = self._random("survey")
        invited = round(self._residents * INVITED)
        answers = round(invited * ANSWERED)
        survey_id = f"oppdiktet-{self._year - 1}"
        session.add(
            Survey(
                id=survey_id,
                title=self._written["survey"].format(year=self._year - 1),
                opens_on=date(self._year - 1, 10, 19),
                closes_on=date(self._year - 1, 11, 15),
                questions=list(QUESTIONS),
                invited=invited,
                made_on=date(self._year - 1, 10, 1),
                made_by=self._by,
            )
        )
        session.add(SurveyTally(survey_id=survey_id, question="", value=0, count=answers))
        for question in QUESTIONS:
            middle = random.uniform(3.6, 4.8)
            steps = [
                min(HIGHEST, max(LOWEST, round(random.gauss(middle, 1.2))))
                for _ in range(round(answers * random.uniform(0.9, 1.0)))
            ]
            for value in sorted(set(steps)):
                session.add(
                    SurveyTally(survey_id=survey_id, question=question, value=value, count=steps.count(value))
                )

    def _assessment(self, session: AsyncSession) -> None:
        random = self._random("assessment")
        version = max(versions().values(), key=lambda one: one.version)
        issued = date(self._year - 1, 12, 10)
        identity = uuid5(NAMESPACE_URL, f"{self._by}/{self._municipality.id}/assessment")
        session.add(
            CompassAssessment(
                id=identity,
                version=version.version,
                method=Method.EXTERNAL.value,
                source=self._written["source"],
                begun_on=issued,
                begun_by=self._by,
                issued_on=issued,
                issued_by=self._by,
                issued_at=_noon(issued),
            )
        )
        for area in version.areas:
            content: Mapping[str, Judgement] = {
                one.id: Judgement(points=Decimal(round(one.most * random.uniform(0.35, 0.85) * 10)) / 10)
                for one in area.criteria
            }
            save(session, identity, area.number, content, at=_noon(issued), by=self._by)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), OSLO).astimezone(UTC)
