"""Saying what a case really is: its kind, topic and place; what follows from it is shown before it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from services.routing import promising, store
from services.routing.cases import Case
from services.routing.casework import Receiver
from services.routing.promising import Matter
from services.routing.web.answering import text_error
from services.routing.web.choices import RECLASSIFY
from services.routing.web.desk import Desk
from services.routing.web.legal import legal_clocks
from services.routing.web.visits import Visit, Visits, form_key, form_version, written
from services.routing.work import AlreadySentError, ChangedMeanwhileError, Letter
from shared.events import Kind
from shared.web.i18n import Message
from shared.web.site import Person, Say

PATH = f"/saksbehandling/sak/{{reference:str}}/{RECLASSIFY.path}"


@dataclass
class ReclassifyForm:
    """What the case really is; `hand_over` where its new owner shall have it at once."""

    kind: str = ""
    topic: str = ""
    area: str = ""
    text: str = ""
    hand_over: str = ""
    step: str = "check"
    key: str = ""
    version: str = ""


Reclassify = Annotated[ReclassifyForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def reclassify_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """Where a case gets its right kind, topic and place."""
    visits = Visits(desk)
    pages = _ReclassifyPages(desk, visits)

    @get(PATH)
    async def reclassify_form(reference: FromPath[str], person: Person, say: Say) -> Template:
        visit = await visits.visit(reference, person, say)
        row = visit.row
        return await pages.form_page(visit, ReclassifyForm(row.kind, row.topic or "", row.area or ""))

    @post(PATH, status_code=200)
    async def reclassify(
        reference: FromPath[str], person: Person, say: Say, data: Reclassify
    ) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.take(visit, data)

    return [reclassify_form, reclassify]


class _ReclassifyPages:
    def __init__(self, desk: Desk, visits: Visits) -> None:
        self._desk = desk
        self._visits = visits

    async def form_page(
        self,
        visit: Visit,
        form: ReclassifyForm,
        errors: Mapping[str, Message] | None = None,
        changes: Sequence[object] = (),
    ) -> Template:
        context, case = await self._visits.opened(visit)
        municipality, say = self._desk.municipality, visit.say
        topics = [
            (topic.id, topic.name(say.language), " ".join(getattr(topic.keywords, say.language)))
            for topic in municipality.topics.values()
        ]
        context |= {
            "errors": errors or {},
            "form": form,
            "kinds": [(kind.value, say.t(f"kind.{kind}")) for kind in Kind],
            "topics": sorted(topics, key=lambda topic: topic[1].casefold()),
            "areas": [(area.id, area.name) for area in municipality.areas.values()],
            "key": form.key or self._desk.new_key(),
            "version": form.version or case.version,
            "changes": changes,
        }
        status = 409 if changes else 422 if errors else 200
        return Template("reclassify.html", context=context, status_code=status)

    async def take(self, visit: Visit, form: ReclassifyForm) -> Template | Redirect:
        """Check the form, show what follows from it, and then do it."""
        version = form_version(form.version)
        letter = Letter(form_key(form.key), version, written(form.text))
        if form.step == "edit":
            return await self.form_page(visit, form)
        errors = self._errors(visit, form, done=form.step == "send")
        if errors:
            return await self.form_page(visit, form, errors)
        matter = Matter(Kind(form.kind), form.topic or None, form.area or None)
        owner = self._desk.municipality.owner(matter.topic, matter.area, self._desk.today).unit_id
        try:
            if form.step != "send":
                return await self._check_page(visit, form, letter, matter, owner)
            async with self._desk.database.transaction() as tx:
                to = Receiver(owner) if form.hand_over == "yes" and owner != visit.row.unit else None
                await promising.reclassify(self._visits.work(tx, visit), letter, matter, to)
        except ChangedMeanwhileError as changed:
            changes = self._visits.storyteller(visit).changes(changed.history, version)
            form.version = str(changed.case.version)
            return await self.form_page(visit, form, changes=changes)
        except AlreadySentError as sent:
            form.key, form.version = str(self._desk.new_key()), str(sent.case.version)
            return await self.form_page(visit, form, {"text": Message("letter.already_sent")})
        return await self._visits.after(visit, visit.row.case_id, "reclassified")

    async def _check_page(
        self, visit: Visit, form: ReclassifyForm, letter: Letter, matter: Matter, owner: str
    ) -> Template:
        """What was and what will be: the promise, the law's deadlines, and who owns such a case."""
        async with self._desk.database.transaction() as tx:
            work = self._visits.work(tx, visit)
            case, history = await work.look()
            work.require(letter.version, case, history)
            answers = await store.answers_of(tx.session, case.case_id)
        context = {
            **self._visits.frame(visit, visit.row),
            "form": form,
            "written": letter.text,
            "changes": self._changes(visit, case, matter),
            "promise": self._promise(visit, case, matter),
            "legal": legal_clocks(visit.row, answers, self._desk, visit.say.language, matter),
            "owner": self._desk.names.unit(owner) if owner != case.unit else None,
        }
        return Template("reclassify_check.html", context=context)

    def _changes(self, visit: Visit, case: Case, matter: Matter) -> list[tuple[str, str]]:
        """What becomes of what, in words."""
        say, names = visit.say, self._desk.names
        pairs = [
            ("kind", say.text(f"kind.{case.kind}"), say.text(f"kind.{matter.kind}")),
            ("topic", names.topic(case.topic, say.language), names.topic(matter.topic, say.language)),
            ("area", names.area(case.area), names.area(matter.area)),
        ]
        nothing = say.text("reclassify.nothing")
        return [
            (
                say.t(f"reclassify.{what}"),
                say.t("reclassify.from_to", before=before or nothing, after=after or nothing),
            )
            for what, before, after in pairs
            if before != after
        ]

    def _promise(self, visit: Visit, case: Case, matter: Matter) -> dict[str, Any]:
        """The promise such a case has; where it is judged already, it stands as it is."""
        since = case.reopened_at or case.received_at
        promised = promising.promised_to(case, matter, since, self._desk.municipality)
        if case.promise_kept is not None or case.finished:
            return {"id": "stands", "due_on": case.due_on}
        if promised is None:
            return {"id": "lapses" if case.due_on else "none", "due_on": None}
        declared = self._desk.municipality.promise(promised.promise_id)
        late = promised.due_on < self._desk.today
        return {
            "id": "late" if late else "new" if promised.promise_id != case.promise_id else "same",
            "due_on": promised.due_on,
            "words": declared.words[visit.say.language],
        }

    def _errors(self, visit: Visit, form: ReclassifyForm, *, done: bool) -> dict[str, Message]:
        errors, row = dict[str, Message](), visit.row
        if form.kind not in set(Kind):
            errors["kind"] = Message("reclassify.error.kind")
        if form.topic and form.topic not in self._desk.municipality.topics:
            errors["topic"] = Message("reclassify.error.topic")
        if form.area and form.area not in self._desk.municipality.areas:
            errors["area"] = Message("reclassify.error.area")
        as_it_is = (form.kind, form.topic, form.area) == (row.kind, row.topic or "", row.area or "")
        # Sent a second time, the form says what the case is by now.
        if as_it_is and not done:
            errors["kind"] = Message("reclassify.error.same")
        if error := text_error(form.text, None):
            errors["text"] = error
        return errors
