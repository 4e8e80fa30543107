"""The facts lose what no figure is made of; it is on the stream, and a replay fills it again where it is needed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTED = ("answers", "supplements", "reminders", "pauses", "extensions", "restarts", "messages_sent")
OTHERS = (
    ("assigned_at", sa.DateTime(timezone=True)),
    ("first_assigned_rank", sa.Uuid()),
    ("first_unit", sa.Text()),
    ("first_section", sa.Text()),
)


def upgrade() -> None:
    for column in (*COUNTED, *(name for name, _ in OTHERS)):
        op.drop_column("case_fact", column)


def downgrade() -> None:
    for name, kind in OTHERS:
        op.add_column("case_fact", sa.Column(name, kind))
    for name in COUNTED:
        op.add_column("case_fact", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
