"""What the demonstration's caseworkers do: on the desk's own pages, signed in as whoever has the case."""

from collections.abc import Mapping
from datetime import date
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from deploy.demo.browsing import Page, Visitor
from shared.events import CaseAssigned, SubmissionReceived
from shared.municipality import Municipality
from shared.web.session import DESK_PATH, SIGN_IN_PATH

# Asked of the history that routing keeps, since nobody may read on the desk who has a case without having it.
WHO_HAS_IT = f"""
    SELECT assigned.body ->> 'person' AS person, assigned.body ->> 'unit' AS unit
    FROM inbox AS received JOIN inbox AS assigned USING (case_id)
    WHERE received.type = '{SubmissionReceived.type_name()}' AND received.body ->> 'reference' = $1
        AND assigned.type = '{CaseAssigned.type_name()}'
    ORDER BY assigned.at DESC, assigned.event_id DESC LIMIT 1
"""  # noqa: S608 - names of our own


class Rows(Protocol):
    """Who answers questions about routing's database: a connection, or something that connects anew."""

    async def fetchrow(self, query: str, *arguments: object) -> Mapping[str, Any] | None:
        """The first row of what is found."""


class Desk:
    """Everybody at work, each in a browser of their own."""

    def __init__(self, address: str, municipality: Municipality, routing: Rows) -> None:
        self.address = address
        self.municipality = municipality
        self._routing = routing
        self._visitors: dict[str, Visitor] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for visitor in self._visitors.values():
            await visitor.__aexit__(kind, error, trace)

    async def open(self, reference: str) -> None:
        """Reads the case."""
        await self._page(reference)

    async def answer(self, reference: str, text: str) -> None:
        """Reads the case, writes the final answer, looks at how it will be read, and sends it."""
        await self._send(reference, "/svar", {"text": text})

    async def interim_answer(self, reference: str, text: str, expected_on: date | None) -> None:
        """Says why it takes time, and when an answer is to be expected."""
        values = {"text": text, "expected_on": expected_on.isoformat() if expected_on else ""}
        await self._send(reference, "/forelopig-svar", values)

    async def ask(self, reference: str, text: str) -> None:
        """Asks the resident something, for as long as the municipality waits."""
        await self._send(reference, "/spor", {"text": text})

    async def resume(self, reference: str) -> None:
        """Goes on without the resident's answer."""
        visitor, page = await self._page(reference)
        await visitor.send_off(page.form("version", action="/fortsett"), {})

    async def extend(self, reference: str, text: str, due_on: date | None) -> None:
        """Promises the answer by a later day, and says why."""
        await self._send(
            reference, "/forleng", {"text": text, "expected_on": due_on.isoformat() if due_on else ""}
        )

    async def restart(self, reference: str, text: str) -> None:
        """Counts the promise anew from what the resident added, and says why."""
        await self._send(reference, "/ny-start", {"text": text})

    async def reclassify(
        self, reference: str, kind: str, topic: str | None, text: str, *, hand_over: bool
    ) -> None:
        """Says what the case really is, to the resident too; hands it over where its owner is another."""
        visitor, page = await self._page(reference, "/endre")
        found = {"kind": kind, "topic": topic or "", "text": text, "step": "check"}
        checked = await visitor.send(page.form("kind", "topic", action="/endre"), found)
        form = checked.form("kind", "topic", action="/endre")
        await visitor.send_off(form, {"step": "send", "hand_over": "yes" if hand_over else ""})

    async def merge(self, reference: str, into: str) -> None:
        """Finds the case that leads, reads both, and handles them together."""
        visitor, page = await self._page(reference, f"/sla-sammen?sak={into}")
        await visitor.send_off(page.form("into", "version", action="/sla-sammen"), {})

    async def reopen(self, reference: str) -> None:
        """Works on a finished case again."""
        visitor, page = await self._page(reference, "/apne-igjen")
        await visitor.send_off(page.form("version", action="/apne-igjen"), {})

    async def hand_over(self, reference: str, unit: str, why: str) -> None:
        """Gives the case to another unit."""
        visitor, page = await self._page(reference, "/gi-videre")
        await visitor.send_off(
            page.form("to", "why", action="/gi-videre"), {"to": f"unit:{unit}", "why": why}
        )

    async def close(self, reference: str) -> None:
        """Marks a case that wants no answer as read."""
        visitor, page = await self._page(reference)
        await visitor.send_off(page.form(action="/lest"), {})

    async def issue_report(self, code: str) -> None:
        """The director issues the municipality's monthly report of a period such as `2026-10`.

        A municipality without targets has none to issue.
        """
        visitor, page = await self._opened(self.municipality.director, f"/innsikt/rapporter/maned/{code}")
        for form in page.forms:
            if urlsplit(form.action).path.endswith(f"/maned/{code}"):
                await visitor.send_off(form, {})

    async def _send(self, reference: str, where: str, values: dict[str, str]) -> None:
        visitor, page = await self._page(reference, where)
        checked = await visitor.send(page.form("text", action=where), {**values, "step": "check"})
        await visitor.send_off(checked.form("text", action=where), {"step": "send"})

    async def _page(self, reference: str, where: str = "") -> tuple[Visitor, Page]:
        """A page of the case, opened by who has it."""
        return await self._opened(await self._who_has(reference), f"{DESK_PATH}/sak/{reference}{where}")

    async def _opened(self, person: str, path: str) -> tuple[Visitor, Page]:
        """A page, signed in anew where the last time is too long ago."""
        visitor = self._visitors.setdefault(person, Visitor(self.address))
        page = await visitor.get(path)
        if urlsplit(page.address).path == SIGN_IN_PATH:
            page = await visitor.send(page.form("neste", "person", action=SIGN_IN_PATH), {"person": person})
        return visitor, page

    async def _who_has(self, reference: str) -> str:
        found = await self._routing.fetchrow(WHO_HAS_IT, reference)
        if found is None:
            raise LookupError(reference)
        return found["person"] or self.municipality.leader_of(found["unit"]).id
