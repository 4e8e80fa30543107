"""The open data as somebody fetches them: the real service on a real database."""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from services.metrics.open_data import COLUMNS
from tests.conftest import NewDatabase
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, with_cases
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.served import Client, served

NOON = datetime(2026, 5, 20, 10, tzinfo=UTC)
EVENTS = stories(3, 300)
PATH = "/resultater/data"
BOOLEANS = {"skjult", "oppdiktet"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(
    new_module_database: NewDatabase, module_bus: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Client]:
    """The service in May 2026, with 300 cases from January and February; no test changes any of it."""
    url = await with_cases(new_module_database, NOON, 300)
    async with served(url, module_bus, tmp_path_factory.mktemp("metrics"), NOON, "asker") as client:
        yield client


def rows(text: bytes) -> list[dict[str, str]]:
    """A CSV file, read."""
    return list(csv.DictReader(io.StringIO(text.decode())))


async def test_the_files_hold_to_their_schema_and_say_the_same(client: Client) -> None:
    """CSV and JSON row by row; types as said; a hidden figure is empty; everything of months that are over."""
    for name in ("maaneder", "tertialer"):
        answer = await client.get(f"{PATH}/{name}.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["access-control-allow-origin"] == "*"
        found = rows(answer.content)
        document = (await client.get(f"{PATH}/{name}.json")).json()
        assert document["schema_version"] == "1"
        assert [list(row) for row in document["data"]] == [[column.name for column in COLUMNS]] * len(found)
        for row, other in zip(found, document["data"], strict=True):
            assert {key: value for key, value in row.items() if key not in BOOLEANS} == {
                key: "" if value is None else str(value)
                for key, value in other.items()
                if key not in BOOLEANS
            }
            assert row["oppdiktet"] == "false"
            assert date.fromisoformat(row["til"]) < date(2026, 5, 1)
        schema = (await client.get(f"{PATH}/{name}.schema.json")).json()
        assert [field["name"] for field in schema["fields"]] == list(found[0])
        metadata = (await client.get(f"{PATH}/{name}.csv-metadata.json")).json()
        assert metadata["url"] == f"http://localhost{PATH}/{name}.csv"


async def test_what_is_told_is_what_plain_python_computes(client: Client) -> None:
    """January of the whole municipality, and the tertial."""
    (january,) = [
        row
        for row in rows((await client.get(f"{PATH}/maaneder.csv")).content)
        if row["periode"] == "2026-01" and row["niva"] == "kommune"
    ]
    soon = CALENDAR.add_working_days(date(2026, 2, 1), 2)
    expected = plainly(EVENTS, date(2026, 1, 1), date(2026, 1, 31), date(2026, 5, 20), soon)
    assert int(january["frister"]) == expected["promise"]["due"]
    assert int(january["holdt"]) == expected["promise"]["kept"]
    assert float(january["median_dager"]) == round(expected["response_days"]["median"], 4)
    tertial = rows((await client.get(f"{PATH}/tertialer.csv")).content)
    assert {row["niva"] for row in tertial} == {"kommune", "tjenesteomrade", "tema", "sted"}
    for row in tertial:
        assert not row["henvendelser"] or not 0 < int(row["henvendelser"]) < 5


async def test_a_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    """By its ETag; what there is none of is 404."""
    first = await client.get(f"{PATH}/maaneder.csv")
    again = await client.get(f"{PATH}/maaneder.csv", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    for name in ("hemmelig.csv", "maaneder.xml", "maaneder", "katalog.csv"):
        assert (await client.get(f"{PATH}/{name}")).status_code == 404


async def test_the_spreadsheet_has_the_rows_of_the_csv_as_dates_and_numbers(client: Client) -> None:
    """Norwegian letters too, which Excel does not see in the CSV; unchanged it is not sent again."""
    for name in ("maaneder", "tertialer"):
        answer = await client.get(f"{PATH}/{name}.xlsx")
        book = load_workbook(io.BytesIO(answer.content))
        names, *found = book["data"].iter_rows(values_only=True)
        expected = rows((await client.get(f"{PATH}/{name}.csv")).content)
        assert [dict(zip(names, map(plainly_said, row), strict=True)) for row in found] == expected
        assert isinstance(found[0][names.index("fra")], datetime)
        assert {row[0] for row in book["kolonner"].iter_rows(values_only=True)} >= set(names)
        again = await client.get(f"{PATH}/{name}.xlsx", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


def plainly_said(value: object) -> str:
    """A cell as the CSV has it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.date().isoformat()
        case _:
            return str(value)


async def test_the_page_and_the_description_name_every_file(client: Client) -> None:
    """In three languages; each address that is named answers."""
    for language in ("nb", "nn", "en"):
        page = (await client.get(f"{PATH}?lang={language}")).text
        assert page.count("/resultater/data/") == 12
    turtle = (await client.get(f"{PATH}/katalog.ttl")).text
    assert "https://data.brreg.no/enhetsregisteret/api/enheter/920125298" in turtle
    assert (await client.get(f"{PATH}/katalog.jsonld")).json()["@graph"]
    for name in ("maaneder.csv", "maaneder.json", "tertialer.csv", "tertialer.schema.json"):
        assert f"http://localhost{PATH}/{name}" in turtle
        assert (await client.get(f"{PATH}/{name}")).status_code == 200
