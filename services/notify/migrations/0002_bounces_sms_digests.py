"""Messages that bounce, go by SMS, or are said by a digest."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNSENT = "state IN ('waiting', 'gathering', 'failed', 'bounced')"


def upgrade() -> None:
    op.add_column(
        "case_file", sa.Column("has_phone", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("message", sa.Column("channel", sa.Text(), server_default="email", nullable=False))
    op.add_column("message", sa.Column("digest_id", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("bounce_status", sa.Text(), nullable=True))
    op.alter_column("message", "case_id", nullable=True)
    op.drop_index("message_failed", table_name="message", postgresql_where=sa.text("state = 'failed'"))
    op.drop_index("message_waiting", table_name="message", postgresql_where=sa.text("state = 'waiting'"))
    op.create_index(
        "message_waiting",
        "message",
        ["channel", "priority", "next_attempt_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "message_gathering", "message", ["person"], postgresql_where=sa.text("state = 'gathering'")
    )
    op.create_index("message_unsent", "message", ["kind", "state"], postgresql_where=sa.text(UNSENT))
    op.create_index(
        "message_digest", "message", ["digest_id"], postgresql_where=sa.text("digest_id IS NOT NULL")
    )


def downgrade() -> None:
    for index in ("message_digest", "message_unsent", "message_gathering", "message_waiting"):
        op.drop_index(index, table_name="message")
    op.create_index(
        "message_waiting",
        "message",
        ["priority", "next_attempt_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("message_failed", "message", ["kind"], postgresql_where=sa.text("state = 'failed'"))
    op.execute("DELETE FROM message WHERE case_id IS NULL")
    op.execute("UPDATE message SET state = 'waiting' WHERE state IN ('gathering', 'in_digest')")
    op.alter_column("message", "case_id", nullable=False)
    for column in ("bounce_status", "bounced_at", "digest_id", "channel"):
        op.drop_column("message", column)
    op.drop_column("case_file", "has_phone")
