"""One fact a case."""

import sqlalchemy as sa
from alembic import op

from shared.migrations import create_inbox_and_outbox, drop_inbox_and_outbox

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_fact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("interim_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_rank", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("reply_wanted", sa.Boolean(), nullable=True),
        sa.Column("first_assigned_rank", sa.Uuid(), nullable=True),
        sa.Column("first_unit", sa.Text(), nullable=True),
        sa.Column("first_section", sa.Text(), nullable=True),
        sa.Column("assigned_rank", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("promised_rank", sa.Uuid(), nullable=True),
        sa.Column("promise_id", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("judged_rank", sa.Uuid(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("feedback_rank", sa.Uuid(), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("handovers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("supplements", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("messages_sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("messages_failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "received_on",
            sa.Date(),
            sa.Computed("((received_at AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "opened_on",
            sa.Date(),
            sa.Computed("((opened_at AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "answered_on",
            sa.Date(),
            sa.Computed("((answered_at AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "finished_on",
            sa.Date(),
            sa.Computed(
                "((LEAST(answered_at, closed_at) AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True
            ),
            nullable=True,
        ),
        sa.Column(
            "response",
            sa.BigInteger(),
            sa.Computed(
                "((EXTRACT(epoch FROM (answered_at - received_at)) * 1000000::numeric))::bigint",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "handover",
            sa.BigInteger(),
            sa.Computed(
                "((EXTRACT(epoch FROM (opened_at - received_at)) * 1000000::numeric))::bigint", persisted=True
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("case_id"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("case_fact_answered", "case_fact", ["answered_on"], unique=False)
    op.create_index("case_fact_due", "case_fact", ["due_on"], unique=False)
    op.create_index("case_fact_finished", "case_fact", ["finished_on"], unique=False)
    op.create_index("case_fact_opened", "case_fact", ["opened_on"], unique=False)
    op.create_index("case_fact_received", "case_fact", ["received_on"], unique=False)
    create_inbox_and_outbox()


def downgrade() -> None:
    drop_inbox_and_outbox()
    op.drop_index("case_fact_received", table_name="case_fact")
    op.drop_index("case_fact_opened", table_name="case_fact")
    op.drop_index("case_fact_finished", table_name="case_fact")
    op.drop_index("case_fact_due", table_name="case_fact")
    op.drop_index("case_fact_answered", table_name="case_fact")
    op.drop_table("case_fact")
