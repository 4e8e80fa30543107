"""One fact a case, and the questions that figures are made of."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.metrics.facts import COUNTED, DECIDED, EARLIEST, Fact

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class Row(DeclarativeBase):
    """The tables of this service."""


def _oslo_day_of(column: str) -> Computed:
    return Computed(f"(({column} AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True)


class CaseFact(Row):
    """What is known of one case for the figures; see `facts` for how the columns are filled.

    Days are Norway's. `unit` and `section` are those that have the case now, as `first_unit` and
    `first_section` had it first; `response` is microseconds from receipt to the first final answer, `handover`
    to the first time a caseworker opened it.
    """

    __tablename__ = "case_fact"
    __table_args__ = (
        Index("case_fact_received", "received_on"),
        Index("case_fact_due", "due_on"),
        Index("case_fact_answered", "answered_on"),
        Index("case_fact_opened", "opened_on"),
        Index("case_fact_finished", "finished_on"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    case_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)

    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    assigned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    interim_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    received_rank: Mapped[UUID | None] = mapped_column(Uuid)
    reference: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(Text)
    reply_wanted: Mapped[bool | None] = mapped_column(Boolean)

    first_assigned_rank: Mapped[UUID | None] = mapped_column(Uuid)
    first_unit: Mapped[str | None] = mapped_column(Text)
    first_section: Mapped[str | None] = mapped_column(Text)
    assigned_rank: Mapped[UUID | None] = mapped_column(Uuid)
    unit: Mapped[str | None] = mapped_column(Text)
    section: Mapped[str | None] = mapped_column(Text)

    promised_rank: Mapped[UUID | None] = mapped_column(Uuid)
    promise_id: Mapped[str | None] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    judged_rank: Mapped[UUID | None] = mapped_column(Uuid)
    kept: Mapped[bool | None] = mapped_column(Boolean)
    judged_on: Mapped[date | None] = mapped_column(Date)

    feedback_rank: Mapped[UUID | None] = mapped_column(Uuid)
    helped: Mapped[bool | None] = mapped_column(Boolean)

    handovers: Mapped[int] = mapped_column(Integer, server_default="0")
    answers: Mapped[int] = mapped_column(Integer, server_default="0")
    supplements: Mapped[int] = mapped_column(Integer, server_default="0")
    reminders: Mapped[int] = mapped_column(Integer, server_default="0")
    messages_sent: Mapped[int] = mapped_column(Integer, server_default="0")
    messages_failed: Mapped[int] = mapped_column(Integer, server_default="0")

    received_on: Mapped[date | None] = mapped_column(Date, _oslo_day_of("received_at"))
    opened_on: Mapped[date | None] = mapped_column(Date, _oslo_day_of("opened_at"))
    answered_on: Mapped[date | None] = mapped_column(Date, _oslo_day_of("answered_at"))
    finished_on: Mapped[date | None] = mapped_column(Date, _oslo_day_of("LEAST(answered_at, closed_at)"))
    response: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(
            "((EXTRACT(epoch FROM (answered_at - received_at)) * 1000000::numeric))::bigint", persisted=True
        ),
    )
    handover: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(
            "((EXTRACT(epoch FROM (opened_at - received_at)) * 1000000::numeric))::bigint", persisted=True
        ),
    )


def _merging() -> str:
    """The statement that merges a batch of facts, put together from the lists in `facts`."""
    types = {column.name: column.type.compile(dialect=_DIALECT) for column in CaseFact.__table__.columns}
    said = [
        "case_id",
        *EARLIEST,
        *COUNTED,
        *(column for group in DECIDED for column in (group.rank, *group.columns)),
    ]
    earliest = [f"{column} = LEAST(fact.{column}, excluded.{column})" for column in EARLIEST]
    counted = [f"{column} = fact.{column} + excluded.{column}" for column in COUNTED]
    decided = []
    for group in DECIDED:
        better, chosen = ("<", "LEAST") if group.by_first else (">", "GREATEST")
        wins = f"fact.{group.rank} IS NULL OR excluded.{group.rank} {better} fact.{group.rank}"
        decided += [
            f"{column} = CASE WHEN {wins} THEN excluded.{column} ELSE fact.{column} END"
            for column in group.columns
        ]
        decided.append(f"{group.rank} = {chosen}(fact.{group.rank}, excluded.{group.rank})")
    chosen_columns = [f"COALESCE({column}, 0)" if column in COUNTED else column for column in said]
    # In the order of the ids, so that two processes never wait for each other's rows crosswise.
    return f"""
        INSERT INTO case_fact AS fact ({", ".join(said)})
        SELECT {", ".join(chosen_columns)}
        FROM json_to_recordset(CAST(:said AS json))
            AS said ({", ".join(f"{column} {types[column]}" for column in said)})
        ORDER BY case_id
        ON CONFLICT (case_id) DO UPDATE SET {", ".join([*earliest, *counted, *decided])}
    """  # noqa: S608 - of column names alone


_MERGING = text(_merging())


async def merge(session: AsyncSession, facts: Mapping[UUID, Fact]) -> None:
    """Merges what a batch of new events says into the facts of their cases, in one statement."""
    said = [{"case_id": case_id, **fact} for case_id, fact in facts.items()]
    if said:
        await session.execute(_MERGING, {"said": json.dumps(said, default=str)})
