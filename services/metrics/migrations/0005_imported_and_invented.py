"""An imported case has a zone of its own and is replaced by its next import; a simulated one is invented."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FINISHED = "LEAST(answered_at, closed_at, merged_at)"
OPEN_DAYS = f"open_days(received_at, {FINISHED}, (answers_at || endings_at), reopened_at)"
DAYS = {"received_on": "received_at", "answered_on": "answered_at", "finished_on": FINISHED}


def upgrade() -> None:
    op.add_column("case_fact", sa.Column("invented", sa.Boolean(), nullable=True))
    op.add_column("case_fact", sa.Column("imported_rank", sa.Uuid(), nullable=True))
    op.add_column("case_fact", sa.Column("zone", sa.Text(), nullable=True))
    op.create_index("case_fact_invented", "case_fact", ["invented"], postgresql_where=sa.text("invented"))
    for column, instant in DAYS.items():
        _express(column, f"((({instant}) AT TIME ZONE COALESCE(zone, 'Europe/Oslo')))::date")
    _express(
        "open_days",
        f"CASE WHEN zone IS NULL THEN {OPEN_DAYS} ELSE datemultirange(daterange("
        "(received_at AT TIME ZONE zone)::date, (answered_at AT TIME ZONE zone)::date)) END",
    )


def downgrade() -> None:
    _express("open_days", OPEN_DAYS)
    for column, instant in DAYS.items():
        _express(column, f"((({instant}) AT TIME ZONE 'Europe/Oslo'))::date")
    op.drop_index("case_fact_invented", table_name="case_fact")
    for column in ("zone", "imported_rank", "invented"):
        op.drop_column("case_fact", column)


def _express(column: str, expression: str) -> None:
    """PostgreSQL 17 and later; rewrites the table."""
    op.execute(f"ALTER TABLE case_fact ALTER COLUMN {column} SET EXPRESSION AS ({expression})")
