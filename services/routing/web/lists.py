"""My cases and my unit's: the most urgent first, and what is new without reloading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Template

from services.routing import store
from services.routing.access import units_seen
from services.routing.listing import MOST_PAGES, PAGE, Counts, Listing, counts_of, page_of, praise_of
from services.routing.store import CaseRow
from services.routing.web.desk import Desk
from services.routing.web.urgency import Tag, due_tag, other_tags, urgency
from shared.events import Kind
from shared.identity import parse_reference
from shared.municipality import Municipality, Role
from shared.municipality import Person as Colleague
from shared.web.i18n import Message, Wording
from shared.web.site import Person, Say

MINE, UNIT = "/saksbehandling", "/saksbehandling/enhet"
_DIGITS = 9
_PRAISE_SHOWN = 3
_PRAISE_FRESH = timedelta(days=30)
_DONE = frozenset({"handed_over", "read", "reclassified"})
"""What may be told at the top of a list after something was done to a case one then left."""

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as a list shows it."""

    reference: str
    title: str
    excerpt: str | None
    urgency: str
    due: Tag
    tags: Sequence[Tag]
    kind: str
    received: str
    unit: str
    person: str
    locked: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    view: str
    kind: str
    topic: str
    unit: str
    reference: str
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str], municipality: Municipality) -> "Asked":
        """Read it; what makes no sense is left out."""
        return cls(
            view=query.get("vis", "") if query.get("vis") in {"besvart", "ros", "ufordelt", "venter"} else "",
            kind=query.get("slag", "") if query.get("slag") in set(Kind) else "",
            topic=query.get("tema", "") if query.get("tema") in municipality.topics else "",
            unit=query.get("enhet", "") if query.get("enhet") in municipality.units else "",
            reference=query.get("sak", "").strip(),
            page=min(number_in(query.get("side", "")) or 1, MOST_PAGES),
        )

    def query(self, **changed: object) -> str:
        """The address's query with something changed."""
        names = {"view": "vis", "kind": "slag", "topic": "tema", "unit": "enhet", "page": "side"}
        asked = {name: changed.get(name, getattr(self, name)) for name in names}
        if "page" not in changed:
            asked["page"] = 1
        said = {names[name]: value for name, value in asked.items() if value and (name, value) != ("page", 1)}
        return f"?{urlencode(said)}" if said else "?"

    @property
    def filtered(self) -> bool:
        """Whether some cases are left out by choice."""
        return bool(self.kind or self.topic or self.unit)

    def listing(self, base: Listing) -> Listing:
        """What to look for."""
        return replace(
            base,
            units=(self.unit,) if self.unit in base.units else base.units,
            done=self.view == "besvart",
            waiting=self.view == "venter",
            unassigned=self.view == "ufordelt",
            kind=self.kind or None,
            topic=self.topic or None,
        )


