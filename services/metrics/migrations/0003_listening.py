"""What residents say: the Kommunekompass, surveys, imported results and improvements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compass_assessment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "compass_saving",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column(
            "assessment_id",
            sa.Uuid(),
            sa.ForeignKey("compass_assessment.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("area", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
    )
    op.create_index("compass_saving_area", "compass_saving", ["assessment_id", "area", "id"])
    op.create_table(
        "survey",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("questions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
    )
    op.create_table(
        "survey_code",
        sa.Column("survey_id", sa.Text(), sa.ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("code", sa.LargeBinary(), primary_key=True),
    )
    op.create_table(
        "survey_tally",
        sa.Column("survey_id", sa.Text(), sa.ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("question", sa.Text(), primary_key=True),
        sa.Column("value", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "imported_result",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("service", sa.Text(), primary_key=True),
        sa.Column("question", sa.Text(), primary_key=True),
        sa.Column("mean", sa.Numeric(5, 2), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.Column("comparison", sa.Numeric(5, 2), nullable=True),
        sa.Column("imported_on", sa.Date(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
    )
    op.create_table(
        "improvement_version",
        sa.Column("improvement_id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    for table in (
        "improvement_version",
        "imported_result",
        "survey_tally",
        "survey_code",
        "survey",
        "compass_saving",
        "compass_assessment",
    ):
        op.drop_table(table)
