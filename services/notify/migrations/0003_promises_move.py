"""A promise has versions under numbers, and may wait, move and lapse; a ledger of waits; merged cases."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What was there before is one promise per case, made by the receipt, that never waited nor moved.
FILL = """
UPDATE promise SET number = 1, due_without_pauses_on = promise.due_on,
    cause = heard.event_id, root = heard.event_id,
    basis = heard.event_id || ' ' || heard.event_id, is_day_given = false,
    answered_at = case_file.answered_at,
    lapsed_at = CASE WHEN case_file.answered_at IS NULL THEN case_file.closed_at END,
    lapse = CASE WHEN case_file.answered_at IS NULL AND case_file.closed_at IS NOT NULL THEN 'closed' END,
    is_ended = case_file.answered_at IS NOT NULL OR case_file.closed_at IS NOT NULL
FROM case_file, (
    SELECT DISTINCT ON (case_id) case_id, event_id FROM inbox
    WHERE type = 'no.svarfrist.submission.received.v1' ORDER BY case_id, at, event_id
) AS heard
WHERE case_file.case_id = promise.case_id AND heard.case_id = promise.case_id
"""
NEW: tuple[tuple[str, Any], ...] = (
    ("number", sa.SmallInteger()),
    ("due_without_pauses_on", sa.Date()),
    ("cause", sa.Uuid()),
    ("root", sa.Uuid()),
    ("is_day_given", sa.Boolean()),
    ("basis", sa.Text()),
    ("is_ended", sa.Boolean()),
)
OPTIONAL: tuple[tuple[str, Any], ...] = (
    ("reason", sa.Text()),
    ("answered_at", sa.DateTime(timezone=True)),
    ("lapsed_at", sa.DateTime(timezone=True)),
    ("lapse", sa.Text()),
)
OF_CASES: tuple[tuple[str, Any], ...] = (
    ("merged_into", sa.Uuid()),
    ("waits_from", sa.DateTime(timezone=True)),
    ("waits_until", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name, kind in OF_CASES:
        op.add_column("case_file", sa.Column(name, kind, nullable=True))
    op.create_index(
        "case_merged",
        "case_file",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    for name, kind in (*NEW, *OPTIONAL):
        op.add_column("promise", sa.Column(name, kind, nullable=True))
    op.execute(FILL)
    for name, _ in NEW:
        op.alter_column("promise", name, nullable=False)
    op.create_table(
        "wait",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("paused_by", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "paused_by"),
    )
    op.create_index("wait_due", "wait", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL"))


def downgrade() -> None:
    op.drop_index("wait_due", table_name="wait")
    op.drop_table("wait")
    # The old code knows one version of one promise.
    op.execute("DELETE FROM step WHERE version > 1")
    op.execute("DELETE FROM promise WHERE version > 1")
    for name, _ in reversed((*NEW, *OPTIONAL)):
        op.drop_column("promise", name)
    op.drop_index("case_merged", table_name="case_file")
    for name, _ in reversed(OF_CASES):
        op.drop_column("case_file", name)
