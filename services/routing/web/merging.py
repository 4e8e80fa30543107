"""Handling a case together with another one: found by its reference, and both read side by side first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect, Template

from services.routing import merging, store
from services.routing.store import CaseRow
from services.routing.web.choices import MERGE
from services.routing.web.desk import Desk
from services.routing.web.lists import title
from services.routing.web.visits import Visit, Visits, form_key, form_version, refusal
from services.routing.work import ChangedMeanwhileError, NotNowError
from shared.identity import parse_reference
from shared.web.i18n import Message
from shared.web.site import Person, Say

PATH = f"/saksbehandling/sak/{{reference:str}}/{MERGE.path}"


@dataclass
class MergeForm:
    """The reference of the case that leads."""

    into: str = ""
    key: str = ""
    version: str = ""


Merge = Annotated[MergeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def merge_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """Where a case is merged into another."""
    visits = Visits(desk)
    pages = _MergePages(desk, visits)

    @get(PATH)
    async def merge_form(
        reference: FromPath[str], person: Person, say: Say, sak: FromQuery[str | None] = None
    ) -> Template:
        return await pages.page(await visits.visit(reference, person, say), sak)

    @post(PATH, status_code=200)
    async def merge(reference: FromPath[str], person: Person, say: Say, data: Merge) -> Template | Redirect:
        return await pages.take(await visits.visit(reference, person, say), data)

    return [merge_form, merge]


class _MergePages:
    def __init__(self, desk: Desk, visits: Visits) -> None:
        self._desk = desk
        self._visits = visits

    async def page(self, visit: Visit, asked: str | None, changes: Sequence[object] = ()) -> Template:
        """The search, and once a case is found, both texts."""
        async with self._desk.database.transaction() as tx:
            case, _ = await self._visits.work(tx, visit).look()
        if case.finished:
            raise refusal(NotNowError("merge_finished"))
        found = await self._found(visit, asked) if asked is not None else None
        leading = found if isinstance(found, CaseRow) else None
        if leading:
            async with self._desk.database.transaction() as tx:
                for case_id in (case.case_id, leading.case_id):
                    self._visits.work(tx, visit).note_reading(case_id)
        context = {
            **self._visits.frame(visit, visit.row),
            "asked": asked or "",
            "errors": {"sak": found} if isinstance(found, Message) else {},
            "leading": leading,
            "leading_title": title(leading, self._desk, visit.say) if leading else "",
            "own": await self._desk.submission(case.case_id) if leading else None,
            "theirs": await self._desk.submission(leading.case_id) if leading else None,
            "changes": changes,
            "key": self._desk.new_key(),
            "version": case.version,
        }
        status = 409 if changes else 422 if context["errors"] else 200
        return Template("merge.html", context=context, status_code=status)

    async def take(self, visit: Visit, form: MergeForm) -> Template | Redirect:
        """Merge them."""
        leading, version = await self._found(visit, form.into, done=True), form_version(form.version)
        if isinstance(leading, Message):
            return await self.page(visit, form.into)
        try:
            async with self._desk.database.transaction() as tx:
                work = self._visits.work(tx, visit)
                await merging.merge(work, leading.case_id, key=form_key(form.key), version=version)
        except ChangedMeanwhileError as changed:
            changes = self._visits.storyteller(visit).changes(changed.history, version)
            return await self.page(visit, form.into, changes)
        except NotNowError as refused:
            raise refusal(refused) from refused
        return Redirect(f"{visit.address}?gjort=merged", status_code=303)

    async def _found(self, visit: Visit, asked: str, *, done: bool = False) -> CaseRow | Message:
        """The case of a reference, or why it cannot lead."""
        reference = parse_reference(asked)
        if reference is None:
            return Message("merge.error.malformed" if asked.strip() else "merge.error.missing")
        async with self._desk.database.reading() as session:
            found = await store.case_by_reference(session, reference)
        if found is None or not self._desk.may_see(visit.person, found):
            return Message("merge.error.none", {"reference": reference})
        if found.case_id == visit.row.case_id:
            return Message("merge.error.itself")
        if found.finished_at and not done:
            return Message("merge.error.finished", {"reference": reference})
        return found
