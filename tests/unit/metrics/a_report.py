"""An invented report to show, print and suppress: every number is the test's own."""

from datetime import UTC, date, datetime
from pathlib import Path

from services.metrics.manual.store import ScopeKind
from services.metrics.measures import MEASURES, Source
from services.metrics.reports.model import (
    CapitalPart,
    Compared,
    Explanation,
    Figure,
    InternalControl,
    Line,
    MeasureWords,
    Place,
    Point,
    Report,
)
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.targets import Light, Rule
from shared.catalogue import LANGUAGES, Catalogue
from shared.web.i18n import Wording
from shared.web.site import WEB_TEXTS

METRICS = Path(__file__).parents[3] / "services" / "metrics"
CATALOGUE = Catalogue(WEB_TEXTS, METRICS / "texts", METRICS / "reports" / "texts")
BOKMAL = Wording(CATALOGUE, "nb")
WROTE = Explanation(
    why="Tre var syke i juni.",
    action="To lag deler sakene.",
    by="Per Moen",
    at=datetime(2026, 9, 8, tzinfo=UTC),
)


def share(kept: int, due: int) -> Figure:
    """A share of cases."""
    return Figure(value=kept / due if due else None, n=kept, of=due)


def days(length: float, n: int = 40) -> Figure:
    """A length of time."""
    return Figure(value=length, n=n)


def count(number: int) -> Figure:
    """A count of cases."""
    return Figure(value=float(number), n=number)


def line(
    measure: str,
    now: Figure,
    target: float | None = None,
    tolerance: float = 0.0,
    before: Figure | None = None,
    explanation: Explanation | None = None,
) -> Line:
    """An indicator."""
    rule = Rule.of(MEASURES[measure], target, tolerance)
    words = dict.fromkeys(LANGUAGES, "Slik")
    return Line(
        measure=measure, target_id=measure, focus=words, ambition=words, how=words, start=0.5,
        target=target, tolerance=tolerance, now=now, before=before or Figure(), last_year=Figure(),
        light=rule.light(now.value) if rule else Light.NO_TARGET, explanation=explanation,
    )  # fmt: skip


def compared(name: str, kept: int, due: int) -> Compared:
    """A section beside others."""
    figures = {
        "received": count(due), "promise_kept": share(kept, due), "response_median": days(2.5, due),
        "backlog_overdue": Figure(value=0.0, n=0, of=due),
    }  # fmt: skip
    return Compared(kind=ScopeKind.SECTION, id=name.lower(), name=name, figures=figures, last_year=figures)


def report(
    whole: tuple[Line, ...],
    sections: dict[str, tuple[Line, ...]] | None = None,
    beside: tuple[Compared, ...] = (),
    **more: object,
) -> Report:
    """A tertial report of a municipality."""
    places = [Place(kind=ScopeKind.MUNICIPALITY, id="", name="Lillevik kommune", lines=whole)]
    for name, lines in (sections or {}).items():
        places.append(Place(kind=ScopeKind.SECTION, id=name.lower(), name=name, lines=lines))
    words = dict.fromkeys(LANGUAGES, "Vi holder ord.")
    points = ReportPeriod(ReportKind.TERTIAL, 2026, 2).development()
    used = {one.measure for place in places for one in place.lines}
    used |= {"promise_kept", "response_median", "backlog_overdue"}
    fields = {
        "municipality": "lillevik",
        "municipality_name": "Lillevik kommune",
        "kind": ReportKind.TERTIAL,
        "year": 2026,
        "number": 2,
        "place_kind": ScopeKind.MUNICIPALITY,
        "place": "",
        "place_name": "Lillevik kommune",
        "made_at": datetime(2026, 9, 16, 6, tzinfo=UTC),
        "seen_on": date(2026, 8, 31),
        "version": 1,
        "issued_at": datetime(2026, 9, 16, 6, tzinfo=UTC),
        "issued_by": "Siri Vik",
        "capitals": (
            CapitalPart(capital="user", purpose=words, goal=words, years=(2024, 2027), places=tuple(places)),
        ),
        "compared": beside,
        "trend": tuple(
            Point(kind=point.kind, year=point.year, number=point.number, figures=compared("x", 30 + place, 40).figures)
            for place, point in enumerate(points)
        ),
        "internal_control": InternalControl(
            due=100, broken=20, open_overdue=0, undelivered=6, dead_letters=None, declarations_outdated=0, corrections=0
        ),
        "measures": {
            identity: MeasureWords(
                name={language: CATALOGUE.text(language, f"measure.{identity}") for language in LANGUAGES},
                definition={language: CATALOGUE.text(language, f"definition.{identity}") for language in LANGUAGES},
                unit=measure.unit,
                better=measure.better,
                source=measure.source,
            )
            for identity, measure in MEASURES.items()
            if identity in used
        },
    }  # fmt: skip
    return Report.model_validate({**fields, **more})


EXAMPLE = report(
    (
        line("promise_kept", share(76, 100), 0.9, 0.1, before=share(70, 100), explanation=WROTE),
        line("response_median", days(2.25), 3, 1),
        line("backlog_overdue", Figure(value=6.0, n=6, of=30), 0, 5),
        line(
            "arenas_share",
            Figure(
                value=0.95, n=19, of=20, source=Source.MANUAL, given_by="Telling", as_of=date(2026, 8, 31)
            ),
            1.0,
            0.1,
        ),
        line("survey_age_months", Figure(source=Source.SURVEY), 24, 3),
    ),
    {"Skole": (line("promise_kept", share(40, 60), 0.9, 0.1),)},
    (compared("Skole", 40, 60), compared("Kultur", 36, 40)),
)
"""A tertial that went so-so."""
