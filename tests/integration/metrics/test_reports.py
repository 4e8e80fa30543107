"""Reports made of real figures: what they tell, how they are frozen, who reads them."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import nats
import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.metrics.compass.evidence import SystemEvidence
from services.metrics.manual import Scope
from services.metrics.manual.store import WHOLE
from services.metrics.manual.web import MOST_LISTED
from services.metrics.measures import MEASURES
from services.metrics.reports import freezing, store
from services.metrics.reports.building import off_target
from services.metrics.reports.model import Report
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.reports.scheduler import Scheduler
from services.metrics.reports.shelf import Shelf
from services.metrics.reports.words import told
from services.metrics.targets import Light
from shared import municipality
from shared.catalogue import Catalogue
from shared.clock import FixedClock
from shared.database import Database
from shared.events import ReportExplanationWanted, ReportFrozen
from shared.municipality import BalanceSheet, Municipality, Target
from shared.web.i18n import Wording
from shared.web.session import SignedIn
from shared.web.site import WEB_TEXTS
from tests.conftest import NewDatabase
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, Figures, with_cases
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.served import CASEWORKER, Client, address_of, served, signed_in

ROOT = Path(__file__).parents[3]
TEXTS = ROOT / "services" / "metrics"
CATALOGUE = Catalogue(WEB_TEXTS, *(TEXTS / part / "texts" for part in (".", "reports", "compass")))
SORUM = municipality.load("sorum")
EVENTS = stories(3, 200)
DIRECTOR = SignedIn("eirik-skogheim", "Eirik Skogheim", ("director",))
SECTION_LEADER = SignedIn("ole-prestrud", "Ole Prestrud", ("leader",))
TERTIAL = ReportPeriod(ReportKind.TERTIAL, 2026, 1)
JANUARY = ReportPeriod(ReportKind.MONTHLY, 2026, 1)
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
AFTER = datetime(2026, 5, 12, 9, tzinfo=UTC)


async def no_dead_letters() -> int:
    """A bus on which everything was handled."""
    return 0


async def caught_up() -> bool:
    """Everything has been counted."""
    return True


def shelf(figures: Figures, known: Municipality = SORUM) -> Shelf:
    """Where the reports of these figures are."""
    return Shelf(
        figures.database, figures.reader, known, CATALOGUE, figures.clock, dead_letters=no_dead_letters
    )


@pytest.fixture
async def counted(new_database: NewDatabase) -> AsyncGenerator[Figures]:
    """200 cases of January and February 2026, seen in May."""
    clock = FixedClock(AFTER)
    database = Database(await with_cases(new_database, NOON), clock)
    yield Figures(database, clock)
    await database.close()


async def draft(figures: Figures, period: ReportPeriod = TERTIAL, scope: Scope = WHOLE) -> Report:
    """The report as it is now."""
    found = await shelf(figures).find(period, scope, 0)
    assert found
    return found.report


def plain(period: ReportPeriod) -> dict[str, dict[str, float]]:
    """What the oracle says of a period, in May."""
    days, today = period.days, date(2026, 5, 12)
    return plainly(EVENTS, days.first, days.last, today, CALENDAR.add_working_days(today, 2))


async def test_a_report_tells_what_the_events_say(counted: Figures) -> None:
    """The same share, counts and median as an oracle without any shared code, in each period it shows."""
    report = await draft(counted)
    lines = {line.measure: line for place, line in report.lines if place.scope == WHOLE}
    expected = plain(TERTIAL)
    kept = lines["promise_kept"]
    assert (kept.now.n, kept.now.of) == (expected["promise"]["kept"], expected["promise"]["due"])
    assert kept.now.value == pytest.approx(expected["promise"]["share"], abs=1e-6)
    assert lines["response_median"].now.value == pytest.approx(expected["response_days"]["median"], abs=1e-5)
    assert kept.before.value is None
    assert kept.target == 0.9
    assert kept.light.value == ("red" if expected["promise"]["share"] < 0.8 else "amber")
    assert [point.period.code for point in report.trend][-3:] == ["2025-T2", "2025-T3", "2026-T1"]
    assert report.trend[-1].figures["received"].n == expected["received"]["total"]
    assert [capital.capital for capital in report.capitals] == ["user", "human"]
    monthly = await draft(counted, JANUARY)
    assert monthly.lines[0][1].now.of == plain(JANUARY)["promise"]["due"]


async def test_an_entered_value_is_in_the_report_with_its_source(counted: Figures) -> None:
    """A correction takes its place, and the earlier one is still there to be seen."""
    from services.metrics.manual.entering import Entry
    from services.metrics.manual.store import entered
    from services.metrics.manual.web import add

    first, last = TERTIAL.days.first, TERTIAL.days.last
    for n, note in ((12, None), (15, "Talt på nytt")):
        entry = Entry(
            "arenas_share", WHOLE, first, last, n / 20, n, 20, "Kvalitetssystemet", date(2026, 5, 4), note
        )
        async with counted.database.transaction() as tx:
            add(tx.session, entry, by="Eirik Skogheim", at=tx.now)
    report = await draft(counted)
    (line,) = [one for place, one in report.lines if (place.scope, one.measure) == (WHOLE, "arenas_share")]
    assert (line.now.value, line.now.n, line.now.of) == (0.75, 15, 20)
    assert (line.now.given_by, line.now.as_of) == ("Kvalitetssystemet", date(2026, 5, 4))
    async with counted.database.reading() as session:
        assert [row.n for row in await entered(session, None, 10)] == [15, 12]


async def test_a_period_is_held_to_its_share_of_a_years_count(counted: Figures) -> None:
    """A third of the suggestions in a tertial, all of them in a year; rates and what stands are held to the whole."""

    async def targets(period: ReportPeriod) -> dict[str, tuple[float | None, ...]]:
        lines = (await draft(counted, period)).own_lines
        return {line.measure: (line.target, line.tolerance, line.year_target) for line in lines}

    tertial, annual = await targets(TERTIAL), await targets(ReportPeriod(ReportKind.ANNUAL, 2026))
    (of_year,) = (one for one in SORUM.balance.targets if one.measure == "suggestions_received")
    assert annual["suggestions_received"] == (of_year.target, of_year.tolerance, None)
    share = (round(of_year.target / 3), round(of_year.tolerance / 3), of_year.target)
    assert tertial["suggestions_received"] == share
    for measure in ("promise_kept", "response_median", "backlog_overdue", "survey_age_months"):
        assert tertial[measure] == annual[measure]


async def test_an_issued_report_is_never_changed(counted: Figures) -> None:
    """Neither by new figures, nor by another target, nor by the database's own user; a correction is a version."""
    report = await draft(counted)
    async with counted.database.transaction() as tx:
        row = await freezing.issue(tx, SORUM, report, by="Eirik Skogheim")
        assert row.sha256 == sha256(row.document.encode()).hexdigest()
    async with counted.database.transaction() as tx:
        with pytest.raises(freezing.ReasonMissingError):
            await freezing.issue(tx, SORUM, report, by="Eirik Skogheim")
        with pytest.raises(freezing.UnchangedError):
            await freezing.issue(tx, SORUM, report, by="Eirik Skogheim", reason="Feil tall")
    for change in ("UPDATE report_version SET document = '{}'", "DELETE FROM report_version"):
        with pytest.raises(DBAPIError, match="never changed"):
            async with counted.database.transaction() as tx:
                await tx.session.execute(text(change))
    await counted.hear(stories(11, 40))
    corrected = await draft(counted)
    async with counted.database.transaction() as tx:
        await freezing.issue(tx, SORUM, corrected, by="Eirik Skogheim", reason="Førti saker manglet")
    newest = await shelf(counted).find(TERTIAL, WHOLE)
    first = await shelf(counted).find(TERTIAL, WHOLE, 1)
    assert newest
    assert first
    assert (newest.report.version, newest.report.reason) == (2, "Førti saker manglet")
    assert first.newer == 2
    assert first.report.capitals == report.capitals
    assert newest.report.capitals != report.capitals
    assert first.report.model_dump_json() == first.versions[1].document
    assert await shelf(counted).find(TERTIAL, WHOLE, 3) is None
    (listed,) = await shelf(counted).issued([ReportKind.TERTIAL], 10, [WHOLE])
    assert listed.version == 2
    assert "document" not in vars(listed)


