"""What `svarfrist set-aside` finds in the databases, and says."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from deploy.cli_set_aside import app, in_words
from deploy.errors import StackError
from deploy.set_aside import found, retry
from services.notify.ledger import Share
from services.notify.set_aside import steps
from shared import municipality
from shared.clock import FixedClock
from shared.database import Database
from tests.conftest import NewDatabase
from tests.events_for_tests import received
from tests.integration.notify.office import Office

NOW = datetime(2026, 11, 16, 9, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
async def office(new_database: NewDatabase) -> AsyncGenerator[Office]:
    """A notify that has heard of one submission, and has said so."""
    clock = FixedClock(NOW)
    database = Database(await new_database("notify"), clock)
    made = Office(database, clock, municipality.load("asker"))
    await made.hears(received(at=NOW))
    yield made
    await database.close()


async def test_an_event_that_lies_in_an_outbox_for_long_is_listed(office: Office) -> None:
    """Not those that have just been said; the relay takes them in a moment."""
    databases = {"notify": office.database}
    assert (await found(databases, NOW)).events == []
    lying = await found(databases, NOW + timedelta(minutes=2))
    assert {event.type for event in lying.events} == {"no.svarfrist.promise.made.v1"}
    (line,) = in_words(lying)
    assert line.startswith(f"notify   event {lying.events[0].event_id} no.svarfrist.promise.made.v1")
    assert line.endswith("not published since 2026-11-16 09:00")


async def test_a_step_that_is_set_aside_is_listed_with_its_error_and_tried_again_on_demand(
    office: Office,
) -> None:
    """Which case, how often, when again, and why."""
    databases = {"notify": office.database}
    (promise,) = await office.promises()
    late = NOW + timedelta(days=365)
    async with office.database.transaction() as tx:
        await tx.session.execute(text("DELETE FROM outbox"))
        error = ValueError("no such unit")
        assert await steps(tx.session, promise.case_id, late, NOW, error, share=Share.VERDICTS) == 1
    (line,) = in_words(await found(databases, NOW))
    assert f"step judge of case {promise.case_id}" in line
    assert line.endswith("failed once, again 2026-11-16 09:01: ValueError: no such unit")
    assert await retry(databases, promise.case_id) == 1
    (step,) = (await found(databases, NOW)).steps
    assert step.due_at == NOW


async def test_nothing_set_aside_is_said_so(office: Office) -> None:
    """In one line."""
    assert list(in_words(await found({"notify": office.database}, NOW))) == ["Nothing is set aside."]


@pytest.mark.parametrize("arguments", [["retry"], ["retry", "7K3M-92QX"], ["retry", "x", "--all"]])
def test_retry_wants_one_case_or_all_of_them(arguments: list[str]) -> None:
    """It says where the id is to be found."""
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, StackError)
    assert "svarfrist set-aside list" in str(result.exception)
