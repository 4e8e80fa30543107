"""The cases behind a number: which they are, for those who may see them."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.figures import is_chosen, is_standing
from services.metrics.indicators import Question
from services.metrics.store import CaseFact
from shared.municipality import Municipality
from shared.municipality.organisation import Role
from shared.web.session import SignedIn

PAGE = 50
_SHOWN = (
    CaseFact.reference,
    CaseFact.kind,
    CaseFact.topic,
    CaseFact.unit,
    CaseFact.received_on,
    CaseFact.due_on,
    CaseFact.answered_on,
)


class Behind(StrEnum):
    """A number that consists of cases; the value stands in addresses."""

    RECEIVED = "mottatt"
    ANSWERED = "besvart"
    KEPT = "holdt"
    BROKEN = "brutt"
    NOT_YET_DUE = "ikke-forfalt"
    OPEN = "apne"
    OVERDUE = "over-frist"
    DUE_SOON = "frist-snart"


def units_seen_by(person: SignedIn, municipality: Municipality) -> frozenset[str] | None:
    """The units whose cases a leader answers for; None is all of them, nothing for those who lead nobody."""
    if person.has_role(Role.ADMINISTRATOR, Role.DIRECTOR):
        return None
    if person.has_role(Role.LEADER):
        return frozenset(unit.id for unit in municipality.units_led_by(person.person_id))
    return frozenset()


async def behind(
    session: AsyncSession,
    question: Question,
    number: Behind,
    units: Collection[str] | None,
    page: int,
) -> tuple[int, Sequence[Any]]:
    """How many cases of these units a number consists of, and a page of them: the longest overdue first."""
    where = [CaseFact.received_at.is_not(None), *is_chosen(question), _belongs(question, number)]
    if units is not None:
        where.append(CaseFact.unit.in_(units))
    count = await session.scalar(select(func.count()).select_from(CaseFact).where(*where))
    order = (CaseFact.due_on.nulls_last(), CaseFact.received_at, CaseFact.case_id)
    statement = select(*_SHOWN).where(*where).order_by(*order)
    rows = (await session.execute(statement.limit(PAGE).offset((page - 1) * PAGE))).all()
    return count or 0, rows


def _belongs(question: Question, number: Behind) -> ColumnElement[bool]:
    """The same conditions as in `figures`."""
    first, last = question.period.first, question.period.last
    due = CaseFact.due_on.between(first, last)
    settled = and_(due, CaseFact.due_on < question.today)
    standing = is_standing(question)
    kept = func.coalesce(CaseFact.answered_on <= CaseFact.due_on, False)
    return {
        Behind.RECEIVED: CaseFact.received_on.between(first, last),
        Behind.ANSWERED: CaseFact.answered_on.between(first, last),
        Behind.KEPT: and_(settled, kept),
        Behind.BROKEN: and_(settled, ~kept),
        Behind.NOT_YET_DUE: and_(due, CaseFact.due_on >= question.today),
        Behind.OPEN: standing,
        Behind.OVERDUE: and_(standing, CaseFact.due_on < question.not_overdue_from),
        Behind.DUE_SOON: and_(
            standing, CaseFact.due_on.between(question.not_overdue_from, question.soon_until)
        ),
    }[number]
