"""The lengths of time in the cells stand on rungs, of which percentiles are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAMES = ("section", "unit", "kind", "topic", "area", "channel")
SETS = (0, 4, 32, 16, 8, 3)
HEIGHTS = ",".join(
    str(60_000_000 * 2**doubling * (16 + step) // 16) for doubling in range(21) for step in range(16)
)
SPANS = (
    ("answered_on", "response", "COALESCE(waited, 0) = 0"),
    ("answered_on", "response", "waited <> 0"),
    ("answered_on", "response - waited", "waited <> 0"),
    ("opened_on", "handover", "true"),
)


def upgrade() -> None:
    op.create_table(
        "rung",
        sa.Column("key", sa.Uuid(), primary_key=True),
        sa.Column("span", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("first", sa.Date(), primary_key=True),
        sa.Column("height", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("lengths", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("gone", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        postgresql_with={"fillfactor": 70},
    )
    names = ", ".join(NAMES)
    shown = ", ".join(f"CASE WHEN a.by & {1 << bit} <> 0 THEN {name} END" for bit, name in enumerate(NAMES))
    measured = " UNION ALL ".join(
        f"SELECT {number}::smallint AS span, date_trunc('month', {day})::date AS first, {names},"  # noqa: S608 - our own names
        f" width_bucket({length}, CAST('{{{HEIGHTS}}}' AS bigint[]))::smallint AS height,"
        f" ({length}) * 32 + EXTRACT(day FROM {day})::int AS length"
        f" FROM case_fact WHERE received_at IS NOT NULL AND {day} IS NOT NULL AND {condition}"
        for number, (day, length, condition) in enumerate(SPANS)
    )
    # Where there are no cells yet, these and the rungs are made together with the next event.
    op.execute(f"""
        INSERT INTO rung (key, span, first, height, count, lengths, gone)
        SELECT md5((ROW(a.by, {shown}))::text)::uuid, span, first, height,
            count(*), array_agg(length), '{{}}'
        FROM ({measured}) AS measured CROSS JOIN (VALUES {", ".join(f"({by})" for by in SETS)}) AS a (by)
        WHERE EXISTS (SELECT FROM cell)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    """)  # noqa: S608 - our own names


def downgrade() -> None:
    op.drop_table("rung")
