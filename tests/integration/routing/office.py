"""People at work on a case, on a real PostgreSQL."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from services.routing import store
from services.routing.casework import Casework
from services.routing.handlers import CaseHandler
from services.routing.store import CaseRow
from shared.database import Database, inbox
from shared.events import Event, SubmissionReceived
from shared.identity import new_reference
from shared.municipality import Municipality
from tests.events_for_tests import received

Act = Callable[[Casework], Awaitable[Any]]


class Office:
    """People at work on one case."""

    def __init__(self, database: Database, asker: Municipality) -> None:
        self.database = database
        self.asker = asker
        self.handler = CaseHandler(asker)
        self.case_id: UUID = uuid4()

    async def hear(self, *events: Event) -> None:
        """As the consumer loop does."""
        async with self.database.transaction() as tx:
            await self.handler.handle(await tx.claim(events, with_bodies=True), tx)

    async def receive(self, **fields: Any) -> SubmissionReceived:
        """The case comes in."""
        event = received(self.case_id, reference=new_reference(), **fields)
        await self.hear(event)
        return event

    async def does(self, person: str, act: Act) -> Any:
        """Somebody does something, in a transaction."""
        async with self.database.transaction() as tx:
            return await act(Casework(tx, self.asker, self.asker.people[person], self.case_id))

    async def case(self) -> CaseRow:
        """The case as lists show it."""
        async with self.database.reading() as session:
            row = await store.case_by_id(session, self.case_id)
        assert row
        return row

    async def said(self, model: type[Event]) -> list[dict[str, Any]]:
        """What routing has told the others of one kind, in order."""
        async with self.database.reading() as session:
            rows = await session.scalars(
                select(inbox.c.body).where(inbox.c.type == model.type_name()).order_by(inbox.c.at)
            )
            return list(rows)

    async def history(self, case_id: UUID) -> list[Event]:
        """All that is known of a case, in order."""
        async with self.database.transaction() as tx:
            return (await tx.history([case_id]))[case_id]

    async def count(self, table: Any) -> int:
        """How many rows a table has."""
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0