async def test_an_issued_report_is_evidence_that_results_are_told(counted: Figures) -> None:
    """The whole municipality's, from the day it was issued; neither a draft, a month's nor a section's."""
    found = SystemEvidence(SORUM)
    for scope, period in ((WHOLE, TERTIAL), (WHOLE, JANUARY), (Scope.section("kultur"), TERTIAL)):
        report = await draft(counted, period, scope)
        async with counted.database.transaction() as tx:
            await freezing.issue(tx, SORUM, report, by="Eirik Skogheim")
    say = Wording(CATALOGUE, "nb")
    async with counted.reader.reading() as reading:
        proposed = (await found(reading.session, date(2026, 5, 12), say))["1.3"]
    assert [(one.link, one.in_force) for one in proposed[1:]] == [
        ("/resultater/rapporter/tertial/2026-T1?versjon=1", date(2026, 5, 12))
    ]
    assert proposed[0].link == "/resultater"
    assert "2026" in proposed[1].title


async def test_a_period_that_is_not_over_cannot_be_issued(counted: Figures) -> None:
    """Its figures still grow."""
    counted.clock.set(datetime(2026, 4, 30, 20, tzinfo=UTC))
    report = await draft(counted)
    async with counted.database.transaction() as tx:
        with pytest.raises(freezing.NotOverError):
            await freezing.issue(tx, SORUM, report, by="Eirik Skogheim")


