"""Which committee an issued report is for: it gets one of all its sections."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report_mail", sa.Column("committee", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("report_mail", "committee")
