"""An issued report may be deleted where its figures are invented: a simulated year is taken away whole."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REFUSE = """
    RAISE EXCEPTION 'an issued report is never changed: issue a new version';
"""


def upgrade() -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND (OLD.document::jsonb ->> 'invented')::boolean THEN
                RETURN OLD;
            END IF;
            {_REFUSE}
        END $$
        """
    )


def downgrade() -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {_REFUSE}
        END $$
        """
    )
