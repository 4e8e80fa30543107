"""The cases behind a number: which they are, for those who may see them."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import STANDING, Asked
from services.metrics.cells import STAGED
from services.metrics.indicators import Dimension, Question
from shared.municipality import Municipality
from shared.municipality.organisation import Role
from shared.web.session import SignedIn

PAGE = 50


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
    OPENED = "apnet"
    INTERIM = "forelopig"
    """Those that needed an interim answer."""
    SAID = "sagt-fra"
    """Those whose residents said whether the answer helped."""


def units_seen_by(person: SignedIn, municipality: Municipality) -> frozenset[str] | None:
    """The units whose cases a leader answers for; None is all of them, nothing for those who lead nobody."""
    if person.has_role(Role.ADMINISTRATOR, Role.DIRECTOR):
        return None
    if person.has_role(Role.LEADER):
        return frozenset(unit.id for unit in municipality.units_led_by(person.person_id))
    return frozenset()


def has_any_of(question: Mapping[Dimension, str], units: Collection[str], municipality: Municipality) -> bool:
    """Whether what is chosen can have a case of these units: it is none of another unit or section."""
    unit, section = question.get(Dimension.UNIT), question.get(Dimension.SECTION)
    if unit:
        return unit in units
    return not section or any(municipality.units[one].section == section for one in units)


async def behind(
    session: AsyncSession,
    question: Question,
    number: Behind,
    units: Collection[str] | None,
    page: int,
) -> tuple[int, Sequence[Any]]:
    """How many cases of these units a number consists of, and a page of them: the longest overdue first.

    Promises are listed with their case: a case that was reopened may be there once for each.
    """
    asked = Asked(question)
    source, due_on, answered_on, condition = _belongs(asked, number)
    unit = asked.value(Dimension.UNIT, "c")
    where = ["c.received_at IS NOT NULL", asked.chosen("c"), condition]
    if units is not None:
        where.append(f"{unit} = ANY(CAST(:units AS text[]))")
    given = asked.parameters(
        first=question.period.first,
        last=question.period.last,
        today=question.today,
        seen=question.seen_on,
        not_overdue_from=question.not_overdue_from,
        soon_until=question.soon_until,
        units=sorted(units or ()),
        most=PAGE,
        skipped=(page - 1) * PAGE,
    )
    found = f"FROM {source} WHERE {' AND '.join(where)}"
    statement = f"""
        SELECT c.reference, c.system, c.invented, c.kind, c.topic, {unit} AS unit, c.received_on, {due_on} AS due_on,
            {answered_on} AS answered_on, count(*) OVER () AS total
        {found} ORDER BY {due_on} NULLS LAST, c.received_at, c.case_id LIMIT :most OFFSET :skipped
    """
    rows = (await session.execute(text(statement), given)).all()
    if rows:
        return rows[0].total, rows
    return await session.scalar(text(f"SELECT count(*) {found}"), given) or 0, rows


def _belongs(asked: Asked, number: Behind) -> tuple[str, str, str, str]:
    """Where its cases are, with their due day and day of answer, by the same conditions as in `cells`."""
    promises = f"{STAGED.format(cases='case_fact', promises='promise_fact')} {asked.places('c')}"
    kept = "COALESCE(stage.answered_on <= p.due_on, false)"
    due = "p.due_on BETWEEN :first AND :last"
    of_promises = {
        Behind.KEPT: f"p.due_on < :today AND {kept}",
        Behind.BROKEN: f"p.due_on < :today AND NOT {kept}",
        Behind.NOT_YET_DUE: "p.due_on >= :today",
    }
    if number in of_promises:
        return promises, "p.due_on", "stage.answered_on", f"{due} AND {of_promises[number]}"
    of_backlog = {
        Behind.OPEN: "true",
        Behind.OVERDUE: "stage.due_on < :not_overdue_from",
        Behind.DUE_SOON: "stage.due_on BETWEEN :not_overdue_from AND :soon_until",
    }
    if number in of_backlog:
        condition = f"c.open_days @> CAST(:seen AS date) AND {of_backlog[number]}"
        return f"{STANDING} {asked.places('c')}", "stage.due_on", "c.answered_on", condition
    of_cases = {
        Behind.RECEIVED: "c.received_on BETWEEN :first AND :last",
        Behind.ANSWERED: "c.answered_on BETWEEN :first AND :last",
        Behind.OPENED: "c.opened_on BETWEEN :first AND :last",
        Behind.SAID: "c.answered_on BETWEEN :first AND :last AND c.helped IS NOT NULL",
        Behind.INTERIM: "c.interim_due_on BETWEEN :first AND :last AND c.interim_due_on < :today"
        " AND (c.finished_on IS NULL OR c.finished_on > c.interim_due_on)",
    }
    cases = f"""
        case_fact AS c LEFT JOIN promise_fact AS p ON p.case_id = c.case_id AND p.number = 1
        {asked.places("c")}
    """
    return cases, "p.due_on", "c.answered_on", of_cases[number]
