"""Cases, answers, notes, and who has read what."""

import sqlalchemy as sa
from alembic import op

from shared.migrations import create_inbox_and_outbox, drop_inbox_and_outbox

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("answers_case", "answers", ["case_id", "at"], unique=False)
    op.create_table(
        "case_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("case_access_case", "case_access", ["case_id", "at"], unique=False)
    op.create_index("case_access_person", "case_access", ["person", "at"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("reply_wanted", sa.Boolean(), nullable=False),
        sa.Column("has_email", sa.Boolean(), nullable=False),
        sa.Column("attachments", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promise_id", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("promise_kept", sa.Boolean(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supplemented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("undelivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
        sa.Column("attention_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_on", sa.Date(), nullable=True),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "open",
            sa.Boolean(),
            sa.Computed(
                "finished_at IS NULL OR (attention_at IS NOT NULL AND (seen_at IS NULL OR attention_at > seen_at))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("cases_assigned_person", "cases", ["person", "assigned_at"], unique=False)
    op.create_index(
        "cases_done_person",
        "cases",
        ["person", "last_activity_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("NOT open"),
    )
    op.create_index(
        "cases_done_unit",
        "cases",
        ["unit", "last_activity_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("NOT open"),
    )
    op.create_index(
        "cases_open_nobodys",
        "cases",
        ["unit"],
        unique=False,
        postgresql_where=sa.text("open AND person IS NULL"),
    )
    op.create_index(
        "cases_open_person",
        "cases",
        ["person", "urgent_on", "received_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("open"),
        postgresql_include=["finished_at"],
    )
    op.create_index(
        "cases_open_unit",
        "cases",
        ["unit", "urgent_on", "received_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("open"),
        postgresql_include=["finished_at"],
    )
    op.create_index(
        "cases_praise_unit",
        "cases",
        ["unit", "received_at"],
        unique=False,
        postgresql_where=sa.text("kind = 'praise'"),
    )
    op.create_index("cases_reference", "cases", ["reference"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notes_case", "notes", ["case_id", "at"], unique=False)
    create_inbox_and_outbox()


def downgrade() -> None:
    drop_inbox_and_outbox()
    op.drop_index("notes_case", table_name="notes")
    op.drop_table("notes")
    op.drop_index("cases_reference", table_name="cases")
    op.drop_index("cases_praise_unit", table_name="cases", postgresql_where=sa.text("kind = 'praise'"))
    op.drop_index(
        "cases_open_unit",
        table_name="cases",
        postgresql_where=sa.text("open"),
        postgresql_include=["finished_at"],
    )
    op.drop_index(
        "cases_open_person",
        table_name="cases",
        postgresql_where=sa.text("open"),
        postgresql_include=["finished_at"],
    )
    op.drop_index(
        "cases_open_nobodys", table_name="cases", postgresql_where=sa.text("open AND person IS NULL")
    )
    op.drop_index("cases_done_unit", table_name="cases", postgresql_where=sa.text("NOT open"))
    op.drop_index("cases_done_person", table_name="cases", postgresql_where=sa.text("NOT open"))
    op.drop_index("cases_assigned_person", table_name="cases")
    op.drop_table("cases")
    op.drop_index("case_access_person", table_name="case_access")
    op.drop_index("case_access_case", table_name="case_access")
    op.drop_table("case_access")
    op.drop_index("answers_case", table_name="answers")
    op.drop_table("answers")