def number_in(text: str) -> int | None:
    """A number from 0 in an address or a hidden field; None where it is none that anybody means."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def list_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """The pages of lists."""
    lists = _Lists(desk)

    @get(MINE)
    async def mine(request: AnyRequest, person: Person, say: Say) -> Response[Any]:
        colleague = desk.colleague(person)
        return await lists.page(request, colleague, say, Listing(person=colleague.id), "mine")

    @get(UNIT)
    async def unit(request: AnyRequest, person: Person, say: Say) -> Response[Any]:
        colleague = desk.colleague(person)
        units = units_seen(colleague.id, desk.municipality)
        return await lists.page(request, colleague, say, Listing(units=units), "unit")

    return [mine, unit]


class _Lists:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def page(
        self, request: AnyRequest, person: Colleague, say: Wording, base: Listing, here: str
    ) -> Response[Any]:
        asked = Asked.of(request.query_params, self._desk.municipality)
        searched = await self._search(asked, person)
        if isinstance(searched, Redirect):
            return searched
        listing = asked.listing(base)
        async with self._desk.database.reading() as session:
            rows = await self._rows(session, listing, asked)
            counts = await counts_of(session, listing, self._desk.today, self._desk.soon())
            praise = await self._praise(session, person, here, asked)
        token = _token(rows, counts, praise, say.language, self._desk.today.isoformat())
        partial = request.headers.get("hx-request") == "true"
        if partial and request.query_params.get("merke") == token:
            return Response(b"", status_code=204)
        readable = [row for row in (*rows, *praise) if self._desk.may_see(person, row)]
        excerpts = await self._desk.excerpts([row.case_id for row in readable])
        show = _Shown(self._desk, person, say, excerpts)
        context = {
            "here": here,
            "address": MINE if here == "mine" else UNIT,
            "asked": asked,
            "cases": [show.row(row) for row in rows],
            "praise": [show.row(row) for row in praise],
            "counts": counts,
            "counted": PAGE * MOST_PAGES,
            "pages": _pages(counts, asked),
            "page_link": lambda page: asked.query(page=page),
            "token": token,
            "unanswered": excerpts is None and bool(readable),
            "units": self._units(base),
            "kinds": [(kind.value, say.t(f"kind.{kind.value}")) for kind in Kind],
            "topics": self._topics(say),
            "searched": searched,
            "leads": len(base.units) > 1,
            "told": self._told(request),
            "person": person,
            "front_desk": Role.FRONT_DESK in person.roles,
        }
        return Template("list_cases.html" if partial else "list.html", context=context)

    async def _search(self, asked: Asked, person: Colleague) -> Redirect | Message | None:
        """A reference leads straight to its case."""
        if not asked.reference:
            return None
        reference = parse_reference(asked.reference)
        if reference is None:
            return Message("list.search.malformed", {"reference": asked.reference})
        async with self._desk.database.reading() as session:
            found = await store.case_by_reference(session, reference)
        if found is None or not self._desk.may_see(person, found):
            return Message("list.search.none", {"reference": reference})
        return Redirect(f"/saksbehandling/sak/{found.reference}", status_code=303)

    async def _rows(self, session: Any, listing: Listing, asked: Asked) -> Sequence[CaseRow]:
        if asked.view == "ros":
            return await praise_of(session, listing.units, self._desk.clock() - timedelta(days=365), PAGE)
        return await page_of(session, listing, asked.page, self._desk.today)

    async def _praise(self, session: Any, person: Colleague, here: str, asked: Asked) -> Sequence[CaseRow]:
        """The latest praise for the unit, at the foot of one's own list: those praised should see it."""
        if here != "mine" or person.unit is None or asked.view or asked.filtered:
            return ()
        since = self._desk.clock() - _PRAISE_FRESH
        return await praise_of(session, (person.unit,), since, _PRAISE_SHOWN)

    def _units(self, base: Listing) -> list[tuple[str, str]]:
        return [(unit, self._desk.names.unit(unit)) for unit in base.units]

    def _topics(self, say: Wording) -> list[tuple[str, str]]:
        topics = self._desk.municipality.topics.values()
        return sorted(((topic.id, topic.name(say.language)) for topic in topics), key=lambda pair: pair[1])

    def _told(self, request: AnyRequest) -> Message | None:
        done = request.query_params.get("gjort", "")
        reference = parse_reference(request.query_params.get("om", ""))
        return Message(f"done.{done}", {"reference": reference}) if done in _DONE and reference else None


class _Shown:
    """Makes rows readable for one person, in one language."""

    def __init__(
        self, desk: Desk, person: Colleague, say: Wording, excerpts: Mapping[UUID, str] | None
    ) -> None:
        self._desk = desk
        self._person = person
        self._say = say
        self._excerpts = excerpts or {}
        self._today, self._soon = desk.today, desk.soon()
        self._now = desk.clock()

    def row(self, case: CaseRow) -> Listed:
        names, locked = self._desk.names, not self._desk.may_see(self._person, case)
        return Listed(
            reference=case.reference,
            title=title(case, self._desk, self._say),
            excerpt=self._say.t("list.locked") if locked else self._excerpts.get(case.case_id),
            urgency=urgency(case, self._today, self._soon),
            due=due_tag(case, self._today, self._soon, self._say),
            tags=other_tags(case, self._today, self._say),
            kind=self._say.t(f"kind.{case.kind}"),
            received=self._say.when(case.received_at, self._now),
            unit=names.unit(case.unit),
            person=names.person(case.person),
            locked=locked,
        )


def title(case: CaseRow, desk: Desk, say: Wording) -> str:
    """What a case is called: its topic, and its place where there is one."""
    topic = desk.names.topic(case.topic, say.language) or say.text("case.no_topic")
    area = desk.names.area(case.area)
    return say.text("case.title", topic=topic, area=area) if area else topic


def _pages(counts: Counts, asked: Asked) -> int:
    if asked.view == "ros":
        return 1
    of_view = {"besvart": counts.done, "ufordelt": counts.nobodys, "venter": counts.waiting}
    count = of_view.get(asked.view, counts.open)
    return max(1, -(-count // PAGE))


def _token(*shown: object) -> str:
    """Changes when the list would show something else."""
    parts = [
        "|".join(
            f"{row.case_id}{row.version}{row.state}{row.urgent_on}{row.waiting_until}{row.supplemented_at}{row.undelivered_at}{row.open}"
            for row in part
        )
        if isinstance(part, Sequence) and not isinstance(part, str)
        else repr(part)
        for part in shown
    ]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
