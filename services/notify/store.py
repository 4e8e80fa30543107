"""Tables and named queries: cases as they stand, promises, the ledger of the ladder, messages."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    TextClause,
    Uuid,
    bindparam,
    false,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.notify.case import FIRST_VERSION, Case, PromiseState, Verdict
from services.notify.ladder import JUDGE, Outcome, PromiseAtHand, Step
from services.notify.messages import Medium, Word
from shared.events import PromiseMade

UNSENT = "state IN ('waiting', 'gathering', 'failed', 'bounced')"
"""What has not reached its reader: the condition of an index, and of the count that uses it."""


class Row(DeclarativeBase):
    """What this service keeps."""

    type_annotation_map = {datetime: DateTime(timezone=True), str: Text, UUID: Uuid}  # noqa: RUF012 - SQLAlchemy's way


class CaseRow(Row):
    """A case as folded from what was said. Whoever decides about a case holds its row locked."""

    __tablename__ = "case_file"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality: Mapped[str]
    reference: Mapped[str | None]
    kind: Mapped[str | None]
    topic: Mapped[str | None]
    area: Mapped[str | None]
    has_email: Mapped[bool]
    has_phone: Mapped[bool] = mapped_column(server_default=false())
    received_at: Mapped[datetime | None]
    unit: Mapped[str | None]
    section: Mapped[str | None]
    person: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]


class PromiseRow(Row):
    """A promise with its verdict: the day it holds for, and when it was recorded. A verdict never changes."""

    __tablename__ = "promise"
    __table_args__ = (ForeignKeyConstraint(["case_id"], ["case_file.case_id"]),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    promise_id: Mapped[str]
    rule: Mapped[str]
    rule_version: Mapped[str]
    started_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str]
    judged_on: Mapped[date | None]
    judged_at: Mapped[datetime | None]


class StepRow(Row):
    """The ledger: one row per promise, version and step, so that nothing is done twice or not at all."""

    __tablename__ = "step"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "version"], ["promise.case_id", "promise.version"]),
        Index("step_verdict", "due_at", postgresql_where=text("done_at IS NULL AND step = 'judge'")),
        Index("step_rung", "due_at", postgresql_where=text("done_at IS NULL AND step <> 'judge'")),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    """When to act: moved on where the office is closed."""
    planned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class MessageRow(Row):
    """A message and its delivery: never an address, nor words of the mail server, which may quote one."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "message_waiting",
            "channel",
            "priority",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("message_gathering", "person", postgresql_where=text("state = 'gathering'")),
        Index("message_unsent", "kind", "state", postgresql_where=text(UNSENT)),
        Index("message_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index("message_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made from the key: the primary key holds that a message is written down once."""
    key: Mapped[str]
    kind: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default=Medium.EMAIL.value)
    case_id: Mapped[UUID | None]
    """None for a digest, which is of many."""
    to_resident: Mapped[bool]
    person: Mapped[str | None]
    priority: Mapped[int] = mapped_column(SmallInteger)
    caused_by: Mapped[UUID]
    facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    error: Mapped[str | None]
    response_code: Mapped[int | None] = mapped_column(SmallInteger)
    sent_at: Mapped[datetime | None]
    digest_id: Mapped[UUID | None]
    """The digest that says it instead."""
    bounced_at: Mapped[datetime | None]
    bounce_status: Mapped[str | None]


async def lock(session: AsyncSession, case_ids: Sequence[UUID]) -> None:
    """Locks the rows of these cases, in an order that all follow; those there are none of yet are made.

    Two processes may hear events of one case at once: the second reads its history after the first commits.
    """
    unknown = [{"case_id": case_id, "municipality": "", "has_email": False} for case_id in sorted(case_ids)]
    await session.execute(insert(CaseRow).on_conflict_do_nothing(), unknown)
    await session.execute(
        select(CaseRow.case_id)
        .where(CaseRow.case_id.in_(case_ids))
        .order_by(CaseRow.case_id)
        .with_for_update()
    )


async def save_cases(session: AsyncSession, cases: Sequence[Case]) -> None:
    """Writes down cases as they stand; their rows exist."""
    columns = [column for column in CaseRow.__table__.columns.keys() if column != "case_id"]  # noqa: SIM118 - no mapping
    statement = (
        update(CaseRow.__table__)  # type: ignore[arg-type]
        .where(CaseRow.case_id == bindparam("of_case"))
        .values({column: bindparam(f"new_{column}") for column in columns})
    )
    await session.execute(
        statement,
        [
            {"of_case": case.case_id, **{f"new_{name}": value for name, value in _columns(case).items()}}
            for case in cases
        ],
    )


def _columns(case: Case) -> Mapping[str, Any]:
    received, assigned = case.received, case.assigned
    return {
        "municipality": case.municipality,
        "reference": received and received.reference,
        "kind": received and received.kind.value,
        "topic": received and received.topic,
        "area": received and received.area,
        "has_email": bool(received and received.has_email),
        "has_phone": bool(received and received.has_phone),
        "received_at": received and received.at,
        "unit": assigned and assigned.unit,
        "section": assigned and assigned.section,
        "person": assigned and assigned.person,
        "answered_at": case.answered_at,
        "closed_at": case.closed_at,
        "expected_on": case.expected_on,
    }


async def add_promises(session: AsyncSession, made: Sequence[tuple[PromiseMade, datetime]]) -> None:
    """Takes promises over, each with the instant it started."""
    rows = [
        {
            "case_id": promise.case_id,
            "version": promise.version,
            "promise_id": promise.promise_id,
            "rule": promise.rule,
            "rule_version": promise.rule_version,
            "started_at": started_at,
            "due_on": promise.due_on,
            "state": PromiseState.OPEN.value,
        }
        for promise, started_at in made
    ]
    if rows:
        await session.execute(insert(PromiseRow), rows)


async def record_verdicts(session: AsyncSession, verdicts: Mapping[UUID, Verdict], now: datetime) -> None:
    """Records verdicts on open promises. One that has been given stands."""
    if not verdicts:
        return
    await session.execute(
        _RECORD_VERDICTS,
        {
            "case_ids": list(verdicts),
            "states": [verdict.state.value for verdict in verdicts.values()],
            "days": [verdict.judged_on for verdict in verdicts.values()],
            "version": FIRST_VERSION,
            "now": now,
        },
    )


_RECORD_VERDICTS = text(
    """
    UPDATE promise SET state = v.state, judged_on = v.judged_on, judged_at = :now
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:states AS text[]), CAST(:days AS date[]))
        AS v(case_id, state, judged_on)
    WHERE promise.case_id = v.case_id AND promise.version = :version AND promise.state = 'open'
    """
)


async def plan(
    session: AsyncSession, planned: Sequence[tuple[UUID, int, Step]], settled: Collection[UUID], now: datetime
) -> None:
    """Writes new steps into the ledger; those of settled cases as done, so that any order gives the same."""
    if not planned:
        return
    await session.execute(
        _PLAN,
        {
            "case_ids": [case_id for case_id, _, _ in planned],
            "versions": [version for _, version, _ in planned],
            "steps": [step.step for _, _, step in planned],
            "instants": [step.due_at for _, _, step in planned],
            "settled": [case_id in settled and step.step != JUDGE for case_id, _, step in planned],
            "outcome": Outcome.SETTLED.value,
            "now": now,
        },
    )


_PLAN = text(
    """
    INSERT INTO step (case_id, version, step, due_at, planned_at, done_at, outcome)
    SELECT v.case_id, v.version, v.step, v.due_at, v.due_at,
        CASE WHEN v.settled THEN CAST(:now AS timestamptz) END,
        CASE WHEN v.settled THEN CAST(:outcome AS text) END
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]),
        CAST(:instants AS timestamptz[]), CAST(:settled AS boolean[]))
        AS v(case_id, version, step, due_at, settled)
    ON CONFLICT DO NOTHING
    """
)


async def settle(session: AsyncSession, case_ids: Collection[UUID], now: datetime) -> None:
    """Ends the ladders of cases that have been answered or closed. The verdict is still to be given."""
    await session.execute(
        update(StepRow)
        .where(StepRow.case_id.in_(case_ids), StepRow.done_at.is_(None), StepRow.step != JUDGE)
        .values(done_at=now, outcome=Outcome.SETTLED.value)
    )


async def hasten_verdicts(session: AsyncSession, answered: Mapping[UUID, datetime]) -> None:
    """Makes the verdicts of promises that were kept due: not at midnight, but from the answer on."""
    if answered:
        await session.execute(
            _HASTEN_VERDICTS, {"case_ids": list(answered), "instants": list(answered.values())}
        )


_HASTEN_VERDICTS = text(
    """
    UPDATE step SET due_at = v.answered_at
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:instants AS timestamptz[])) AS v(case_id, answered_at)
    WHERE step.case_id = v.case_id AND step.step = 'judge' AND step.done_at IS NULL
        AND step.due_at > v.answered_at
    """
)


class Share(StrEnum):
    """What a scheduler takes on at a time: verdicts, strictly in the order of their days, or all the rest."""

    VERDICTS = "step.step = 'judge'"
    RUNGS = "step.step <> 'judge'"


def _for_each_share(query: str) -> Mapping[Share, TextClause]:
    """The query once for each share: its index is used only where the query says the same as the index."""
    return {share: text(query.replace("{share}", share)) for share in Share}


async def earliest_due(session: AsyncSession, share: Share) -> datetime | None:
    """When the next step falls due: one look at an index, however many steps wait."""
    earliest: datetime | None = await session.scalar(_EARLIEST_DUE[share])
    return earliest


_EARLIEST_DUE = _for_each_share(
    "SELECT due_at FROM step WHERE done_at IS NULL AND {share} ORDER BY due_at LIMIT 1"
)


async def claim_due(session: AsyncSession, share: Share, until: datetime, most: int) -> list[UUID]:
    """Locks the cases of the steps longest due, but for those that another process is deciding about."""
    claimed = await session.scalars(_CLAIM_DUE[share], {"until": until, "most": most})
    return list(dict.fromkeys(claimed.all()))


_CLAIM_DUE = _for_each_share(
    """
    SELECT case_file.case_id FROM step JOIN case_file USING (case_id)
    WHERE step.done_at IS NULL AND {share} AND step.due_at <= :until
    ORDER BY step.due_at LIMIT :most
    FOR UPDATE OF case_file SKIP LOCKED
    """
)


async def due_steps(
    session: AsyncSession, share: Share, case_ids: Sequence[UUID], until: datetime
) -> dict[PromiseAtHand, list[Step]]:
    """The promises of locked cases with their due steps, read after the lock: the claim may be stale."""
    rows = await session.execute(_DUE_STEPS[share], {"case_ids": case_ids, "until": until})
    found: dict[tuple[UUID, int], tuple[PromiseAtHand, list[Step]]] = {}
    for row in rows:
        at_hand_and_steps = found.get((row.case_id, row.version))
        if at_hand_and_steps is None:
            at_hand = PromiseAtHand(
                case_id=row.case_id,
                municipality=row.municipality,
                version=row.version,
                due_on=row.due_on,
                state=PromiseState(row.state),
                unit=row.unit,
                person=row.person,
                has_email=row.has_email,
                has_phone=row.has_phone,
                answered_at=row.answered_at,
                closed_at=row.closed_at,
                expected_on=row.expected_on,
            )
            at_hand_and_steps = found[row.case_id, row.version] = at_hand, []
        at_hand_and_steps[1].append(Step(row.step, row.due_at))
    return dict(found.values())


_DUE_STEPS = _for_each_share(
    """
    SELECT step.case_id, step.version, step.step, step.due_at, promise.due_on, promise.state,
        case_file.municipality, case_file.unit, case_file.person, case_file.has_email, case_file.has_phone,
        case_file.answered_at, case_file.closed_at, case_file.expected_on
    FROM step JOIN promise USING (case_id, version) JOIN case_file USING (case_id)
    WHERE step.case_id = ANY(CAST(:case_ids AS uuid[])) AND step.done_at IS NULL AND {share}
        AND step.due_at <= :until
    ORDER BY step.due_at, step.case_id, step.step
    """
)


async def finish_steps(
    session: AsyncSession, outcomes: Sequence[tuple[UUID, int, str, Outcome]], now: datetime
) -> None:
    """Marks steps as done, with what was done about them."""
    if not outcomes:
        return
    await session.execute(
        _FINISH_STEPS,
        {
            "case_ids": [case_id for case_id, _, _, _ in outcomes],
            "versions": [version for _, version, _, _ in outcomes],
            "steps": [step for _, _, step, _ in outcomes],
            "outcomes": [outcome.value for _, _, _, outcome in outcomes],
            "now": now,
        },
    )


_FINISH_STEPS = text(
    """
    UPDATE step SET done_at = :now, outcome = v.outcome
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]),
        CAST(:outcomes AS text[])) AS v(case_id, version, step, outcome)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step = v.step
        AND step.done_at IS NULL
    """
)


async def postpone_steps(session: AsyncSession, until: Sequence[tuple[UUID, int, str, datetime]]) -> None:
    """Lets due steps wait until the office opens."""
    if not until:
        return
    await session.execute(
        _POSTPONE_STEPS,
        {
            "case_ids": [case_id for case_id, _, _, _ in until],
            "versions": [version for _, version, _, _ in until],
            "steps": [step for _, _, step, _ in until],
            "instants": [instant for _, _, _, instant in until],
        },
    )


_POSTPONE_STEPS = text(
    """
    UPDATE step SET due_at = v.due_at
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]),
        CAST(:instants AS timestamptz[])) AS v(case_id, version, step, due_at)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step = v.step
        AND step.done_at IS NULL
    """
)


async def queue(session: AsyncSession, words: Sequence[Word], now: datetime) -> None:
    """Writes down messages to be sent; one that has been written down before is left as it is."""
    if not words:
        return
    await session.execute(
        _QUEUE,
        {
            "ids": [word.id for word in words],
            "keys": [word.key for word in words],
            "kinds": [word.kind.value for word in words],
            "channels": [word.channel.value for word in words],
            "case_ids": [word.case_id for word in words],
            "to_resident": [word.to_resident for word in words],
            "people": [word.person for word in words],
            "priorities": [int(word.priority) for word in words],
            "causes": [word.caused_by for word in words],
            "facts": [json.dumps(dict(word.facts)) for word in words],
            "states": [word.first_state.value for word in words],
            "now": now,
        },
    )


_QUEUE = text(
    """
    INSERT INTO message (id, key, kind, channel, case_id, to_resident, person, priority, caused_by, facts,
        state, attempts, created_at, next_attempt_at)
    SELECT v.*, 0, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]), CAST(:kinds AS text[]),
        CAST(:channels AS text[]), CAST(:case_ids AS uuid[]), CAST(:to_resident AS boolean[]), CAST(:people AS text[]),
        CAST(:priorities AS smallint[]), CAST(:causes AS uuid[]), CAST(:facts AS jsonb[]),
        CAST(:states AS text[])) AS v
    ON CONFLICT DO NOTHING
    """
)
