"""A leader's list, filtered or far down, is found in its index: it read every row of the units before."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTED = ["finished_at", "waiting_until", "undelivered_at"]
_FILTERED = ["kind", "topic"]


def upgrade() -> None:
    _index([*_COUNTED, *_FILTERED, "person"], _FILTERED)


def downgrade() -> None:
    _index(_COUNTED, None)


def _index(of_open: list[str], of_done: list[str] | None) -> None:
    op.drop_index("cases_open_unit", "cases")
    op.create_index(
        "cases_open_unit",
        "cases",
        ["unit", "urgent_on", "received_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("open"),
        postgresql_include=of_open,
    )
    op.drop_index("cases_done_unit", "cases")
    op.create_index(
        "cases_done_unit",
        "cases",
        ["unit", "last_activity_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("NOT open"),
        postgresql_include=of_done,
    )
