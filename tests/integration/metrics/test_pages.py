"""The dashboards and the public results, as a browser is sent them."""

import csv
import html
import io
import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from services.metrics.manual.store import ManualValue
from services.metrics.measures import MEASURES
from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event
from shared.web.session import SignedIn
from tests.conftest import NewDatabase
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, NOON, Figures, with_cases
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.served import CASEWORKER, Client, served, signed_in

EVENTS = stories(3, 200)
DIRECTOR = SignedIn("eirik-skogheim", "Eirik Skogheim", ("director",))
JANUARY = "fra=2026-01-01&til=2026-01-31"


def january(events: list[Event]) -> dict[str, dict[str, float]]:
    """What the oracle says of January."""
    soon = CALENDAR.add_working_days(date(2026, 2, 1), 2)
    return plainly(events, date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 1), soon)


async def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(client: Client) -> None:
    """And comes back to the same period afterwards; the public page asks for nothing."""
    for path in ("/innsikt", "/innsikt/saker?tall=brutt", "/innsikt/last-ned/enhet.csv"):
        response = await client.get(path, follow_redirects=False)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/saksbehandling/logg-inn?neste=/innsikt")
    assert (await client.get("/resultater")).status_code == 200


PAGES = (
    f"/innsikt?{JANUARY}",
    "/innsikt?periode=2026",
    "/innsikt?periode=2026-T1&seksjon=kultur&enhet=bibliotek&organisasjon=na",
    "/innsikt?enhet=bibliotek&slag=complaint&tema=bibliotek&seksjon=kultur",
    "/innsikt/utvikling?periode=2026-02",
    "/innsikt/sammenlikning?periode=2026-01&etter=enhet&maltall=svartid&orden=navn",
    "/innsikt/tall?periode=i-fjor",
    f"/innsikt/saker?tall=mottatt&{JANUARY}",
    "/resultater?",
    "/resultater?fra=nonsense",
)


async def test_every_page_is_there_in_every_language(client: Client) -> None:
    """Whatever is chosen."""
    signed_in(client, DIRECTOR, NOON)
    for path in PAGES:
        for language in ("nb", "nn", "en"):
            response = await client.get(f"{path}&lang={language}")
            assert response.status_code == 200, path
            assert f'<html lang="{language}"' in response.text


async def test_on_the_first_day_the_pages_say_that_there_is_nothing(
    new_database: NewDatabase, module_bus: str, tmp_path: Path
) -> None:
    """An empty state in words, no charts of nothing."""
    async with served(await new_database("metrics"), module_bus, tmp_path, NOON) as empty:
        signed_in(empty, DIRECTOR, NOON)
        page = (await empty.get("/innsikt")).text
        assert "Ingen saker i perioden" in page
        assert "kommer tallene når de første sakene gjør det" in page
        assert "vis alle saker" not in page
        narrowed = (await empty.get("/innsikt?periode=2026-01&enhet=kommunalteknikk")).text
        assert '<a class="ds-link" href="?periode=2026-01">vis alle saker</a>' in narrowed
        assert "<svg" not in page.split("<main")[1]
        assert "Ingen henvendelser i perioden" in (await empty.get("/resultater")).text


async def test_the_dashboard_shows_what_plain_python_computes(client: Client) -> None:
    """The number on the page is the number of the definition."""
    signed_in(client, CASEWORKER, NOON)
    page = (await client.get(f"/innsikt?{JANUARY}")).text
    expected = january(EVENTS)
    assert f"{expected['promise']['kept']} av {expected['promise']['due']} saker med frist" in page
    assert f'<p class="key-figure__value">{expected["received"]["total"]}</p>' in page
    assert f"av {expected['backlog']['open']} åpne saker" in page


