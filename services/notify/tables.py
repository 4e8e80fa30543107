"""Notify's tables but for the messages (`store`): cases as they stand, promises, the ledgers of what was done."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, SmallInteger, Text, Uuid, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SET_ASIDE = "done_at IS NULL AND tries > 0"
"""Of steps and waits: what could not be decided about and is tried again."""


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
    """The first final answer since the case was last opened; so with the next two."""
    closed_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    waits_from: Mapped[datetime | None]
    """When the latest pause began, and when it ends or ended."""
    waits_until: Mapped[datetime | None]


class PromiseRow(Row):
    """A version of a promise with its verdict: the day that holds for, and when it was recorded.

    A promise has a number in its case; a version of it is open until it is judged, or moved by the next one.
    A verdict never changes.
    """

    __tablename__ = "promise"
    __table_args__ = (ForeignKeyConstraint(["case_id"], ["case_file.case_id"]),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    promise_id: Mapped[str]
    rule: Mapped[str]
    rule_version: Mapped[str]
    started_at: Mapped[datetime]
    due_on: Mapped[date]
    due_without_pauses_on: Mapped[date]
    reason: Mapped[str | None]
    """Why it has another day than before; None where it was made so."""
    cause: Mapped[UUID]
    root: Mapped[UUID]
    is_day_given: Mapped[bool]
    basis: Mapped[str]
    """These four as in `terms.Terms`."""
    answered_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]
    lapse: Mapped[str | None]
    is_ended: Mapped[bool]
    """These four as in `promises.Recorded`."""
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
        Index("step_set_aside", "due_at", postgresql_where=text(SET_ASIDE)),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    """When to act: moved on where the office is closed, or where the decision failed."""
    planned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    error: Mapped[str | None]
    """How often the decision has failed, and why the last time: such a step is set aside."""


class WaitRow(Row):
    """The ledger of waits: one row per question asked, also where nothing is promised or all is judged."""

    __tablename__ = "wait"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["case_file.case_id"]),
        Index("wait_due", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("wait_set_aside", "due_at", postgresql_where=text(SET_ASIDE)),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    paused_by: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    """When to tell both sides that it is over; moved on where the office is closed, or the decision failed."""
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    error: Mapped[str | None]
    """These two as of a step."""
