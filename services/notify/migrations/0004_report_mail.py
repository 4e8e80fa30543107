"""Mails about reports."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report_mail",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("event", "person", "report", "period")),
        sa.Column("section", sa.Text()),
        sa.Column("unit", sa.Text()),
        sa.Column("version", sa.Integer()),
        sa.Column("count", sa.Integer()),
        sa.Column("due_on", sa.Date()),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT),
        sa.Column("error", sa.Text()),
    )
    op.create_index(
        "report_mail_waiting",
        "report_mail",
        ["next_attempt_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("report_mail")
