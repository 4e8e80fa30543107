"""Figures of a simulated year: every file that leaves the service says inside itself that they are invented."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nats
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from deploy.simulation.issuing import write_and_issue
from services.metrics.compass.evidence import SystemEvidence
from services.metrics.gauges import Gauges, invented_gauge
from services.metrics.invented import notice
from services.metrics.manual.store import WHOLE
from services.metrics.periods import Period
from services.metrics.publications import Publications
from services.metrics.published import WHOLE as EVERYWHERE
from services.metrics.reading import Reader
from services.metrics.removing import remove_invented
from services.metrics.reports import freezing
from services.metrics.reports.building import Builder
from services.metrics.reports.periods import ReportKind, ReportPeriod
from shared import municipality
from shared.catalogue import Catalogue
from shared.clock import FixedClock
from shared.database import Database
from shared.web.i18n import Wording
from shared.web.session import SignedIn
from shared.web.site import WEB_TEXTS
from tests.conftest import NewDatabase
from tests.integration.metrics.conftest import Figures, with_cases
from tests.integration.metrics.served import Client, address_of, served, signed_in
from tests.integration.metrics.test_imported_cases import imported

NOW = datetime(2026, 5, 20, 10, tzinfo=UTC)
SORUM = municipality.load("sorum")
METRICS = Path(__file__).parents[3] / "services" / "metrics"
CATALOGUE = Catalogue(WEB_TEXTS, METRICS / "texts", METRICS / "reports" / "texts")
NOTICE = notice(Wording(CATALOGUE, "nb"))
DIRECTOR = SignedIn("eirik-skogheim", "Eirik Skogheim", ("director",))
REPORT = "/innsikt/rapporter/tertial/2026-T1"
DATA = "/resultater/data"
JANUARY = "fra=2026-01-01&til=2026-01-31"


@pytest.fixture
async def database_url(new_database: NewDatabase) -> str:
    """200 invented cases of January and February 2026."""
    return await with_cases(new_database, NOW, invented=True)


@pytest.fixture
async def client(database_url: str, bus: nats.NATS, tmp_path: Path) -> AsyncGenerator[Client]:
    """The service in May, the director signed in."""
    async with served(database_url, address_of(bus), tmp_path, NOW) as client:
        signed_in(client, DIRECTOR, NOW)
        yield client


async def nothing_lies_waiting() -> int:
    """A bus on which everything was handled."""
    return 0


async def test_a_report_says_so_in_every_format_and_for_ever(client: Client, database_url: str) -> None:
    """In the page's own text, each sheet, each row of the CSV and the JSON; an issued one when they are gone."""
    database = Database(database_url, FixedClock(NOW))
    async with Reader(database, FixedClock(NOW), SORUM.calendar, SORUM).reading() as reading:
        period = ReportPeriod(ReportKind.TERTIAL, 2026, 1)
        builder = Builder(reading, SORUM, CATALOGUE, period, now=NOW, dead_letters=nothing_lies_waiting)
        await builder.read()
        draft = builder.report(WHOLE)
    async with database.transaction() as tx:
        await freezing.issue(tx, SORUM, draft, by="Eirik Skogheim")
        assert await remove_invented(tx.session) > 0
    await database.close()
    internal = (await client.get("/internal/report?kind=tertial&period=2026-T1")).text
    for page in (internal, (await client.get(REPORT)).text):
        assert NOTICE in page
    book = load_workbook(io.BytesIO((await client.get(f"{REPORT}/fil/xlsx")).content))
    assert [sheet["A1"].value for sheet in book.worksheets] == [NOTICE] * 4
    assert [sheet.oddHeader.center.text for sheet in book.worksheets] == [NOTICE] * 4
    found = list(csv.DictReader(io.StringIO((await client.get(f"{REPORT}/fil/csv")).text)))
    assert {row["invented"] for row in found} == {"true"}
    assert (await client.get(f"{REPORT}/fil/json")).json()["invented"] is True
    assert (await client.get(f"{REPORT}?versjon=0")).text.count(NOTICE) == 0


async def test_the_files_of_the_dashboards_say_so(client: Client) -> None:
    """Each row of a table, and the drawing itself, so that it is seen wherever the chart is pasted."""
    for address in (f"/innsikt/last-ned/enhet.csv?{JANUARY}", f"/innsikt/tilfredshet/last-ned.csv?{JANUARY}"):
        table = (await client.get(address)).content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
        assert {row["Oppdiktede tall."] for row in rows} == {"Oppdiktede tall."}
    drawing = ET.fromstring((await client.get(f"/innsikt/last-ned/loefter-holdt.svg?{JANUARY}")).content)
    (seen,) = [one for one in drawing if one.get("class") == "notice"]
    assert " ".join(line.text or "" for line in seen) == NOTICE


async def test_a_case_that_is_not_on_the_desk_has_no_link_to_it(client: Client, database_url: str) -> None:
    """Behind a number an invented case says that it is, an imported one which system it is from."""
    invented = (await client.get(f"/innsikt/saker?tall=mottatt&{JANUARY}")).text
    assert invented.count("(oppdiktet)") == 50
    assert "/saksbehandling/sak/" not in invented
    database = Database(database_url, FixedClock(NOW))
    await Figures(database, FixedClock(NOW)).hear([imported(received_at=datetime(2025, 3, 4, 9, tzinfo=UTC))])
    await database.close()
    page = (await client.get("/innsikt/saker?tall=mottatt&fra=2025-03-01&til=2025-03-31")).text
    assert "101004128563 (fra boston311)" in page
    assert "/saksbehandling/sak/" not in page