def scheduler(figures: Figures, known: Municipality = SORUM) -> Scheduler:
    """One process' schedule."""
    return Scheduler(
        figures.database,
        figures.reader,
        known,
        CATALOGUE,
        figures.clock,
        caught_up=caught_up,
        dead_letters=no_dead_letters,
        issued_by="kommunen",
    )


async def published(figures: Figures) -> list[tuple[str, str, str | None, str | None]]:
    """What has been said on the bus about reports: type, period, section or committee, unit."""
    async with figures.database.reading() as session:
        rows = await session.execute(
            text("SELECT type, body FROM inbox WHERE type LIKE '%.report.%' ORDER BY at, event_id")
        )
        return [
            (row.type, row.body["period"], row.body["section"] or row.body.get("committee"), row.body["unit"])
            for row in rows
        ]


async def test_the_schedule_does_each_step_once_with_two_processes(figures: Figures) -> None:
    """Day by day through May: asked on the first working day, reminded, issued on the twelfth, to its readers."""
    import asyncio

    figures.clock.set(datetime(2026, 4, 20, 9, tzinfo=UTC))
    one, other = scheduler(figures), scheduler(figures)
    await one.work()
    await figures.hear(EVENTS)
    done: dict[date, int] = {}
    for day in range(1, 27):
        figures.clock.set(datetime(2026, 5, day, 9, tzinfo=UTC))
        counts = await asyncio.gather(one.work(), other.work())
        if sum(counts):
            done[figures.clock().date()] = sum(counts)
    # Working days of May 2026: 4-8, 11-13, 15, 18-22. Month: 1st, 3rd and 6th of them; tertial: 1st, 7th, 12th.
    assert {day.day: count for day, count in done.items()} == {4: 2, 6: 1, 11: 1, 12: 1, 20: 1}
    said = await published(figures)
    frozen, wanted = ReportFrozen.type_name(), ReportExplanationWanted.type_name()
    assert said.count((frozen, "2026-T1", None, None)) == 1
    assert said.count((wanted, "2026-T1", None, None)) == 2
    assert len(said) == len(set(said)) + sum(said.count(one) - 1 for one in set(said) if one[0] == wanted)
    async with figures.database.reading() as session:
        rows = await session.execute(
            text(
                "SELECT body->>'committee', body->'readers' FROM inbox "
                "WHERE type = :type AND body->>'period' = '2026-T1'"
            ),
            {"type": frozen},
        )
        read_by = {row[0]: row[1] for row in rows}
        versions = await store.issued(session, list(ReportKind), 100)
    secretary = SORUM.units["politisk-sekretariat"].leader
    readers = read_by.pop(None)
    assert readers[-2:] == ["eirik-skogheim", secretary]
    assert "ole-prestrud" in readers
    # Each committee in whose sections anything happened gets one report of them all.
    assert (frozen, "2026-T1", "utvalg-for-kultur", None) in said
    # Its sections' leaders, and the office that lays it before the committee.
    assert read_by["utvalg-for-kultur"][:1] == ["ole-prestrud"]
    assert read_by["utvalg-for-kultur"][-1:] == [secretary]
    assert all(row.version == 1 for row in versions)


async def test_a_municipality_that_begins_gets_no_reports_on_the_past(counted: Figures) -> None:
    """What was due before the first look is not made up for."""
    assert await scheduler(counted).work() == 0
    assert await published(counted) == []


