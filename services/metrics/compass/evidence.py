"""Evidence that the system itself holds: what it can document of the criteria it is about.

A proposal: whoever judges decides whether to use it, and it is then kept as it was on that day.
"""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics import figures
from services.metrics.compass.area_form import Suggested
from services.metrics.compass.judging import Evidence
from services.metrics.improvements import store as improvement_store
from services.metrics.indicators import Question
from services.metrics.invented import has_invented
from services.metrics.manual.store import WHOLE
from services.metrics.periods import Period
from services.metrics.reports import store as report_store
from services.metrics.reports.addresses import OUTSIDE, Address
from services.metrics.reports.periods import PUBLIC, ReportKind, ReportPeriod
from services.metrics.reports.tables_in_words import title_of
from services.metrics.store import CaseFact
from services.metrics.suppression import FEWEST
from services.metrics.surveys import store as survey_store
from shared.clock import oslo_day
from shared.municipality import Municipality
from shared.web.i18n import Wording

_YEAR = timedelta(days=365)
_MOST_REPORTS = 4
"""A year's: three tertials and the whole of it."""


class SystemEvidence:
    """Finds evidence for criteria 1.3, 1.4, 2.2, 2.5 and 2.6."""

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality

    async def __call__(self, session: AsyncSession, today: date, say: Wording) -> Suggested:
        """By criterion's id, in words of the reader's language."""
        found: dict[str, list[Evidence]] = {
            "2.5": await self._surveys(session, today, say),
            "2.6": self._declarations(today, say),
        }
        if reports := await self._reports(session, say):
            found["1.3"] = reports
        # What another system had before us documents nothing of ours.
        ours = select(func.min(CaseFact.received_on)).where(CaseFact.system.is_(None))
        since = await session.scalar(ours)
        if since is None:
            return found
        question = Question(Period(today - _YEAR, today), today, self._municipality.calendar)
        (whole,) = await figures.grouped(session, question, [()])
        year = whole[()]
        dialogue = say.text(
            "compass.evidence.dialogue",
            received=say.n(year.received.total),
            answered=say.n(year.response.n),
        )
        results = _found(say.text("compass.evidence.results"), "/resultater", since)
        found["1.3"] = [results, *found.get("1.3", [])]
        found["1.4"] = [_found(dialogue, "/", since), *await self._improvements(session, say)]
        if year.promise.due:
            kept = say.text(
                "compass.evidence.service",
                share=say.pct(year.promise.share),
                due=say.n(year.promise.due),
            )
            found["2.2"] = [_found(kept, "/resultater", since)]
        if await has_invented(session):
            # What is used is kept in the assessment, also when the simulated year is removed.
            counted = {"1.3", "1.4", "2.2"} & set(found)
            found |= {one: [_invented(each, say) for each in found[one]] for one in counted}
        return found

    def _declarations(self, today: date, say: Wording) -> list[Evidence]:
        in_force = [rule for rule in self._municipality.promises if rule.in_force(today)]
        if not in_force:
            return []
        current = sum(not rule.outdated(today) for rule in in_force)
        begun = [rule.valid_from for rule in in_force if rule.valid_from]
        title = say.text("compass.evidence.declarations", count=len(in_force), current=current)
        return [_found(title, "/forvent", min(begun, default=today))]

    async def _surveys(self, session: AsyncSession, today: date, say: Wording) -> list[Evidence]:
        """Closed surveys with results, and the newest imported ones of each source."""
        closed = [one for one in await survey_store.surveys(session) if one.closes_on < today]
        counts = await survey_store.answered(session, [one.id for one in closed])
        found = [
            _found(
                say.text("compass.evidence.survey", title=one.title, count=counts[one.id]),
                f"/undersokelse/{one.id}",
                one.closes_on,
            )
            for one in closed
            if counts[one.id] >= FEWEST
        ]
        imported = {(one.year, one.source): one.imported_on for one in await survey_store.imported(session)}
        return found + [
            _found(
                say.text("compass.evidence.imported", year=year, source=source),
                "/innsikt/undersokelser",
                imported_on,
            )
            for (year, source), imported_on in imported.items()
        ]

    @staticmethod
    async def _reports(session: AsyncSession, say: Wording) -> list[Evidence]:
        """The reports on how promises were kept that anybody can read, the newest first, as they stand."""
        rows = await report_store.issued(session, PUBLIC, _MOST_REPORTS, of=[WHOLE])
        periods = [(row, ReportPeriod.parse(ReportKind(row.kind), row.code)) for row in rows]
        return [
            _found(
                title_of(say, period),
                Address(period, WHOLE, row.version).path(OUTSIDE),
                oslo_day(row.issued_at),
            )
            for row, period in periods
        ]

    @staticmethod
    async def _improvements(session: AsyncSession, say: Wording) -> list[Evidence]:
        made = [
            one.closed_on
            for one in await improvement_store.improvements(session)
            if one.closed_on and one.published and not one.withdrawn
        ]
        if not made:
            return []
        title = say.text("compass.evidence.improvements", count=len(made))
        return [_found(title, "/resultater", min(made))]


def _invented(evidence: Evidence, say: Wording) -> Evidence:
    return evidence.model_copy(update={"title": say.text("compass.evidence.invented", title=evidence.title)})


def _found(title: str, link: str, in_force: date) -> Evidence:
    return Evidence(title=title, link=link, in_force=in_force, from_system=True)
