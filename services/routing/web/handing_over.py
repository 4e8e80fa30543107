"""Handing a case over to another unit or person, with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from services.routing.casework import Receiver
from services.routing.web.answering import text_error
from services.routing.web.desk import Desk
from services.routing.web.visits import Visit, Visits, form_key, form_version, written
from services.routing.work import ChangedMeanwhileError
from shared.web.i18n import Message
from shared.web.site import Person, Say


@dataclass
class HandOverForm:
    """Where a case shall go: `unit:<id>` or `person:<id>`."""

    to: str = ""
    why: str = ""
    key: str = ""
    version: str = ""


HandOver = Annotated[HandOverForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def hand_over_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """Where a case is handed over."""
    visits = Visits(desk)
    pages = _HandOverPages(desk, visits)

    @get("/saksbehandling/sak/{reference:str}/gi-videre")
    async def hand_over_form(reference: FromPath[str], person: Person, say: Say) -> Template:
        visit = await visits.visit(reference, person, say)
        return pages.hand_over_page(visit, HandOverForm())

    @post("/saksbehandling/sak/{reference:str}/gi-videre", status_code=200)
    async def hand_over(
        reference: FromPath[str], person: Person, say: Say, data: HandOver
    ) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.hand_over(visit, data)

    return [hand_over_form, hand_over]


class _HandOverPages:
    def __init__(self, desk: Desk, visits: Visits) -> None:
        self._desk = desk
        self._visits = visits

    def hand_over_page(
        self,
        visit: Visit,
        form: HandOverForm,
        errors: Mapping[str, Message] | None = None,
        changes: Sequence[object] = (),
        version: int | None = None,
    ) -> Template:
        context = {
            **self._visits.frame(visit, visit.row),
            "errors": errors or {},
            "form": form,
            "receivers": self._receivers(visit),
            "key": form.key or self._desk.new_key(),
            "version": visit.row.version if version is None else version,
            "changes": changes,
        }
        status = 409 if changes else 422 if errors else 200
        return Template("hand_over.html", context=context, status_code=status)

    async def hand_over(self, visit: Visit, form: HandOverForm) -> Template | Redirect:
        key, version = form_key(form.key), form_version(form.version)
        receiver, errors = self._receiver(visit, form.to), dict[str, Message]()
        if isinstance(receiver, Message):
            errors["to"] = receiver
        if error := text_error(form.why, Message("hand_over.error.why"), "hand_over.error.long"):
            errors["why"] = error
        if errors or isinstance(receiver, Message):
            return self.hand_over_page(visit, form, errors)
        try:
            async with self._desk.database.transaction() as tx:
                case = await self._visits.work(tx, visit).hand_over(
                    receiver, written(form.why), key=key, version=version
                )
        except ChangedMeanwhileError as changed:
            changes = self._visits.storyteller(visit).changes(changed.history, version)
            return self.hand_over_page(visit, form, changes=changes, version=changed.case.version)
        return await self._visits.after(visit, case.case_id, "handed_over")

    def _receivers(self, visit: Visit) -> list[tuple[str, str, str]]:
        """Units first, then people; each found by its section too."""
        municipality, today = self._desk.municipality, self._desk.today
        units = [
            (f"unit:{unit.id}", unit.name, municipality.section_of(unit.id).name)
            for unit in municipality.units.values()
            if unit.in_force(today)
        ]
        people = [
            (
                f"person:{person.id}",
                visit.say.text("hand_over.person", person=person.name, unit=municipality.units[unit].name),
                municipality.section_of(unit).name,
            )
            for person in municipality.people.values()
            if (unit := person.unit) and person.at_work(today) and person.id != visit.row.person
        ]
        return [*sorted(units, key=_label), *sorted(people, key=_label)]

    def _receiver(self, visit: Visit, to: str) -> Receiver | Message:
        municipality = self._desk.municipality
        if to not in {value for value, _, _ in self._receivers(visit)}:
            return Message("hand_over.error.to")
        kind, _, chosen = to.partition(":")
        if kind == "person":
            return Receiver(municipality.people[chosen].unit or municipality.front_desk, chosen)
        if chosen == visit.row.unit and visit.row.person is None:
            return Message("hand_over.error.same")
        return Receiver(chosen)


def _label(choice: tuple[str, str, str]) -> str:
    return choice[1].casefold()
