"""The page where values are entered, corrected and imported, and where one sees who entered what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.invented import author
from services.metrics.manual import entering, store
from services.metrics.manual.entering import ENTERED, FIELDS, Entry, LineFault
from services.metrics.manual.store import ManualValue, Scope
from services.metrics.measures import MEASURES
from services.metrics.periods_in_words import name_of as name_of_period
from services.metrics.reports.places import name_of, place_of, places
from services.metrics.reports.readers import places_led_by
from services.metrics.tables import amount
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.municipality import Municipality
from shared.web.errors import ForbiddenProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.web.site import Person, Say

PATH = "/innsikt/verdier"
WHOLE_NAME = "kommunen"
"""What the whole municipality is called in a CSV."""
MOST_LISTED = 200
MOST_FAULTS = 20
AnyRequest = Request[Any, Any, Any]


def routes(database: Database, municipality: Municipality, clock: Clock) -> list[HTTPRouteHandler]:
    """The list with its form, and the import."""
    page = _Page(database, municipality, clock)

    @get(PATH, include_in_schema=False)
    async def values(request: AnyRequest, say: Say, person: Person) -> Template:
        return await page.shown(person, say, done=page.done(request, say))

    @post(PATH, include_in_schema=False, status_code=200)
    async def enter(request: AnyRequest, say: Say, person: Person) -> Template | Redirect:
        form = await request.form()
        typed = {name: value for name in FIELDS if isinstance(value := form.get(name), str)}
        return await page.enter(typed, person, say)

    @post(f"{PATH}/csv", include_in_schema=False, status_code=200)
    async def import_csv(request: AnyRequest, say: Say, person: Person) -> Template | Redirect:
        form = await request.form()
        file = form.get("file")
        content = await file.read(entering.MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
        return await page.imported(content, person, say)

    return [values, enter, import_csv]


class _Page:
    def __init__(self, database: Database, municipality: Municipality, clock: Clock) -> None:
        self._database = database
        self._municipality = municipality
        self._clock = clock

    def done(self, request: AnyRequest, say: Wording) -> str:
        """What was done just now, said by the address."""
        count = request.query_params.get("lest", "")
        if count.isascii() and count.isdigit():
            return say.text("values.imported", count=int(count[:6]))
        return say.text("values.saved") if "lagret" in request.query_params else ""

    async def shown(
        self,
        person: SignedIn,
        say: Wording,
        *,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, Message | str] | None = None,
        done: str = "",
    ) -> Template:
        """The page, with what was typed where it was wrong."""
        led = self._led(person)
        async with self._database.reading() as session:
            rows = await store.entered(session, led, MOST_LISTED)
        today = oslo_day(self._clock())
        context = {
            "measures": [(measure.id, say.text(f"measure.{measure.id}")) for measure in ENTERED],
            "places": places(self._municipality, led, say),
            "typed": {**dict.fromkeys(FIELDS, ""), "as_of": today.isoformat(), **(typed or {})},
            "columns": ", ".join(FIELDS),
            "rows": self._rows(rows, say),
            "errors": errors or {},
            "done": done,
        }
        return Template("values.html", context=context, status_code=422 if errors else 200)

    async def enter(self, typed: Mapping[str, str], person: SignedIn, say: Wording) -> Template | Redirect:
        """Stores one value."""
        led = self._led(person)
        entry = entering.entry_of(
            typed, lambda value: place_of(self._municipality, value), oslo_day(self._clock())
        )
        if isinstance(entry, Entry) and entry.scope not in led:
            entry = {"place": Message("values.not_yours")}
        if not isinstance(entry, Entry):
            return await self.shown(person, say, typed=typed, errors=entry)
        async with self._database.transaction() as tx:
            add(tx.session, entry, by=person.name, at=tx.now)
        return Redirect(f"{PATH}?lagret", status_code=303)

    async def imported(self, content: bytes, person: SignedIn, say: Wording) -> Template | Redirect:
        """Stores every value of a file, or none."""
        led = self._led(person)
        entries, faults, fault = entering.entries_of(content, self._place, oslo_day(self._clock()))
        not_mine = [
            LineFault(line, "place", Message("values.not_yours"))
            for line, entry in enumerate(entries, 2)
            if entry.scope not in led
        ]
        told = [
            say.text("values.fault.line", line=one.line, column=one.column, fault=say.tell_plainly(one.fault))
            for one in [*faults, *not_mine]
        ]
        if fault or told:
            message = fault or "; ".join(told[:MOST_FAULTS])
            return await self.shown(person, say, errors={"file": message})
        async with self._database.transaction() as tx:
            for entry in entries:
                add(tx.session, entry, by=person.name, at=tx.now)
        return Redirect(f"{PATH}?lest={len(entries)}", status_code=303)

    def _led(self, person: SignedIn) -> frozenset[Scope]:
        led = places_led_by(person, self._municipality)
        if not led:
            raise ForbiddenProblem(detail=Message("values.for_leaders"))
        return led

    def _place(self, name: str) -> Scope | None:
        """A place of a CSV: `kommunen`, or the id of a section or a unit."""
        if name == WHOLE_NAME:
            return Scope()
        if name in self._municipality.sections:
            return Scope.section(name)
        return Scope.unit(name) if name in self._municipality.units else None

    def _rows(self, rows: Sequence[ManualValue], say: Wording) -> list[list[str]]:
        """The newest first; what stands above another of the same is what corrected it."""
        seen: set[tuple[object, ...]] = set()
        shown = []
        for row in rows:
            of = (row.measure, row.scope_kind, row.scope, row.first, row.last)
            unit = MEASURES[row.measure].unit if row.measure in MEASURES else None
            value = amount(say, unit, row.value) if unit and row.value is not None else ""
            if row.of is not None and row.n is not None:
                value = f"{value} ({say.text('report.of', n=say.n(row.n), count=row.of)})"
            shown.append(
                [
                    say.text(f"measure.{row.measure}") if row.measure in MEASURES else row.measure,
                    name_of(self._municipality, row.place),
                    name_of_period(say, row.period),
                    value or say.text("values.taken_back"),
                    f"{row.source}, {say.day_short(row.as_of)}",
                    f"{author(say, row.entered_by)}, {say.day_short(row.entered_at)}"
                    + (f": {row.note}" if row.note else ""),
                    say.text("values.corrected" if of in seen else "values.holds"),
                ]
            )
            seen.add(of)
        return shown


def add(session: AsyncSession, entry: Entry, *, by: str, at: datetime) -> None:
    """Puts an entry beside the earlier ones."""
    session.add(
        ManualValue(
            measure=entry.measure,
            scope_kind=entry.scope.kind.value,
            scope=entry.scope.id,
            first=entry.first,
            last=entry.last,
            value=entry.value,
            n=entry.n,
            of=entry.of,
            source=entry.source,
            as_of=entry.as_of,
            note=entry.note,
            entered_by=by,
            entered_at=at,
        )
    )
