"""What an imported case is in the figures: its own zone's days, and what its archive told last."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import services.metrics
from services.metrics.compass.evidence import SystemEvidence
from services.metrics.indicators import Dimension
from shared.catalogue import Catalogue
from shared.events import CaseImported
from shared.municipality import load
from shared.web.i18n import Wording
from tests.events_for_tests import received
from tests.integration.metrics.conftest import Figures

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
IMPORTED = datetime(2026, 2, 20, 9, tzinfo=UTC)


def imported(case_id: UUID | None = None, **fields: Any) -> CaseImported:
    """A case of Boston's, received on a Monday at noon there, due on Wednesday and answered on Tuesday."""
    given: dict[str, Any] = {
        "id": uuid4(),
        "at": IMPORTED,
        "case_id": case_id or uuid4(),
        "municipality": "sorum",
        "system": "boston311",
        "reference": "101004128563",
        "received_at": datetime(2026, 1, 5, 17, tzinfo=UTC),
        "due_on": date(2026, 1, 7),
        "answered_at": datetime(2026, 1, 6, 17, tzinfo=UTC),
        "kind": "complaint",
        "topic": "Street Lights",
        "unit": "PWDx",
        "area": "Roxbury",
        "channel": "Constituent Call",
        "zone": "America/New_York",
    }
    return CaseImported(**{**given, **fields})


async def test_days_are_those_of_the_cases_own_zone(figures: Figures) -> None:
    """Ten at night on the due day in Boston is in time, though it is the day after in Oslo."""
    at_night = datetime(2026, 1, 8, 3, tzinfo=UTC)
    new_year = datetime(2026, 1, 1, 2, tzinfo=UTC)
    await figures.hear([imported(answered_at=at_night), imported(received_at=new_year, due_on=None)])
    told = await figures.told(*JANUARY)
    assert (told["promise"]["due"], told["promise"]["kept"]) == (1, 1)
    assert told["received"]["total"] == 1
    december = await figures.told(date(2025, 12, 1), date(2025, 12, 31))
    assert december["received"]["total"] == 1
    assert december["backlog"]["open"] == 1


async def test_what_the_archive_told_last_holds_in_any_order(figures: Figures) -> None:
    """Answered after all, or never; later, or without a due day: each as the last import says."""
    case_id = uuid4()
    said = [
        imported(case_id),
        imported(case_id, at=IMPORTED + timedelta(days=1), due_on=None, unit="INFO"),
        imported(
            case_id,
            at=IMPORTED + timedelta(days=2),
            received_at=datetime(2026, 1, 6, 17, tzinfo=UTC),
            answered_at=None,
        ),
    ]
    await figures.hear(said)
    expected = await figures.told(*JANUARY, Dimension.UNIT)
    assert expected["promise"]["kept"] == 0
    assert expected["promise"]["open_overdue"] == 1
    assert expected["response_days"]["n"] == 0
    assert [group["key"] for group in expected["groups"]] == [{"unit": "PWDx"}]
    for order in permutations(said):
        again = [event.model_copy(update={"id": uuid4(), "case_id": case_id}) for event in order]
        for one in again:
            await figures.hear([one])
        assert await figures.told(*JANUARY, Dimension.UNIT) == expected


async def test_a_case_without_a_due_day_is_neither_kept_nor_broken(figures: Figures) -> None:
    """And one whose due day is taken away by a later import no longer is."""
    case_id = uuid4()
    await figures.hear([imported(case_id), imported(due_on=None)])
    assert (await figures.told(*JANUARY))["promise"]["due"] == 1
    await figures.hear([imported(case_id, at=IMPORTED + timedelta(hours=1), due_on=None)])
    assert (await figures.told(*JANUARY))["promise"]["due"] == 0
    assert (await figures.told(*JANUARY))["received"]["total"] == 2


async def test_a_kind_and_a_unit_we_do_not_know_stand_as_they_were_given(figures: Figures) -> None:
    """The figures show the archive's own words, and such a case counts among all that were received."""
    await figures.hear([imported(kind="Needle Pickup"), received(at=datetime(2026, 1, 5, 9, tzinfo=UTC))])
    told = await figures.told(*JANUARY, Dimension.KIND)
    assert told["received"]["total"] == 2
    assert {group["key"]["kind"] for group in told["groups"]} == {"Needle Pickup", "complaint"}


async def test_a_case_of_a_unit_of_our_own_counts_in_its_section(figures: Figures) -> None:
    """The import says which section the unit is in; what is of others has none."""
    await figures.hear([imported(unit="vei", section="kommunalteknikk-kf"), imported()])
    told = await figures.told(*JANUARY, Dimension.SECTION)
    totals = {group["key"]["section"]: group["received"]["total"] for group in told["groups"]}
    assert totals == {"kommunalteknikk-kf": 1, None: 1}


async def test_what_another_system_had_is_no_evidence_of_our_own_dialogue(figures: Figures) -> None:
    """A web site that opened this year has not been open since the archive's first case."""
    found = SystemEvidence(load("sorum"))
    metrics = Path(services.metrics.__file__).parent
    say = Wording(Catalogue(metrics / "texts", metrics / "compass" / "texts"), "nb")

    async def since() -> set[date]:
        async with figures.reader.reading() as reading:
            proposed = await found(reading.session, date(2026, 3, 1), say)
        return {one.in_force for one in proposed.get("1.4", [])}

    await figures.hear([imported(received_at=datetime(2015, 1, 5, tzinfo=UTC))])
    assert await since() == set()
    await figures.hear([received(at=datetime(2026, 2, 2, 9, tzinfo=UTC))])
    assert await since() == {date(2026, 2, 2)}
