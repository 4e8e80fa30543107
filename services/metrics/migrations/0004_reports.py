"""Entered values, explanations, frozen versions of reports and the ledger of their schedule."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sa.Text()
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "manual_value",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("measure", "scope_kind", "scope")),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("n", sa.Integer()),
        sa.Column("of", sa.Integer()),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("note", _TEXT),
        sa.Column("entered_by", _TEXT, nullable=False),
        sa.Column("entered_at", _INSTANT, nullable=False),
    )
    op.create_index(
        "manual_value_of", "manual_value", ["measure", "scope_kind", "scope", "first", "last", "id"]
    )
    op.create_table(
        "report_explanation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        *(
            sa.Column(name, _TEXT, nullable=False)
            for name in ("kind", "code", "scope_kind", "scope", "measure", "why", "action", "written_by")
        ),
        sa.Column("written_at", _INSTANT, nullable=False),
    )
    op.create_index(
        "report_explanation_of",
        "report_explanation",
        ["kind", "code", "scope_kind", "scope", "measure", "id"],
    )
    op.create_table(
        "report_version",
        sa.Column("report_id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        *(
            sa.Column(name, _TEXT, nullable=False)
            for name in ("scope_kind", "scope", "document", "sha256", "issued_by")
        ),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("reason", _TEXT),
    )
    op.create_index("report_version_issued", "report_version", ["kind", "scope_kind", "scope", "last"])
    # What the council has read must read the same next year, whoever has the service's password.
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'an issued report is never changed: issue a new version';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER report_version_is_frozen BEFORE UPDATE OR DELETE ON report_version
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """
    )
    op.create_table(
        "report_schedule",
        *(sa.Column(name, _TEXT, primary_key=True) for name in ("kind", "code", "step")),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", _INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("report_schedule")
    op.drop_table("report_version")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("report_explanation")
    op.drop_table("manual_value")
