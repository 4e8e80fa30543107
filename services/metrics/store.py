"""The tables figures are made of: one fact a case, one a promise, and the cells and rungs that add them up."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATEMULTIRANGE, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.metrics.cells import COLUMNS, DIMENSIONS, PRINTS

INSTANTS = ARRAY(DateTime(timezone=True))


class Row(DeclarativeBase):
    """The tables of this service."""


def _oslo_day_of(column: str) -> Computed:
    return Computed(f"(({column} AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True)


def _own_day_of(column: str) -> Computed:
    """The day in the zone that an imported case has, else in Norway."""
    return Computed(f"(({column} AT TIME ZONE COALESCE(zone, 'Europe/Oslo'::text)))::date", persisted=True)


def _length(until: str) -> Computed:
    return Computed(
        f"((EXTRACT(epoch FROM ({until} - received_at)) * 1000000::numeric))::bigint", persisted=True
    )


class CaseFact(Row):
    """What is known of one case for the figures; see `facts` for how the columns are filled.

    Days are Norway's; those of an imported case are its `zone`'s. `invented` is true of a simulated year's. `unit` and
    `section` are those that have the case now. `response` is microseconds from receipt to the first final answer,
    `waited` how much of them the case stood still for its resident, `handover` the time until a caseworker first opened
    it. `finished_on` is the first time it was answered, closed or merged; `open_days` are all days at whose end
    it was open, reopenings included.
    """

    __tablename__ = "case_fact"
    __table_args__ = (
        Index("case_fact_received", "received_on"),
        Index("case_fact_answered", "answered_on"),
        Index("case_fact_opened", "opened_on"),
        Index("case_fact_interim", "interim_due_on"),
        Index("case_fact_open", "open_days", postgresql_using="gist"),
        Index("case_fact_invented", "invented", postgresql_where=text("invented")),
        {"postgresql_with": {"fillfactor": 80}},
    )

    case_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)

    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    interim_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    merged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    answers_at: Mapped[list[datetime] | None] = mapped_column(INSTANTS)
    endings_at: Mapped[list[datetime] | None] = mapped_column(INSTANTS)
    reopened_at: Mapped[list[datetime] | None] = mapped_column(INSTANTS)

    received_rank: Mapped[UUID | None] = mapped_column(Uuid)
    reference: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(Text)
    reply_wanted: Mapped[bool | None] = mapped_column(Boolean)
    interim_due_on: Mapped[date | None] = mapped_column(Date)
    system: Mapped[str | None] = mapped_column(Text)
    invented: Mapped[bool | None] = mapped_column(Boolean)

    classified_rank: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)

    assigned_rank: Mapped[UUID | None] = mapped_column(Uuid)
    unit: Mapped[str | None] = mapped_column(Text)
    section: Mapped[str | None] = mapped_column(Text)

    answered_rank: Mapped[UUID | None] = mapped_column(Uuid)
    waited: Mapped[int | None] = mapped_column(BigInteger)

    feedback_rank: Mapped[UUID | None] = mapped_column(Uuid)
    helped: Mapped[bool | None] = mapped_column(Boolean)
    process: Mapped[int | None] = mapped_column(SmallInteger)
    outcome: Mapped[int | None] = mapped_column(SmallInteger)

    imported_rank: Mapped[UUID | None] = mapped_column(Uuid)
    zone: Mapped[str | None] = mapped_column(Text)

    handovers: Mapped[int] = mapped_column(Integer, server_default="0")
    messages_failed: Mapped[int] = mapped_column(Integer, server_default="0")
    messages_bounced: Mapped[int] = mapped_column(Integer, server_default="0")

    received_on: Mapped[date | None] = mapped_column(Date, _own_day_of("received_at"))
    opened_on: Mapped[date | None] = mapped_column(Date, _oslo_day_of("opened_at"))
    interim_on: Mapped[date | None] = mapped_column(Date, _oslo_day_of("interim_at"))
    answered_on: Mapped[date | None] = mapped_column(Date, _own_day_of("answered_at"))
    finished_on: Mapped[date | None] = mapped_column(
        Date, _own_day_of("LEAST(answered_at, closed_at, merged_at)")
    )
    open_days: Mapped[list[Range[date]] | None] = mapped_column(
        DATEMULTIRANGE,
        Computed(
            "CASE WHEN zone IS NULL THEN open_days(received_at, LEAST(answered_at, closed_at, merged_at), "
            "(answers_at || endings_at), reopened_at) ELSE datemultirange(daterange("
            "((received_at AT TIME ZONE zone))::date, ((answered_at AT TIME ZONE zone))::date)) END",
            persisted=True,
        ),
    )
    response: Mapped[int | None] = mapped_column(BigInteger, _length("answered_at"))
    handover: Mapped[int | None] = mapped_column(BigInteger, _length("opened_at"))


class PromiseFact(Row):
    """What is known of one promise: number 1 is that on the receipt, each reopening makes the next.

    `due_on` is None where the promise has lapsed. `due_without_pauses_on` is None where the clock never stood
    still. `kept` and `judged_on` are the verdict that notify recorded.
    """

    __tablename__ = "promise_fact"
    __table_args__ = (Index("promise_fact_due", "due_on"), {"postgresql_with": {"fillfactor": 80}})

    case_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    made_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_rank: Mapped[UUID | None] = mapped_column(Uuid)
    promise_id: Mapped[str | None] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_without_pauses_on: Mapped[date | None] = mapped_column(Date)
    lapsed: Mapped[str | None] = mapped_column(Text)
    judged_rank: Mapped[UUID | None] = mapped_column(Uuid)
    kept: Mapped[bool | None] = mapped_column(Boolean)
    judged_on: Mapped[date | None] = mapped_column(Date)


case_fact = Row.metadata.tables[CaseFact.__tablename__]
promise_fact = Row.metadata.tables[PromiseFact.__tablename__]
cell_key = Table(
    "cell_key",
    Row.metadata,
    Column("key", Uuid, primary_key=True),
    Column("by", SmallInteger, nullable=False),
    *(Column(dimension.value, Text) for dimension in DIMENSIONS),
    Index("cell_key_by", "by"),
)
"""Which cases a cell adds up: those with these values of the dimensions in `by` (`cells.Set`)."""

cell = Table(
    "cell",
    Row.metadata,
    Column("key", Uuid, primary_key=True),
    Column("grain", Text, primary_key=True),
    Column("first", Date, primary_key=True),
    *(Column(name, BigInteger if name in PRINTS else Integer, nullable=False) for name in COLUMNS),
    postgresql_with={"fillfactor": 70},
)
"""What the cases of a key add up to on a day (`grain` d) or in a month (m) that begins on `first`."""

rung = Table(
    "rung",
    Row.metadata,
    Column("key", Uuid, primary_key=True),
    Column("span", SmallInteger, primary_key=True, autoincrement=False),
    Column("first", Date, primary_key=True),
    Column("height", SmallInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("lengths", ARRAY(BigInteger), nullable=False),
    Column("gone", ARRAY(BigInteger), nullable=False),
    postgresql_with={"fillfactor": 70},
)
"""The lengths of a span (`ladder.SPANS`) in a month of a cell's cases, from one rung of the ladder to the next.

`lengths` are those that were ever there, in no order, and `gone` those of them that no longer are; `count` is how
many there are."""
