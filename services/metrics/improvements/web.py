"""The pages of improvements: the list with its indicator, and one with its history."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.improvements import forms, store
from services.metrics.improvements.forms import ImprovementForm
from services.metrics.improvements.standing import closed_of_decided
from services.metrics.improvements.store import CONTENT, ImprovementVersion
from services.metrics.periods import Period
from services.metrics.rights import name_of, units_written_by
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.identity import new_id
from shared.municipality import Municipality
from shared.web.errors import ForbiddenProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.web.site import Person, Say

PATH = "/innsikt/forbedringer"
ONE = f"{PATH}/{{improvement_id:uuid}}"
_FIRST_YEAR = 2000
AnyRequest = Request[Any, Any, Any]


def routes(database: Database, municipality: Municipality, clock: Clock) -> list[HTTPRouteHandler]:
    """Every page of improvements."""
    pages = _Pages(database, municipality, clock)

    @get(PATH, include_in_schema=False)
    async def improvements(request: AnyRequest, say: Say, person: Person) -> Template:
        return await pages.front(say, person, year=request.query_params.get("ar", ""))

    @post(PATH, include_in_schema=False, status_code=200)
    async def record(request: AnyRequest, say: Say, person: Person) -> Redirect | Template:
        return await pages.record(dict(await request.form()), say, person)

    @get(ONE, include_in_schema=False)
    async def one(improvement_id: FromPath[UUID], say: Say, person: Person) -> Template:
        return await pages.one(improvement_id, say, person)

    @post(ONE, include_in_schema=False, status_code=200)
    async def change(
        request: AnyRequest, improvement_id: FromPath[UUID], say: Say, person: Person
    ) -> Redirect | Template:
        return await pages.change(improvement_id, dict(await request.form()), say, person)

    @post(f"{ONE}/tilbake", include_in_schema=False, status_code=200)
    async def restore(request: AnyRequest, improvement_id: FromPath[UUID], person: Person) -> Redirect:
        return await pages.restore(improvement_id, dict(await request.form()), person)

    @post(f"{ONE}/trekk", include_in_schema=False, status_code=200)
    async def withdraw(improvement_id: FromPath[UUID], person: Person) -> Redirect:
        return await pages.withdraw(improvement_id, person)

    return [improvements, record, one, change, restore, withdraw]


class _Pages:
    """What the routes do; each method is one page or one act in one transaction."""

    def __init__(self, database: Database, municipality: Municipality, clock: Clock) -> None:
        self._database = database
        self._municipality = municipality
        self._clock = clock

    def _today(self) -> date:
        return oslo_day(self._clock())

    async def front(
        self, say: Wording, person: SignedIn, form: ImprovementForm | None = None, *, year: str = ""
    ) -> Template:
        today = self._today()
        chosen = int(year) if year.isascii() and year.isdigit() and len(year) == len("2026") else today.year
        period = Period.months(max(_FIRST_YEAR, min(chosen, today.year)), 1, 12)
        async with self._database.reading() as session:
            everything = await store.improvements(session)
            figure = await closed_of_decided(session, period)
        context = {
            "errors": form.faults if form else {},
            "typed": form.typed if form else {"decided_on": today.isoformat()},
            "figure": figure,
            "year": period.first.year,
            "years": sorted({today.year, *(one.decided_on.year for one in everything)}, reverse=True),
            "improvements": [one for one in everything if not one.withdrawn and self._is_shown(one, period)],
            "withdrawn": [one for one in everything if one.withdrawn and self._may_write(person, one)],
            "may_write": bool(units_written_by(person, self._municipality)),
            **self._names(say, person),
        }
        return Template("improvements.html", context=context, status_code=422 if form else 200)

    @staticmethod
    def _is_shown(one: ImprovementVersion, period: Period) -> bool:
        """Decided that year, carried out that year, or not carried out yet."""
        return (
            period.first <= one.decided_on <= period.last
            or (one.closed_on is not None and period.first <= one.closed_on <= period.last)
            or (one.closed_on is None and one.decided_on < period.first)
        )

    def _names(self, say: Wording, person: SignedIn) -> dict[str, Any]:
        known = self._municipality
        units = units_written_by(person, known)
        return {
            "units": [(unit.id, unit.name) for unit in units],
            "topics": [(topic.id, topic.name(say.language)) for topic in known.topics.values()],
            "unit_name": lambda unit: known.units[unit].name if unit in known.units else unit,
            "topic_name": lambda topic: (
                known.topics[topic].name(say.language) if topic in known.topics else topic
            ),
            "name_of": lambda person_id: name_of(person_id, known, say),
            "most_of_a_text": forms.MOST_OF_A_TEXT,
        }

    def _may_write(self, person: SignedIn, one: ImprovementVersion) -> bool:
        return one.unit in {unit.id for unit in units_written_by(person, self._municipality)}

    def _read(self, form: Mapping[str, Any], person: SignedIn) -> ImprovementForm:
        units = {unit.id for unit in units_written_by(person, self._municipality)}
        if not units:
            raise ForbiddenProblem(detail=Message("improvement.leaders_only"))
        return forms.read(form, self._municipality, units, self._today())

    async def record(self, form: dict[str, Any], say: Wording, person: SignedIn) -> Redirect | Template:
        typed = self._read(form, person)
        if typed.faults:
            return await self.front(say, person, typed)
        async with self._database.transaction() as tx:
            recorded = new_id(tx.now)
            tx.session.add(
                ImprovementVersion(
                    improvement_id=recorded,
                    number=1,
                    saved_at=tx.now,
                    saved_by=person.person_id,
                    **typed.content,
                )
            )
        return Redirect(f"{PATH}/{recorded}", status_code=303)

    async def one(
        self, improvement_id: UUID, say: Wording, person: SignedIn, form: ImprovementForm | None = None
    ) -> Template:
        async with self._database.reading() as session:
            versions = await store.versions(session, improvement_id)
        if not versions:
            raise NotFoundProblem
        context = {
            "errors": form.faults if form else {},
            "typed": form.typed if form else forms.shown(versions[0]),
            "improvement": versions[0],
            "versions": versions,
            "address": f"{PATH}/{improvement_id}",
            "may_write": self._may_write(person, versions[0]),
            **self._names(say, person),
        }
        return Template("improvement.html", context=context, status_code=422 if form else 200)

    async def change(
        self, improvement_id: UUID, form: dict[str, Any], say: Wording, person: SignedIn
    ) -> Redirect | Template:
        """A new version where anything is new; refused where somebody has saved one meanwhile."""
        typed = self._read(form, person)
        async with self._database.transaction() as tx:
            versions = await store.versions(tx.session, improvement_id, lock=True)
            self._check(versions, person)
            if str(versions[0].number) != typed.typed.get("seen"):
                typed.faults["title"] = Message("improvement.error.meanwhile")
            if not typed.faults:
                self._save(tx.session, versions[0], typed.content, person, tx.now)
        if typed.faults:
            return await self.one(improvement_id, say, person, typed)
        return Redirect(f"{PATH}/{improvement_id}", status_code=303)

    async def restore(self, improvement_id: UUID, form: dict[str, Any], person: SignedIn) -> Redirect:
        """An earlier version once more, as the newest."""
        async with self._database.transaction() as tx:
            versions = await store.versions(tx.session, improvement_id, lock=True)
            self._check(versions, person)
            wanted = next((one for one in versions if str(one.number) == form.get("number")), None)
            if wanted is None:
                raise NotFoundProblem
            content = {name: getattr(wanted, name) for name in CONTENT}
            self._save(tx.session, versions[0], content, person, tx.now)
        return Redirect(f"{PATH}/{improvement_id}", status_code=303)

    async def withdraw(self, improvement_id: UUID, person: SignedIn) -> Redirect:
        """Recorded by mistake: it stays in the history and counts nowhere."""
        async with self._database.transaction() as tx:
            versions = await store.versions(tx.session, improvement_id, lock=True)
            self._check(versions, person)
            content = {name: getattr(versions[0], name) for name in CONTENT} | {"withdrawn": True}
            self._save(tx.session, versions[0], content, person, tx.now)
        return Redirect(PATH, status_code=303)

    def _check(self, versions: Sequence[ImprovementVersion], person: SignedIn) -> None:
        if not versions:
            raise NotFoundProblem
        if not self._may_write(person, versions[0]):
            raise ForbiddenProblem(detail=Message("improvement.leaders_only"))

    @staticmethod
    def _save(
        session: AsyncSession,
        latest: ImprovementVersion,
        content: Mapping[str, Any],
        person: SignedIn,
        at: datetime,
    ) -> None:
        if all(getattr(latest, name) == content[name] for name in CONTENT):
            return
        session.add(
            ImprovementVersion(
                improvement_id=latest.improvement_id,
                number=latest.number + 1,
                saved_at=at,
                saved_by=person.person_id,
                **content,
            )
        )
