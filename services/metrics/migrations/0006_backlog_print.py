"""The cells have a print of what the backlog depends on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nought in the cells that are there already does no harm: a print only tells that something has changed, and
    # what changes moves it by the difference.
    op.add_column("cell", sa.Column("backlog_print", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("cell", "backlog_print", server_default=None)


def downgrade() -> None:
    op.drop_column("cell", "backlog_print")
