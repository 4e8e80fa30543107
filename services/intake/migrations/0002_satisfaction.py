"""How residents were met and what they got: two answers beside whether the answer helped."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("process", sa.SmallInteger(), nullable=True))
    op.add_column("feedback", sa.Column("outcome", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("feedback", "outcome")
    op.drop_column("feedback", "process")