async def test_a_table_can_be_downloaded_as_a_spreadsheet_opens_it(client: Client) -> None:
    """Semicolons and decimal commas in Norwegian; the columns add up to the totals."""
    signed_in(client, CASEWORKER, NOON)
    response = await client.get(f"/innsikt/last-ned/enhet.csv?{JANUARY}")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="enhet_2026-01-01_2026-01-31.csv"' in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    expected = january(EVENTS)
    assert sum(int(row["Mottatt"]) for row in rows) == expected["received"]["total"]
    assert sum(int(row["Holdt"]) for row in rows) == expected["promise"]["kept"]
    assert re.fullmatch(r"0,\d+|1,0", rows[0]["Andel holdt"])
    english = await client.get(f"/innsikt/last-ned/over-tid.csv?{JANUARY}&lang=en")
    text = english.content.decode("utf-8-sig")
    assert text.startswith("From,To and including,Praise,Complaint")
    (month,) = csv.DictReader(io.StringIO(text))
    assert int(month["Received"]) == january(EVENTS)["received"]["total"]
    compared = await client.get(f"/innsikt/last-ned/sammenlikning.csv?{JANUARY}&maltall=svartid&lang=en")
    whole, *_ = csv.DictReader(io.StringIO(compared.content.decode("utf-8-sig")))
    assert float(whole["From"]) <= float(whole["Response time, median"]) <= float(whole["To"])


async def test_every_file_of_a_page_is_there(client: Client) -> None:
    """Each table as CSV and each chart as SVG, at the address the page gives it."""
    signed_in(client, CASEWORKER, NOON)
    pages = ("/innsikt", "/innsikt/utvikling", "/innsikt/sammenlikning", "/innsikt/tall")
    files = {
        html.unescape(address)
        for page in pages
        for address in re.findall(
            r'href="(/innsikt/last-ned/[^"]+)"', (await client.get(f"{page}?{JANUARY}&etter=kanal")).text
        )
    }
    assert len(files) > 8
    for address in files:
        response = await client.get(address)
        assert response.status_code == 200, address
        assert response.headers["content-disposition"].startswith("attachment")
        if ".svg?" in address:
            drawing = ET.fromstring(response.content)
            assert drawing.find("{http://www.w3.org/2000/svg}title") is not None


async def test_there_is_no_such_table_or_number(client: Client) -> None:
    """404 in words, not a fault."""
    signed_in(client, DIRECTOR, NOON)
    for path in (
        "/innsikt/last-ned/hemmelig.csv",
        "/innsikt/last-ned/hemmelig.svg",
        "/innsikt/last-ned/enhet.xlsx",
        "/innsikt/saker?tall=hemmelig",
        "/innsikt/saker",
    ):
        assert (await client.get(path)).status_code == 404


NUMBERS = {
    "mottatt": ("received", "total"),
    "besvart": ("response_days", "n"),
    "holdt": ("promise", "kept"),
    "brutt": ("promise", "broken"),
    "ikke-forfalt": ("promise", "not_yet_due"),
    "apne": ("backlog", "open"),
    "over-frist": ("backlog", "overdue"),
    "frist-snart": ("backlog", "due_soon"),
    "apnet": ("handover", "n"),
    "forelopig": ("interim", "needed"),
    "sagt-fra": ("satisfaction", "said"),
}


def listed(page: str) -> int:
    """How many cases a page shows."""
    return page.count('href="/saksbehandling/sak/') + page.count("(fra arkivet)")


async def test_behind_a_number_are_as_many_cases(client: Client) -> None:
    """For each number that consists of cases, each with a link to the desk or with the system it is from."""
    signed_in(client, DIRECTOR, NOON)
    expected = january(EVENTS)
    satisfaction = expected["satisfaction"]
    satisfaction["said"] = satisfaction["helped"] + satisfaction["not_helped"]
    for number, (family, name) in NUMBERS.items():
        page = (await client.get(f"/innsikt/saker?tall={number}&{JANUARY}")).text
        count = int(expected[family][name])
        assert f"<p>{count} sak{'' if count == 1 else 'er'}</p>" in page, number
        assert listed(page) == min(count, 50)


