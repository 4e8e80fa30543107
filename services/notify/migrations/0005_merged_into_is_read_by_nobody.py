"""What a case is merged into: nobody reads it here; the lapse of its promise says what notify needs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("case_merged", table_name="case_file")
    op.drop_column("case_file", "merged_into")


def downgrade() -> None:
    op.add_column("case_file", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index(
        "case_merged",
        "case_file",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
