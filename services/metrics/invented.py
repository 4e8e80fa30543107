"""Whether the figures are of a simulated year: then every page, file and answer says so."""

from time import monotonic
from typing import Any

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope
from sqlalchemy import select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.store import CaseFact
from shared.database import Database
from shared.web.i18n import Wording

HEADER = "Svarfrist-Invented"
AUTHOR = "svarfrist simulate"
"""Who has written what people would write in a year: by this name it is found and removed."""
FRESH = 1.0
"""Seconds for which one look is enough."""


async def has_invented(session: AsyncSession) -> bool:
    """Whether any case is invented; asked of an index that has those alone."""
    invented = select(CaseFact.case_id).where(CaseFact.invented == true())
    return bool(await session.scalar(select(invented.exists())))


def author_of(year: int) -> str:
    """Who has written a simulated year's values, explanations and improvements, and issued its reports."""
    return f"{AUTHOR} {year}"


def author(say: Wording, by: str) -> str:
    """Who wrote something, by the name it is kept under: that of a simulation says that nobody did."""
    year = by.removeprefix(AUTHOR)
    return by if year == by else say.text("invented.author", year=year.strip())


def notice(say: Wording) -> str:
    """What stands in a file of such figures, as it does above a page of them."""
    return f"{say.text('layout.invented.title')} {say.text('layout.invented.text')}"


class Inventions:
    """Looks before each request, so that templates and headers know."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked = -FRESH
        self.present = False

    async def look(self, _request: Request[Any, Any, Any]) -> None:
        """Litestar's `before_request`. A database that is away is told of by whoever needs it."""
        if monotonic() - self._looked < FRESH:
            return
        try:
            async with self._database.reading() as session:
                self.present = await has_invented(session)
        except (SQLAlchemyError, OSError):
            return
        self._looked = monotonic()

    async def mark(self, message: Message, _scope: Scope) -> None:
        """Litestar's `before_send`: a header for whoever reads a file or an answer by program."""
        if self.present and message["type"] == "http.response.start":
            MutableScopeHeaders.from_message(message).add(HEADER, "true")

    def are_there(self) -> bool:
        """Whether every page is to say so."""
        return self.present