async def test_the_pages_of_a_long_list_are_all_of_it(client: Client) -> None:
    """Fifty cases a page."""
    signed_in(client, DIRECTOR, NOON)
    count = int(january(EVENTS)["received"]["total"])
    shown = 0
    for page in range(1, -(-count // 50) + 1):
        text = (await client.get(f"/innsikt/saker?tall=mottatt&{JANUARY}&side={page}")).text
        shown += listed(text)
    assert shown == count


async def test_the_cases_behind_a_number_are_for_those_who_lead_them(client: Client) -> None:
    """A caseworker sees the number and not the list; a leader the cases of her own units."""
    signed_in(client, CASEWORKER, NOON)
    assert (await client.get(f"/innsikt/saker?tall=brutt&{JANUARY}")).status_code == 403
    assert "/innsikt/saker" not in (await client.get(f"/innsikt?{JANUARY}")).text
    leader = SignedIn("ole-prestrud", "Ole Prestrud", ("leader",))
    signed_in(client, leader, NOON)
    page = (await client.get(f"/innsikt/saker?tall=mottatt&{JANUARY}")).text
    count = int(january(EVENTS)["received"]["total"])
    assert f"{listed(page)} av {count} saker. Listen viser saker i enhetene du leder" in page
    assert "Kommunalteknikk" not in page
    other = (await client.get(f"/innsikt/saker?tall=mottatt&enhet=kommunalteknikk&{JANUARY}")).text
    assert "Ingen av sakene er i enhetene du leder" in other


async def test_a_leader_is_led_to_what_she_leads_and_to_no_empty_list(client: Client) -> None:
    """Her own section stands first; numbers of other sections are numbers without a way to cases."""
    signed_in(client, SignedIn("ole-prestrud", "Ole Prestrud", ("leader",)), NOON)
    page = (await client.get(f"/innsikt?{JANUARY}")).text
    assert 'seksjon=kultur">Kultur</a>' in page
    lists = re.findall(r'href="/innsikt/saker[?][^"]*seksjon=([a-z-]+)', page)
    assert set(lists) <= {"kultur"}
    signed_in(client, DIRECTOR, NOON)
    assert "Det du leder" not in (await client.get(f"/innsikt?{JANUARY}")).text


async def test_a_wrong_day_is_said_at_its_field_and_nothing_typed_is_lost(client: Client) -> None:
    """422 with the form as it was."""
    signed_in(client, CASEWORKER, NOON)
    response = await client.get("/innsikt?fra=2026-02-01&til=2026-01-01&slag=praise")
    assert response.status_code == 422
    assert 'id="error-summary"' in response.text
    assert 'href="#til"' in response.text
    assert 'value="2026-02-01"' in response.text
    assert '<option value="praise" selected>' in response.text
    endless = await client.get("/innsikt?fra=1971-01-01&til=2198-12-31")
    assert endless.status_code == 422
    assert "høyst 50 år" in endless.text


async def test_the_public_page_tells_what_was_held_and_hides_what_is_few(client: Client) -> None:
    """The same share as the definition gives; sections with few cases are hidden."""
    page = (await client.get("/resultater?fra=2026-01-01")).text
    soon = CALENDAR.add_working_days(date(2026, 3, 1), 2)
    expected = plainly(EVENTS, date(2026, 1, 1), date(2026, 4, 30), date(2026, 3, 1), soon)["promise"]
    assert f"Vi holdt {round(100 * expected['share'])} % av løftene" in page.replace("\xa0", " ")
    kinds = plainly(EVENTS, date(2026, 1, 1), date(2026, 4, 30), date(2026, 3, 1), soon)["received"]
    assert f"{kinds['question']} spørsmål, {kinds['appeal']} klager på vedtak" in page.replace("\xa0", " ")
    assert "Rettes noe i dem, vises det senest dagen etter" in page
    assert "Dette lover vi" in page
    assert "/innsikt/saker" not in page


async def test_prometheus_has_the_municipalitys_key_figures(client: Client) -> None:
    """Open and overdue cases and the share of promises kept, beside the service's own figures."""
    import asyncio

    from services.metrics.gauges import open_gauge

    open_gauge.set(-1)
    await asyncio.sleep(0)
    text = (await client.get("/metrics")).text
    for name in ("svarfrist_cases_open", "svarfrist_cases_overdue", "svarfrist_promises_kept_ratio_30_days"):
        assert f"\n{name} " in text


async def test_the_gauges_are_those_of_the_definitions(figures: Figures) -> None:
    """Of the same thirty days as the overview begins with: the operator's figures are the leaders'."""
    from services.metrics.gauges import Gauges, kept_gauge, median_gauge, open_gauge, overdue_gauge

    await figures.hear(EVENTS)
    await Gauges(figures.reader).read()
    today = date(2026, 3, 1)
    month = plainly(EVENTS, today - timedelta(days=29), today, today, CALENDAR.add_working_days(today, 2))
    assert open_gauge._value.get() == month["backlog"]["open"]  # noqa: SLF001 - the library's way to look
    assert overdue_gauge._value.get() == month["backlog"]["overdue"]  # noqa: SLF001 - as above
    assert round(median_gauge._value.get(), 6) == month["response_days"]["median"]  # noqa: SLF001 - as above
    assert round(kept_gauge._value.get(), 6) == month["promise"]["share"]  # noqa: SLF001 - as above


async def test_every_figure_that_consists_of_cases_leads_to_them(client: Client) -> None:
    """For those who may see them, and with as many cases as the list of that number has."""
    signed_in(client, DIRECTOR, NOON)
    page = (await client.get(f"/innsikt/tall?{JANUARY}")).text.replace("&amp;", "&")
    table = page.split("</table>")[0]
    ways = set(re.findall(r'href="(/innsikt/saker[^"]+)"', table))
    numbers = {way.split("tall=")[1].split("&")[0] for way in ways}
    assert numbers == {"holdt", "besvart", "apnet", "apne", "over-frist", "sagt-fra", "mottatt"}
    received = january(EVENTS)["received"]
    (appeals,) = {way for way in ways if way.endswith("slag=appeal")}
    assert f"<p>{received['appeal']} saker</p>" in (await client.get(appeals)).text
    february = (date(2026, 2, 1), date(2026, 2, 28))
    needed = int(plainly(EVENTS, *february, date(2026, 3, 1), date(2026, 3, 3))["interim"]["needed"])
    days = f"fra={february[0]}&til={february[1]}"
    assert "/innsikt/saker?tall=forelopig&periode=2026-02" in (
        await client.get(f"/innsikt/tall?{days}")
    ).text.replace("&amp;", "&")
    assert listed((await client.get(f"/innsikt/saker?tall=forelopig&{days}")).text) == needed > 0
    signed_in(client, CASEWORKER, NOON)
    assert "/innsikt/saker" not in (await client.get(f"/innsikt/tall?{JANUARY}")).text


async def test_all_figures_are_those_of_the_cases_and_those_that_are_entered(
    new_database: NewDatabase, module_bus: str, tmp_path: Path
) -> None:
    """With where each comes from, on the page and in its file; values of a place are not those of some cases."""
    database_url = await with_cases(new_database, NOON)
    database = Database(database_url, FixedClock(NOON))
    async with database.transaction() as tx:
        tx.session.add(
            ManualValue(
                measure="arenas_share", scope_kind="municipality", scope="", first=date(2026, 1, 1),
                last=date(2026, 1, 31), value=0.9, n=45, of=50, source="Telling", as_of=date(2026, 2, 2),
                entered_by="eirik-skogheim", entered_at=NOON,
            )
        )  # fmt: skip
    await database.close()
    async with served(database_url, module_bus, tmp_path, NOON) as client:
        signed_in(client, DIRECTOR, NOON)
        month = "periode=2026-01&lang=en"
        page = (await client.get(f"/innsikt/tall?{month}")).text
        assert "Source: Telling, 2 Feb 2026" in page
        table = (await client.get(f"/innsikt/last-ned/alle-tall.csv?{month}")).content.decode("utf-8-sig")
        rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(table))}
        assert "90% (45 of 50)" in page.replace("\xa0", "")
        assert rows["Service places with a user arena"][:4] == ["share (0 to 1)", "0.9", "45", "50"]
        # The headings, and each of the five kinds there are.
        assert len(rows) == 1 + len(MEASURES) + 5
        whole = float(rows["Messages per 1,000 residents"][1])
        kinds = [
            float(row[1]) for name, row in rows.items() if name.startswith("Messages per 1,000 residents: ")
        ]
        assert sum(kinds) == pytest.approx(whole, abs=0.2)
        assert re.search(r"[0-9.]+ \(\d+ to \d+\)", page)
        value, praise, complaints = map(float, rows["Praise for each complaint"][1:4])
        assert value == pytest.approx(praise / complaints, abs=0.0001)
        part = (await client.get(f"/innsikt/tall?{month}&tema=bibliotek")).text
        assert "Telling" not in part
        assert "You have chosen some of the cases" in part
