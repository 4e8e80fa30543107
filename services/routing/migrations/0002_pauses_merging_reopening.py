"""Cases wait, are merged and reopened; what we write to a resident is of more kinds than two."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("promise_number", sa.Integer(), server_default="1", nullable=False))
    op.add_column("cases", sa.Column("waiting_until", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("ever_answered", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE cases SET ever_answered = answered_at IS NOT NULL")
    _index_open(["finished_at", "waiting_until", "undelivered_at"])
    for who in ("person", "unit"):
        op.create_index(
            f"cases_waiting_{who}",
            "cases",
            [who, "waiting_until", "received_at", "case_id"],
            unique=False,
            postgresql_where=sa.text("open AND waiting_until IS NOT NULL"),
        )
    for column in ("merged_into", "undelivered_at"):
        op.create_index(
            f"cases_{column.removesuffix('_at')}",
            "cases",
            [column],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.add_column("answers", sa.Column("kind", sa.Text(), nullable=True))
    op.execute("UPDATE answers SET kind = CASE WHEN final THEN 'answer' ELSE 'interim' END")
    op.alter_column("answers", "kind", nullable=False)
    op.drop_column("answers", "final")


def downgrade() -> None:
    op.add_column("answers", sa.Column("final", sa.Boolean(), nullable=True))
    op.execute("DELETE FROM answers WHERE kind NOT IN ('answer', 'interim')")
    op.execute("UPDATE answers SET final = kind = 'answer'")
    op.alter_column("answers", "final", nullable=False)
    op.drop_column("answers", "kind")
    for index in ("cases_undelivered", "cases_merged_into", "cases_waiting_unit", "cases_waiting_person"):
        op.drop_index(index, table_name="cases")
    _index_open(["finished_at"])
    for column in ("ever_answered", "reopened_at", "merged_into", "waiting_until", "promise_number"):
        op.drop_column("cases", column)


def _index_open(include: list[str]) -> None:
    for who in ("person", "unit"):
        op.drop_index(f"cases_open_{who}", table_name="cases")
        op.create_index(
            f"cases_open_{who}",
            "cases",
            [who, "urgent_on", "received_at", "case_id"],
            unique=False,
            postgresql_where=sa.text("open"),
            postgresql_include=include,
        )
