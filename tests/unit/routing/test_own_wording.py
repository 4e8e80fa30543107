"""The desk explains deadlines in the municipality's own wording, as the residents read them."""

from datetime import datetime
from pathlib import Path
from shutil import copytree
from typing import cast

import pytest

from services.routing.sensitivity import SensitiveTopics
from services.routing.store import CaseRow
from services.routing.web.calculator import Asked, _Calculation
from services.routing.web.desk import Desk
from services.routing.web.legal import legal_clocks
from shared.clock import OSLO, FixedClock
from shared.database import Database
from shared.municipality import load
from shared.municipality.loading import SHIPPED
from shared.web.i18n import Wording

NOW = datetime(2026, 11, 16, 12, tzinfo=OSLO)


class Words:
    """A wording that says each key as it is: the pages' own words are not what is looked at."""

    language = "nb"

    def text(self, key: str, **_: object) -> str:
        """The key."""
        return key


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The desk of an Asker that words two texts its own way."""
    folder = tmp_path / "asker"
    copytree(SHIPPED / "asker", folder)
    (folder / "texts").mkdir(exist_ok=True)
    (folder / "texts" / "nb.yaml").write_text(
        'deadline.received: "Du skrev til oss {day}."\nlaw.fvl1967_interim.title: "Et ord underveis"\n',
        "utf-8",
    )

    async def nobody(*_: object, **__: object) -> None:
        raise AssertionError

    municipality = load(str(folder))
    return Desk(cast("Database", None), municipality, FixedClock(NOW), nobody, SensitiveTopics(municipality))


def test_the_calculator_says_it_in_the_municipality_s_words(desk: Desk) -> None:
    """By a rule of one's own and by the law's deadline."""
    calculation = _Calculation(desk, cast("Wording", Words()))
    by_rule = calculation.result(Asked.of("2026-11-16", "12:00", "own", "1", "W"))
    assert by_rule.steps[0] == "Du skrev til oss mandag 16. november 2026."
    by_law = calculation.result(Asked.of("2026-11-16", "12:00", "law:fvl1967_interim", "", "W"))
    assert by_law.title == "Et ord underveis"
    assert by_law.steps[0] == by_rule.steps[0]


def test_the_law_s_deadlines_beside_a_case_are_in_the_municipality_s_words(desk: Desk) -> None:
    """Both what one is called and how its day came about."""
    row = CaseRow(kind="appeal", topic=None, channel="web", received_at=NOW, reply_wanted=True)
    clocks = legal_clocks(row, [], desk, "nb")
    assert "Et ord underveis" in {clock.words.title for clock in clocks}
    assert {clock.steps[0] for clock in clocks} == {"Du skrev til oss mandag 16. november 2026."}
