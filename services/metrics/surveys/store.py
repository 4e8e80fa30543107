"""Surveys, their one-time codes, and what was answered: sums alone, so that no answer is anybody's."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.metrics.store import Row

_ALL = ""
"""In place of a question: how many have answered the survey."""


class State(StrEnum):
    """Where a survey is, on a day."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Survey(Row):
    """A survey of residents, open from the first day to the last, both included.

    `invited` is how many one-time codes have been given out, None where everybody has the same link.
    """

    __tablename__ = "survey"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    questions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    invited: Mapped[int | None] = mapped_column(Integer)
    made_on: Mapped[date] = mapped_column(Date)
    made_by: Mapped[str] = mapped_column(Text)

    def state(self, today: date) -> State:
        """Where it is on this day."""
        if today < self.opens_on:
            return State.PLANNED
        return State.OPEN if today <= self.closes_on else State.CLOSED


class SurveyCode(Row):
    """A code that has not been used.

    Used, it is deleted: a flag could be matched with the answer by when the two rows were written.
    """

    __tablename__ = "survey_code"

    survey_id: Mapped[str] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class SurveyTally(Row):
    """How many gave an answer to a question. No row is one person's, and none has a time."""

    __tablename__ = "survey_tally"

    survey_id: Mapped[str] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(Integer)


class ImportedResult(Row):
    """A question's result in a survey that somebody else made. `service` is empty for the whole municipality."""

    __tablename__ = "imported_result"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    service: Mapped[str] = mapped_column(Text, primary_key=True)
    question: Mapped[str] = mapped_column(Text, primary_key=True)
    mean: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    n: Mapped[int] = mapped_column(Integer)
    scale: Mapped[int] = mapped_column(SmallInteger)
    comparison: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    imported_on: Mapped[date] = mapped_column(Date)
    imported_by: Mapped[str] = mapped_column(Text)


Tallies = Mapping[str, Mapping[int, int]]
"""How many gave each value, by question."""


async def surveys(session: AsyncSession) -> Sequence[Survey]:
    """All, the latest to close first."""
    return (await session.scalars(select(Survey).order_by(Survey.closes_on.desc(), Survey.id))).all()


async def survey(session: AsyncSession, survey_id: str, *, lock: bool = False) -> Survey | None:
    """One of them."""
    return await session.get(Survey, survey_id, with_for_update=lock or None)


async def answered(session: AsyncSession, survey_ids: Collection[str]) -> Mapping[str, int]:
    """How many have answered each; 0 for those nobody has."""
    rows = await session.execute(
        select(SurveyTally.survey_id, SurveyTally.count).where(
            SurveyTally.survey_id.in_(survey_ids), SurveyTally.question == _ALL
        )
    )
    return Counter({row.survey_id: row.count for row in rows})


async def tallies(session: AsyncSession, survey_id: str) -> Tallies:
    """Every question that anybody has answered."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    rows = await session.scalars(
        select(SurveyTally).where(SurveyTally.survey_id == survey_id, SurveyTally.question != _ALL)
    )
    for row in rows:
        found[row.question][row.value] = row.count
    return found


async def use_code(session: AsyncSession, survey_id: str, code: bytes) -> bool:
    """Deletes an unused code; whether there was one. Two who send the same code at once: one has used it."""
    used = delete(SurveyCode).where(SurveyCode.survey_id == survey_id, SurveyCode.code == code)
    return await session.scalar(used.returning(SurveyCode.survey_id)) is not None


async def add_codes(session: AsyncSession, chosen: Survey, codes: Collection[bytes]) -> None:
    """Gives out codes; those invited grow by as many."""
    await session.execute(
        insert(SurveyCode), [{"survey_id": chosen.id, "code": code} for code in sorted(codes)]
    )
    chosen.invited = (chosen.invited or 0) + len(codes)


async def unused_codes(session: AsyncSession, survey_id: str) -> int:
    """How many codes have been given out and not used."""
    counting = select(func.count()).select_from(SurveyCode).where(SurveyCode.survey_id == survey_id)
    return await session.scalar(counting) or 0


async def withdraw_codes(session: AsyncSession, chosen: Survey) -> int:
    """Takes back the codes nobody has used, with as many of those invited; how many."""
    gone = await unused_codes(session, chosen.id)
    await session.execute(delete(SurveyCode).where(SurveyCode.survey_id == chosen.id))
    chosen.invited = (chosen.invited or 0) - gone
    return gone


async def count(session: AsyncSession, survey_id: str, answers: Mapping[str, int]) -> None:
    """Counts one person's answers in, always in the same order, so that two never wait crosswise."""
    said = {_ALL: 0, **answers}
    new = insert(SurveyTally).values(
        [
            {"survey_id": survey_id, "question": question, "value": said[question], "count": 1}
            for question in sorted(said)
        ]
    )
    await session.execute(
        new.on_conflict_do_update(
            index_elements=[SurveyTally.survey_id, SurveyTally.question, SurveyTally.value],
            set_={"count": SurveyTally.count + 1},
        )
    )


async def imported(session: AsyncSession) -> Sequence[ImportedResult]:
    """All results that were imported, the newest year first."""
    columns = (ImportedResult.year.desc(), ImportedResult.service, ImportedResult.question)
    return (await session.scalars(select(ImportedResult).order_by(*columns))).all()