async def test_a_schedule_that_was_away_asks_nobody_too_late(figures: Figures) -> None:
    """It issues what is due, once, and does not ask for explanations after their day."""
    figures.clock.set(datetime(2026, 4, 20, 9, tzinfo=UTC))
    await scheduler(figures).work()
    await figures.hear(EVENTS)
    figures.clock.set(datetime(2026, 6, 30, 9, tzinfo=UTC))
    await scheduler(figures).work()
    said = await published(figures)
    assert (ReportFrozen.type_name(), "2026-T1", None, None) in said
    assert not [one for one in said if one[0] == ReportExplanationWanted.type_name() and one[1] != "2026-06"]


async def test_a_municipality_that_has_set_nothing_has_its_reports_on_the_usual_schedule(
    figures: Figures,
) -> None:
    """The tertial's on the twelfth working day, to its leaders; and nobody is asked to explain anything."""
    bare = SORUM.model_copy(update={"balance": BalanceSheet()})
    figures.clock.set(datetime(2026, 4, 20, 9, tzinfo=UTC))
    await scheduler(figures, bare).work()
    await figures.hear(EVENTS)
    for day in (4, 12, 20):
        figures.clock.set(datetime(2026, 5, day, 9, tzinfo=UTC))
        await scheduler(figures, bare).work()
    said = await published(figures)
    assert (ReportFrozen.type_name(), "2026-T1", None, None) in said
    assert (ReportFrozen.type_name(), "2026-04", None, "kulturskolen") in said
    assert {event for event, *_ in said} == {ReportFrozen.type_name()}


@pytest.fixture
async def database_url(new_database: NewDatabase) -> str:
    """A metrics database with 200 cases."""
    return await with_cases(new_database, AFTER)


@pytest.fixture
async def client(database_url: str, bus: nats.NATS, tmp_path: Path) -> AsyncGenerator[Client]:
    """The service in May."""
    async with served(database_url, address_of(bus), tmp_path, AFTER) as client:
        yield client


async def posted(client: Client, path: str, data: dict[str, str]) -> "object":
    """A form sent as the page sends it."""
    token = (await client.get("/innsikt/verdier")).text.split('name="_csrf_token" value="')[1].split('"')[0]
    return await client.post(path, data={**data, "_csrf_token": token}, follow_redirects=False)


async def test_a_leader_explains_what_is_off_target_and_reads_no_others_reports(client: Client) -> None:
    """In the report at once; with what is missing told at its field."""
    signed_in(client, SECTION_LEADER, AFTER)
    own = "/innsikt/rapporter/tertial/2026-T1?seksjon=kultur"
    page = (await client.get(own)).text
    assert "Utkast" in page
    assert "/forklaring/promise_kept?seksjon=kultur" in page
    assert (await client.get("/innsikt/rapporter/tertial/2026-T1?seksjon=skole")).status_code == 403
    assert (await client.get("/innsikt/rapporter/tertial/2026-T4")).status_code == 404
    explain = "/innsikt/rapporter/tertial/2026-T1/forklaring/promise_kept?seksjon=kultur"
    form = await client.get(explain)
    assert form.status_code == 200
    assert "av alle når den er utgitt" in form.text
    month = await client.get("/innsikt/rapporter/maned/2026-01/forklaring/promise_kept?seksjon=kultur")
    assert "blir ikke offentliggjort" in month.text
    empty = await posted(client, explain, {"why": "", "action": ""})
    assert empty.status_code == 422
    assert '<a class="ds-link" href="#why">Skriv hvorfor det ble slik.</a>' in empty.text
    assert '<a class="ds-link" href="#action">Skriv hva dere gjør med det.</a>' in empty.text
    named = {"why": "Se sak for 010190 00083", "action": "Ring 412 34 567"}
    refused = await posted(client, explain, {**named, "nobodys": "yes"})
    assert "ser ut som et fødselsnummer" in refused.text
    warned = await posted(client, explain, {**named, "why": "Sykdom"})
    assert "et telefonnummer" in warned.text
    # A switchboard's number may stand, by somebody who has been told.
    assert 'name="nobodys"' in warned.text
    assert (await posted(client, explain, {**named, "why": "Sykdom", "nobodys": "yes"})).status_code == 303
    saved = await posted(client, explain, {"why": "Sykdom", "action": "Vikarer fra mai"})
    assert saved.status_code == 303
    assert "Vikarer fra mai" in (await client.get(own)).text

    signed_in(client, CASEWORKER, AFTER)
    assert (await client.get("/innsikt/rapporter")).status_code == 403


