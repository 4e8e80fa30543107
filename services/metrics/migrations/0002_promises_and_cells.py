"""A fact for each promise, what else is known of a case, and the cells that add them up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# All days at whose end a case was open: from its receipt to its first ending, and from each reopening to the
# first ending after it.
OPEN_DAYS = """
    CREATE FUNCTION open_days(
        received_at timestamptz, finished_at timestamptz, endings timestamptz[], reopened timestamptz[]
    ) RETURNS datemultirange LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        days datemultirange;
        begun timestamptz;
        ended timestamptz;
    BEGIN
        IF received_at IS NULL THEN
            RETURN NULL;
        END IF;
        days := datemultirange(daterange(
            (received_at AT TIME ZONE 'Europe/Oslo')::date,
            (GREATEST(finished_at, CASE WHEN finished_at IS NOT NULL THEN received_at END)
                AT TIME ZONE 'Europe/Oslo')::date
        ));
        IF reopened IS NULL THEN
            RETURN days;
        END IF;
        FOREACH begun IN ARRAY reopened LOOP
            SELECT min(e) INTO ended FROM unnest(endings) AS e WHERE e > begun;
            days := days + datemultirange(daterange(
                (begun AT TIME ZONE 'Europe/Oslo')::date, (ended AT TIME ZONE 'Europe/Oslo')::date
            ));
        END LOOP;
        RETURN days;
    END
    $$
