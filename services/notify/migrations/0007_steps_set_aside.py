"""How often the decision about a step or a wait has failed, and why: what failed is set aside, and tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("step", "wait")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("error", sa.Text(), nullable=True))
        op.create_index(
            f"{table}_set_aside",
            table,
            ["due_at"],
            postgresql_where=sa.text("done_at IS NULL AND tries > 0"),
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"{table}_set_aside", table_name=table)
        op.drop_column(table, "error")
        op.drop_column(table, "tries")