async def test_an_issued_report_is_the_same_in_every_file_and_public_without_small_numbers(
    client: Client,
) -> None:
    """The director issues it, once; everybody reads it in their language; drafts and months stay inside."""
    signed_in(client, DIRECTOR, AFTER)
    whole = "/innsikt/rapporter/tertial/2026-T1"
    assert (await client.get("/resultater/rapporter/tertial/2026-T1")).status_code == 404
    issued = await posted(client, whole, {})
    assert issued.headers["location"] == f"{whole}?versjon=1"
    again = await posted(client, whole, {"reason": "Ingen grunn"})
    assert again.status_code == 422
    assert "de samme som i den siste versjonen" in again.text
    listed = (await client.get("/innsikt/rapporter")).text
    assert "Tertialrapport for 1. tertial 2026" in listed
    asked = await client.get(
        "/innsikt/rapporter?rapport=tertial&periode=2026-T1&hvem=", follow_redirects=False
    )
    assert asked.headers["location"] == whole
    within = await client.get(
        "/innsikt/rapporter?rapport=tertial&periode=2026-03&hvem=", follow_redirects=False
    )
    assert within.headers["location"] == whole
    wrong = await client.get("/innsikt/rapporter?rapport=tertial&periode=mai&hvem=")
    assert wrong.status_code == 422
    assert "Skriv perioden slik som 2026-T2" in wrong.text

    document = json.loads((await client.get(f"{whole}/fil/json")).text)
    kept = document["capitals"][0]["places"][0]["lines"][0]["now"]
    expected = plain(TERTIAL)["promise"]
    assert (kept["n"], kept["of"]) == (expected["kept"], expected["due"])
    assert f'href="{whole}?versjon=0">Rett rapporten' in (await client.get(whole)).text
    table = await client.get(f"{whole}/fil/csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert float(rows[0]["now"]) == kept["value"]
    book = load_workbook(io.BytesIO((await client.get(f"{whole}/fil/xlsx")).content))
    sheet = book.worksheets[1]
    assert sheet.cell(2, 10).value == pytest.approx(kept["value"], abs=1e-12)
    assert sheet.cell(2, 10).number_format == "0.0%"
    assert len(rows) == sheet.max_row - 1
    pdf = (await client.get(f"{whole}/fil/pdf")).content
    assert pdf.startswith(b"%PDF-")

    client.cookies.clear()
    assert "Tertialrapport for 1. tertial 2026" in (await client.get("/resultater/rapporter")).text
    for language in ("nb", "nn", "en"):
        told = await client.get(f"/resultater/rapporter/tertial/2026-T1?lang={language}")
        assert told.status_code == 200
        assert f'<html lang="{language}"' in told.text
    public_file = await client.get("/resultater/rapporter/tertial/2026-T1/fil/json")
    assert {"accept-language", "cookie"} <= set(public_file.headers["vary"].lower().split(", "))
    shown = json.loads(public_file.text)
    for capital in shown["capitals"]:
        for place in capital["places"]:
            for line in place["lines"]:
                counts = [line["now"]["n"], line["now"]["of"]]
                assert not [count for count in counts if count in {1, 2, 3, 4}], line["measure"]
    assert (await client.get("/resultater/rapporter/tertial/2026-T1?versjon=0")).status_code == 404
    assert (await client.get("/resultater/rapporter/maned/2026-01")).status_code == 404
    assert (await client.get(whole, follow_redirects=False)).status_code == 303


async def test_a_committees_report_is_public_as_part_of_the_municipalitys(client: Client) -> None:
    """Once both are issued, with the same figures in every format; else, and of a section alone, there is none."""
    signed_in(client, DIRECTOR, AFTER)
    inside, outside = "/innsikt/rapporter/tertial/2026-T1", "/resultater/rapporter/tertial/2026-T1"
    of = "utvalg=utvalg-for-kultur"
    assert (await posted(client, f"{inside}?{of}", {})).status_code == 303
    assert (await client.get(f"{outside}?{of}")).status_code == 404
    assert "Den offentlige utgaven kommer når" in (await client.get(f"{inside}?{of}")).text
    assert (await posted(client, inside, {})).status_code == 303
    page = (await client.get(f"{inside}?{of}")).text
    assert "Intern utgave" in page
    assert f'href="{outside}?{of}&amp;versjon=1"' in page

    client.cookies.clear()
    assert f'href="{outside}?{of}"' in (await client.get("/resultater/rapporter")).text
    told_ = (await client.get(f"{outside}?{of}")).text
    assert "Utvalg for kultur" in told_
    assert "de samme som i kommunens rapport" in told_
    whole = json.loads((await client.get(f"{outside}/fil/json")).text)
    committee = json.loads((await client.get(f"{outside}/fil/json?{of}")).text)
    beside = {one["id"]: one for one in whole["compared"]}
    assert committee["is_public"]
    assert [one["id"] for one in committee["compared"]] == ["kultur"]
    assert all(one == beside[one["id"]] for one in committee["compared"])
    assert (whole["withheld"], committee["withheld"]) == ({}, {})
    for format_ in ("pdf", "xlsx", "csv"):
        assert (await client.get(f"{outside}/fil/{format_}?{of}")).status_code == 200
    for none in (f"{outside}?seksjon=kultur", f"{outside}?{of}&versjon=0", f"{outside}?utvalg=ukjent"):
        assert (await client.get(none)).status_code == 404
    assert (await client.get(f"/resultater/rapporter/ar/2026?{of}")).status_code == 404


async def test_values_are_entered_corrected_and_imported(client: Client) -> None:
    """With what is wrong told at the field, or at the line of the file; and only of what one leads."""
    signed_in(client, SECTION_LEADER, AFTER)
    value = {
        "measure": "appeals_upheld_share", "place": "section:kultur", "first": "2026-01-01",
        "last": "2026-04-30", "value": "", "n": "3", "of": "12", "source": "Sakssystemet", "as_of": "2026-05-04",
    }  # fmt: skip
    path = "/innsikt/verdier"
    saved = await posted(client, path, value)
    assert saved.headers["location"] == f"{path}?lagret"
    wrong = await posted(client, path, {**value, "value": "62", "as_of": "2027-01-01", "source": ""})
    assert wrong.status_code == 422
    for field in ("value", "as_of", "source"):
        assert f'href="#{field}"' in wrong.text
    assert (await posted(client, path, {**value, "place": "section:skole"})).status_code == 422
    assert (await posted(client, path, {**value, "n": "4", "note": "Én til"})).status_code == 303
    page = (await client.get(path)).text
    assert "33 % (4 av 12)" in page.replace("\xa0", " ")
    assert "Rettet siden" in page
    token = page.split('name="_csrf_token" value="')[1].split('"')[0]

    async def imported(lines: str) -> "object":
        return await client.post(
            f"{path}/csv",
            data={"_csrf_token": token},
            files={"file": ("verdier.csv", lines.encode("utf-8-sig"), "text/csv")},
            follow_redirects=False,
        )

    header = "measure;place;first;last;value;n;of;source;as_of\n"
    line = "arenas_share;{place};2026-01-01;2026-04-30;;{n};5;Virksomhetene;2026-05-04\n"
    faulty = await imported(header + line.format(place="kultur", n=4) + line.format(place="skole", n=9))
    assert faulty.status_code == 422
    assert "Linje 3, n: Antallet kan ikke være større enn det er av." in faulty.text
    mine = await imported(header + line.format(place="kultur", n=4))
    assert mine.headers["location"] == f"{path}?lest=1"
    theirs = await imported(header + line.format(place="skole", n=4))
    assert "Velg et sted du har ansvar for" in theirs.text
    assert (await imported("a;b\n1;2\n")).status_code == 422
    signed_in(client, DIRECTOR, AFTER)
    lines = "".join(line.format(place="skole", n=4) for _ in range(MOST_LISTED))
    assert (await imported(header + lines)).headers["location"] == f"{path}?lest={MOST_LISTED}"
    signed_in(client, SECTION_LEADER, AFTER)
    assert "33 % (4 av 12)" in (await client.get(path)).text.replace("\xa0", " ")


async def test_the_command_line_is_answered_inside(client: Client) -> None:
    """The newest version or a draft, in any format; what there is not, is a 404."""
    asked = "/internal/report?kind=tertial&period=2026-T1"
    page = (await client.get(asked)).text
    assert page.startswith("<!doctype html>")
    assert "/static/" not in page
    document = json.loads((await client.get(f"{asked}&format=json&section=kultur")).text)
    assert (document["place_kind"], document["place"], document["version"]) == ("section", "kultur", 0)
    for wrong in (
        "kind=tertial&period=2026",
        "kind=weekly&period=2026",
        "kind=annual&period=2026&format=doc",
    ):
        assert (await client.get(f"/internal/report?{wrong}")).status_code == 404
    assert (await client.get(f"{asked}&unit=ukjent")).status_code == 404
    annual = json.loads((await client.get("/internal/report?kind=annual&period=2026&format=json")).text)
    assert (
        annual["internal_control"]["broken"]
        == plain(ReportPeriod(ReportKind.ANNUAL, 2026))["promise"]["broken"]
    )
    assert len(annual["capitals"][0]["places"][0]["lines"][0]["parts"]) == 6


def with_targets(targets: tuple[Target, ...]) -> Municipality:
    """Sørum, had it set these."""
    return SORUM.model_copy(update={"balance": SORUM.balance.model_copy(update={"targets": targets})})


async def drafted(figures: Figures, known: Municipality, period: ReportPeriod, scope: Scope) -> Report:
    """The report as it is now, with these targets."""
    found = await shelf(figures, known).find(period, scope, 0)
    assert found
    return found.report


async def test_a_municipality_without_targets_reports_its_balance_sheet_all_the_same(
    counted: Figures,
) -> None:
    """Monthly, by tertial and yearly, of the whole, a unit and a committee; nothing is judged or asked about."""
    bare = with_targets(())
    for period, scope in (
        (TERTIAL, WHOLE),
        (TERTIAL, Scope.committee("utvalg-for-kultur")),
        (JANUARY, Scope.unit("kommunalteknikk")),
        (ReportPeriod(ReportKind.ANNUAL, 2026), WHOLE),
    ):
        report = await drafted(counted, bare, period, scope)
        first = report.lines[0][0]
        measures = [line.measure for place, line in report.lines if place == first]
        assert measures == [measure for measure in MEASURES if measure in measures]
        assert measures[0] == "promise_kept"
        assert {line.light for _, line in report.lines} == {Light.NO_TARGET}
        assert not off_target(report)
        words = told(report, Wording(CATALOGUE, "nb"))
        assert words.conclusion[-1].startswith(f"Det er ikke satt mål for {report.place_name} i 2026.")
        assert "targets.yaml" in words.where_targets
        assert words.key_figures[0].name.startswith("Løfter holdt")
        assert {figure.light.words for figure in words.key_figures} == {"Mål ikke satt"}
        assert not words.is_judged
    with_them = {line.measure: line for line in (await draft(counted)).own_lines}["response_median"]
    without = {line.measure: line for line in (await drafted(counted, bare, TERTIAL, WHOLE)).own_lines}
    assert without["response_median"].now == with_them.now
    # Nothing happened there: a table of noughts would tell nobody anything.
    assert not (await drafted(counted, bare, JANUARY, Scope.unit("ppt"))).lines


async def test_a_section_without_targets_is_in_its_committees_report(counted: Figures) -> None:
    """Beside one that has them; the municipality's report has it among those it compares."""
    without = with_targets(tuple(one for one in SORUM.balance.targets if one.section != "kultur"))
    (committee,) = (one for one in SORUM.balance.reports.committees if one.id == "utvalg-for-kultur")
    mixed = committee.model_copy(update={"sections": ("skole", "kultur")})
    reports = without.balance.reports.model_copy(update={"committees": (mixed,)})
    known = without.model_copy(update={"balance": without.balance.model_copy(update={"reports": reports})})
    report = await drafted(counted, known, TERTIAL, Scope.committee(committee.id))
    lights = {place.id: line.light for place, line in report.lines if line.measure == "promise_kept"}
    assert lights == {"skole": Light.NO_VALUE, "kultur": Light.NO_TARGET}
    words = told(report, Wording(CATALOGUE, "nb"))
    assert [figure.name for figure in words.key_figures] == ["Løfter holdt – Kultur"]
    assert not words.where_targets
    whole = await drafted(counted, known, TERTIAL, WHOLE)
    assert "kultur" not in {place.id for place, _ in whole.lines}
    assert "kultur" in {one.id for one in whole.compared}