async def test_what_is_published_of_a_year_goes_with_it(database_url: str) -> None:
    """A tertial that is over is kept for the day, but not beyond the figures that are said to be invented."""
    database = Database(database_url, FixedClock(NOW))
    is_invented = True
    reader = Reader(database, FixedClock(NOW), SORUM.calendar, SORUM)
    publications = Publications(reader, FixedClock(NOW), lambda: is_invented)
    tertial = Period.tertial(2026, 1)
    told = await publications.of(tertial)
    assert told.invented
    assert told.by_section[EVERYWHERE].received
    async with database.transaction() as tx:
        await remove_invented(tx.session)
    is_invented = False
    told = await publications.of(tertial)
    assert not told.invented
    assert told.by_section[EVERYWHERE].received == 0
    await database.close()


async def test_another_simulated_year_is_published_within_a_minute(database_url: str) -> None:
    """One that is removed and made up anew between two looks is still invented, but told by other figures."""
    clock = FixedClock(NOW)
    database = Database(database_url, clock)
    publications = Publications(Reader(database, clock, SORUM.calendar, SORUM), clock, lambda: True)
    tertial = Period.tertial(2026, 1)
    before = (await publications.of(tertial)).by_section[EVERYWHERE].received
    async with database.transaction() as tx:
        await remove_invented(tx.session)
    assert (await publications.of(tertial)).by_section[EVERYWHERE].received == before
    clock.advance(timedelta(minutes=1))
    assert (await publications.of(tertial)).by_section[EVERYWHERE].received == 0
    await database.close()


async def test_what_an_assessment_is_offered_as_evidence_says_so(database_url: str) -> None:
    """It stays in the assessment when the year is removed, and a declaration is as real as before."""
    database = Database(database_url, FixedClock(NOW))
    say = Wording(Catalogue(METRICS / "compass" / "texts"), "nb")
    async with database.reading() as session:
        found = await SystemEvidence(SORUM)(session, NOW.date(), say)
    assert {one.title.endswith(" (oppdiktet)") for one in (*found["1.3"], *found["1.4"], *found["2.2"])} == {
        True
    }
    assert not found["2.6"][0].title.endswith(" (oppdiktet)")
    await database.close()


async def test_prometheus_is_told_so(database_url: str) -> None:
    """A dashboard of gauges has no page around it that would say that the year is made up."""
    database = Database(database_url, FixedClock(NOW))
    gauges = Gauges(Reader(database, FixedClock(NOW), SORUM.calendar, SORUM))
    await gauges.read()
    assert invented_gauge._value.get() == 1  # noqa: SLF001 - the library's way to look
    async with database.transaction() as tx:
        await remove_invented(tx.session)
    await gauges.read()
    assert invented_gauge._value.get() == 0  # noqa: SLF001 - as above
    await database.close()


async def test_the_open_data_say_so(client: Client) -> None:
    """Each row of the CSV and the JSON, and the catalogue's description in three languages."""
    for name in ("maaneder", "tertialer"):
        found = list(csv.DictReader(io.StringIO((await client.get(f"{DATA}/{name}.csv")).text)))
        assert {row["oppdiktet"] for row in found} == {"true"}
        document = (await client.get(f"{DATA}/{name}.json")).json()
        assert document["notice"] == NOTICE
        assert {row["oppdiktet"] for row in document["data"]} == {True}
    for language in ("nb", "nn", "en"):
        words = notice(Wording(CATALOGUE, language))
        turtle = (await client.get(f"{DATA}/katalog.ttl")).text
        assert len(re.findall(rf'dct:description "{re.escape(words)} [^"]+"@{language}', turtle)) == 3
        assert (
            json.dumps(words, ensure_ascii=False)[1:-1] in (await client.get(f"{DATA}/katalog.jsonld")).text
        )


async def test_a_simulated_years_reports_are_issued_to_nobody_and_go_with_it(
    client: Client, database_url: str
) -> None:
    """With explanations, values and improvements; once; and where it is removed nothing of it is left."""
    counted = await write_and_issue(database_url, SORUM, 2026, 15_000, 1, NOW)
    assert counted > 2
    assert await write_and_issue(database_url, SORUM, 2026, 15_000, 1, NOW) == 0
    listed = (await client.get("/resultater/rapporter")).text
    assert "/resultater/rapporter/tertial/2026-T1" in listed
    page = (await client.get(REPORT)).text
    # Above the page, and not once more in the report.
    assert page.count("Ingen av dem er virkelige") == 1
    assert "svarfrist simulate 2026" in page
    committee = (await client.get(f"{REPORT}?utvalg=utvalg-for-kultur")).text
    assert "Utvalg for kultur" in committee
    assert "Utgitt onsdag 20. mai 2026" in committee
    figures = (await client.get("/innsikt/tall?periode=2026-T1")).text
    assert figures.count("Kilde: Oppdiktet, 30. apr. 2026") > 5
    assert "Kommunekompasset 2010, 10. des. 2025" in figures
    database = Database(database_url, FixedClock(NOW))
    tables = ("report_version", "report_explanation", "manual_value", "improvement_version", "survey",
              "compass_assessment")  # fmt: skip
    async with database.transaction() as tx:
        counts = [await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 - ours
        assert all(counts), counts
        assert await tx.session.scalar(text("SELECT count(*) FROM outbox")) == 0
        await remove_invented(tx.session)
        counts = [await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 - ours
        assert not any(counts), counts
    await database.close()