"""
INSTANT = sa.DateTime(timezone=True)
COUNTS = (
    "received",
    "praise",
    "complaint",
    "question",
    "appeal",
    "handovers",
    "bounced",
    "promised",
    "kept",
    "kept_without_pauses",
    "waiting",
    "early",
    "answered",
    "helped",
    "not_helped",
    "process_1",
    "process_2",
    "process_3",
    "process_4",
    "process_5",
    "outcome_1",
    "outcome_2",
    "outcome_3",
    "outcome_4",
    "outcome_5",
    "opened",
    "interim_needed",
    "interim_in_time",
)


PRINTS = ("response_print", "handover_print")


def upgrade() -> None:
    op.execute(OPEN_DAYS)
    op.create_table(
        "promise_fact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("due_rank", sa.Uuid(), nullable=True),
        sa.Column("promise_id", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_without_pauses_on", sa.Date(), nullable=True),
        sa.Column("lapsed", sa.Text(), nullable=True),
        sa.Column("judged_rank", sa.Uuid(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "number"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("promise_fact_due", "promise_fact", ["due_on"])
    op.execute("""
        INSERT INTO promise_fact
            (case_id, number, due_rank, promise_id, rule, due_on, judged_rank, kept, judged_on)
        SELECT case_id, 1, promised_rank, promise_id, rule, due_on, judged_rank, kept, judged_on
        FROM case_fact WHERE promised_rank IS NOT NULL OR judged_rank IS NOT NULL
    """)
    op.drop_index("case_fact_due", table_name="case_fact")
    op.drop_index("case_fact_finished", table_name="case_fact")
    for column in ("promised_rank", "promise_id", "rule", "due_on", "judged_rank", "kept", "judged_on"):
        op.drop_column("case_fact", column)
    op.drop_column("case_fact", "finished_on")
    op.add_column("case_fact", sa.Column("merged_at", INSTANT, nullable=True))
    for column in ("answers_at", "endings_at", "reopened_at"):
        op.add_column("case_fact", sa.Column(column, postgresql.ARRAY(INSTANT), nullable=True))
    op.add_column("case_fact", sa.Column("interim_due_on", sa.Date(), nullable=True))
    op.add_column("case_fact", sa.Column("system", sa.Text(), nullable=True))
    op.add_column("case_fact", sa.Column("classified_rank", sa.Uuid(), nullable=True))
    op.add_column("case_fact", sa.Column("answered_rank", sa.Uuid(), nullable=True))
    op.add_column("case_fact", sa.Column("waited", sa.BigInteger(), nullable=True))
    op.add_column("case_fact", sa.Column("process", sa.SmallInteger(), nullable=True))
    op.add_column("case_fact", sa.Column("outcome", sa.SmallInteger(), nullable=True))
    for column in ("pauses", "extensions", "restarts", "messages_bounced"):
        op.add_column("case_fact", sa.Column(column, sa.Integer(), server_default="0", nullable=False))
    op.execute("""
        UPDATE case_fact SET
            classified_rank = received_rank,
            waited = CASE WHEN answered_at IS NOT NULL THEN 0 END,
            answers_at = CASE WHEN answered_at IS NOT NULL THEN ARRAY[answered_at] END,
            endings_at = CASE WHEN closed_at IS NOT NULL THEN ARRAY[closed_at] END
    """)
    for name, computed in {
        "interim_on": "((interim_at AT TIME ZONE 'Europe/Oslo'::text))::date",
        "finished_on": "((LEAST(answered_at, closed_at, merged_at) AT TIME ZONE 'Europe/Oslo'::text))::date",
    }.items():
        op.add_column(
            "case_fact", sa.Column(name, sa.Date(), sa.Computed(computed, persisted=True), nullable=True)
        )
    op.add_column(
        "case_fact",
        sa.Column(
            "open_days",
            postgresql.DATEMULTIRANGE(),
            sa.Computed(
                "open_days(received_at, LEAST(answered_at, closed_at, merged_at), (answers_at || endings_at), "
                "reopened_at)",
                persisted=True,
            ),
            nullable=True,
        ),
    )
    op.create_index("case_fact_interim", "case_fact", ["interim_due_on"])
    op.create_index("case_fact_open", "case_fact", ["open_days"], postgresql_using="gist")
    op.create_table(
        "cell_key",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("by", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("section", "unit", "kind", "topic", "area", "channel")),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("cell_key_by", "cell_key", ["by"])
    op.create_table(
        "cell",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in COUNTS),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in PRINTS),
        sa.PrimaryKeyConstraint("key", "grain", "first"),
        postgresql_with={"fillfactor": 70},
    )


def downgrade() -> None:
    op.drop_table("cell")
    op.drop_index("cell_key_by", table_name="cell_key")
    op.drop_table("cell_key")
    op.drop_index("case_fact_open", table_name="case_fact")
    op.drop_index("case_fact_interim", table_name="case_fact")
    for column in (
        "open_days", "finished_on", "interim_on", "messages_bounced", "restarts", "extensions", "pauses",
        "outcome", "process", "waited", "answered_rank", "classified_rank", "system", "interim_due_on",
        "reopened_at", "endings_at", "answers_at", "merged_at",
    ):  # fmt: skip
        op.drop_column("case_fact", column)
    op.add_column(
        "case_fact",
        sa.Column(
            "finished_on",
            sa.Date(),
            sa.Computed(
                "((LEAST(answered_at, closed_at) AT TIME ZONE 'Europe/Oslo'::text))::date", persisted=True
            ),
            nullable=True,
        ),
    )
    op.add_column("case_fact", sa.Column("promised_rank", sa.Uuid(), nullable=True))
    op.add_column("case_fact", sa.Column("promise_id", sa.Text(), nullable=True))
    op.add_column("case_fact", sa.Column("rule", sa.Text(), nullable=True))
    op.add_column("case_fact", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("case_fact", sa.Column("judged_rank", sa.Uuid(), nullable=True))
    op.add_column("case_fact", sa.Column("kept", sa.Boolean(), nullable=True))
    op.add_column("case_fact", sa.Column("judged_on", sa.Date(), nullable=True))
    op.execute("""
        UPDATE case_fact SET promised_rank = due_rank, promise_id = p.promise_id, rule = p.rule,
            due_on = p.due_on, judged_rank = p.judged_rank, kept = p.kept, judged_on = p.judged_on
        FROM promise_fact AS p WHERE p.case_id = case_fact.case_id AND p.number = 1
    """)
    op.create_index("case_fact_finished", "case_fact", ["finished_on"])
    op.create_index("case_fact_due", "case_fact", ["due_on"])
    op.drop_index("promise_fact_due", table_name="promise_fact")
    op.drop_table("promise_fact")
    op.execute("DROP FUNCTION open_days")
