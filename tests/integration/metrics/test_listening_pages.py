"""Kommunekompass, surveys and improvements, from the pages to what other figures read, on real servers."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx
import nats
import pytest
from sqlalchemy import func, select

from services.metrics import improvements
from services.metrics.compass import standing as compass_standing
from services.metrics.compass.judging import SIDES
from services.metrics.compass.versions import versions
from services.metrics.improvements import store as improvement_store
from services.metrics.improvements.store import ImprovementVersion
from services.metrics.periods import Period
from services.metrics.surveys import standing as survey_standing
from services.metrics.surveys.store import SurveyCode, SurveyTally
from shared.clock import FixedClock, write_offset
from shared.database import Database
from shared.web.session import SignedIn
from tests.conftest import NewDatabase
from tests.integration.metrics.conftest import Figures, with_cases
from tests.integration.metrics.served import CASEWORKER, LEADER, Client, address_of, served, signed_in

NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
TODAY = date(2026, 3, 1)
DIRECTOR = SignedIn("eirik-skogheim", "Eirik Skogheim", ("director",))
COMPASS, SURVEYS, IMPROVEMENTS = "/innsikt/kommunekompass", "/innsikt/undersokelser", "/innsikt/forbedringer"
V2010 = versions()["2010"]


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncGenerator[Database]:
    """A metrics database with 20 cases."""
    database = Database(await with_cases(new_database, NOON, 20), FixedClock(NOON))
    yield database
    await database.close()


@pytest.fixture
async def client(database: Database, bus: nats.NATS, tmp_path: Path) -> AsyncGenerator[Client]:
    """The service on 1 March 2026, the director signed in."""
    url = database.engine.url.render_as_string(hide_password=False)
    async with served(url, address_of(bus), tmp_path, NOON) as client:
        signed_in(client, DIRECTOR, NOON)
        yield client


async def send(
    client: Client, path: str, form: dict[str, object] | None = None, **more: object
) -> httpx.Response:
    """Posts a form with the token that came with any page."""
    if "x-csrftoken" not in client.headers:
        await client.get("/undersokelse/none")
        cookies = client.cookies.items()
        client.headers["x-csrftoken"] = next(value for name, value in cookies if name.startswith("csrf_"))
    return await client.post(path, data=form or {}, **more)  # type: ignore[arg-type]


def four(criterion: str, value: int) -> dict[str, str]:
    """A criterion judged alike from all sides."""
    return {f"k{criterion.replace('.', '_')}_{side}": str(value) for side in SIDES}


def documented(criterion: str) -> dict[str, str]:
    """A document in force for a criterion."""
    field = f"k{criterion.replace('.', '_')}"
    return {f"{field}_title": f"Plan for {criterion}", f"{field}_in_force": "2025-01-01"}


def seen(page: str) -> str:
    """Which saving the form of an area shows."""
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return found.group(1)


async def begin(client: Client, **more: str) -> str:
    """A draft; its address."""
    response = await send(client, COMPASS, {"version": "2010", "method": "self", "source": "", **more})
    assert response.history[0].status_code == 303
    return response.url.path


async def judge(client: Client, address: str, area: int, value: int, saving: str = "0") -> httpx.Response:
    """Every criterion of an area the same, each with a document where that is more than nothing."""
    form = {"seen": saving}
    for criterion in V2010.areas[area - 1].criteria:
        form |= four(criterion.id, value) | (documented(criterion.id) if value else {})
    return await send(client, f"{address}/{area}", form)


async def test_from_a_draft_to_scores_that_measures_read(client: Client, database: Database) -> None:
    """Judged, refused while something is missing, issued, frozen, exported, and compared with Lillehammer."""
    address = await begin(client)
    for area in range(1, 8):
        assert (await judge(client, address, area, 5)).status_code == 200
    early = await send(client, f"{address}/utgi")
    assert early.status_code == 422
    assert "Vurder 8.1, 8.2" in early.text
    await judge(client, address, 8, 0)
    async with database.reading() as session:
        assert await compass_standing.scores(session, TODAY) == {}
    issued = await send(client, f"{address}/utgi")
    assert "Utgitt vurdering" in issued.text
    assert "410,1" in issued.text
    async with database.reading() as session:
        scores = await compass_standing.scores(session, TODAY)
        assert await compass_standing.scores(session, date(2026, 2, 28)) == {}
    assert scores["1.4"] == (15.0, 30.0, "2010", TODAY)
    assert scores["2.6"] == (7.5, 15.0, "2010", TODAY)
    assert (await send(client, f"{address}/1", {"seen": "1"})).status_code == 409
    assert (await send(client, f"{address}/slett")).status_code == 409
    told = json.loads((await client.get(f"{address}/last-ned.json")).text)
    assert told["total"] == float(sum(Decimal(str(area["points"])) for area in told["areas"])) == 350.0
    table = (await client.get(f"{address}/last-ned.csv")).content.decode("utf-8-sig")
    assert "1.4;Dialog og medvirkning;5;5;5;5;15,0;30;Plan for 1.4" in table


async def test_the_next_assessment_begins_with_the_last_and_stands_beside_it(client: Client) -> None:
    """The comparison names the day of the earlier one."""
    first = await begin(client)
    for area in range(1, 9):
        await judge(client, first, area, 0)
    await send(client, f"{first}/utgi")
    second = await begin(client, copy="yes")
    await judge(client, second, 1, 10, seen((await client.get(f"{second}/1")).text))
    page = (await client.get(second)).text
    assert "1. mars 2026" in page
    assert re.search(r"<td class=\"number\">100</td>\s*<td class=\"number\">0</td>", page)


async def test_an_area_keeps_what_was_typed_and_every_saving(client: Client) -> None:
    """Points without a document are refused; going back is a saving of its own; others are not overwritten."""
    address = await begin(client)
    form = {"seen": "0", **four("1.1", 4)}
    wrong = await send(client, f"{address}/1", form)
    assert wrong.status_code == 422
    assert wrong.text.count("1.1 har ingen dokumentasjon som gjelder i dag.") == 2
    assert 'value="4"' in wrong.text
    saved = await send(client, f"{address}/1", {**form, **documented("1.1")})
    assert "6 av 15 poeng" in saved.text
    meanwhile = await send(client, f"{address}/1", {"seen": "0", **four("1.2", 0)})
    assert "Noen andre har lagret området" in meanwhile.text
    first = seen(saved.text)
    emptied = await send(client, f"{address}/1", {"seen": first, "k1_1_remove_0": "yes"})
    assert "6 av 15 poeng" not in emptied.text
    back = await send(client, f"{address}/1/tilbake", {"saving": first})
    assert "6 av 15 poeng" in back.text
    assert back.text.count("<span>søndag 1. mars 2026") == 3


async def test_evidence_is_proposed_from_what_the_system_holds(client: Client) -> None:
    """Declarations, dialogue and results; taken with a tick, it documents the criterion."""
    address = await begin(client)
    page = (await client.get(f"{address}/2")).text
    assert "serviceerklæringer på nettsiden" in page
    assert "Løftet om svar holdt i" in page
    assert "Nettsted for ros, klager og spørsmål" in (await client.get(f"{address}/1")).text
    form = {"seen": "0", **four("2.6", 10), "k2_6_suggested_0": "yes"}
    saved = await send(client, f"{address}/2", form)
    assert saved.status_code == 200
    assert "Hentet fra Svarfrist." in saved.text


async def test_only_those_who_manage_change_what_is_of_the_whole_municipality(client: Client) -> None:
    """Caseworkers and leaders read; residents are sent to the sign-in page."""
    address = await begin(client)
    for person in (CASEWORKER, LEADER):
        signed_in(client, person, NOON)
        assert "Begynn en ny vurdering" not in (await client.get(COMPASS)).text
        assert (await client.get(f"{address}/1")).status_code == 200
    page = (await client.get("/undersokelse/xxxxxx")).status_code
    assert page == 404
    signed_in(client, LEADER, NOON)
    for path in (COMPASS, f"{address}/utgi", SURVEYS, f"{SURVEYS}/import"):
        assert (await send(client, path)).status_code == 403, path
    client.cookies.delete("svarfrist")
    for path in (COMPASS, address, SURVEYS, IMPROVEMENTS, "/innsikt/tilfredshet"):
        assert (await client.get(path, follow_redirects=False)).status_code == 303, path


SURVEY = {
    "title": "Innbyggerundersøkelsen 2026",
    "opens_on": "2026-03-01",
    "closes_on": "2026-03-31",
    "questions": ["trust", "heard"],
}


async def make(client: Client, access: str) -> str:
    """A survey that is open now; its id."""
    response = await send(client, SURVEYS, {**SURVEY, "access": access})
    return response.url.path.rsplit("/", 1)[1]


async def test_a_code_opens_a_survey_once_and_is_forgotten(
    client: Client, database: Database, tmp_path: Path
) -> None:
    """Counted without a trace of who; results when it has closed, with the answer rate."""
    survey = await make(client, "codes")
    public = f"/undersokelse/{survey}"
    given = (await send(client, f"{SURVEYS}/{survey}/koder", {"count": "10"})).content.decode("utf-8-sig")
    codes = [line.split(";")[0] for line in given.splitlines()[1:]]
    assert len(set(codes)) == 10
    beyond = await send(client, f"{SURVEYS}/{survey}/koder", {"count": "0000000010000000"})
    assert beyond.status_code == 422
    client.cookies.delete("svarfrist")
    assert f'value="{codes[0]}"' in (await client.get(f"{public}?kode={codes[0]}")).text

    async def answer(code: str, **said: str) -> httpx.Response:
        return await send(client, public, {**said, "kode": code})

    assert "Skriv koden du fikk." in (await answer("", trust="5")).text
    assert "Svar på minst én påstand." in (await answer(codes[0])).text
    assert "Velg ett av svarene." in (await answer(codes[0], trust="7")).text
    for code in codes[:5]:
        assert "Takk for at du svarte" in (await answer(code.upper(), trust="5", heard="0")).text
    again = await answer(codes[0], trust="1")
    assert again.status_code == 422
    assert "Koden er brukt" in again.text
    async with database.reading() as session:
        tallies = [
            (row.question, row.value, row.count)
            for row in await session.scalars(select(SurveyTally).order_by(SurveyTally.question))
        ]
        unused = await session.scalar(select(func.count()).select_from(SurveyCode))
        assert (await survey_standing.asked(session)).latest(TODAY) is None
    assert tallies == [("", 0, 5), ("trust", 5, 5)]
    assert unused == 5
    signed_in(client, DIRECTOR, NOON)
    open_page = (await client.get(f"{SURVEYS}/{survey}")).text
    assert "Vi viser resultatene når undersøkelsen er avsluttet" in open_page
    write_offset(tmp_path / "clock", datetime(2026, 4, 2, 11, tzinfo=UTC) - datetime.now(UTC))
    closed = (await client.get(public)).text
    assert "50 %" in closed.replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"Jeg har tillit til kommunen\.</th>\s*<td>5</td>\s*<td>5</td>", closed)
    async with database.reading() as session:
        assert (await survey_standing.asked(session)).latest(date(2026, 4, 2)) == date(2026, 3, 31)


async def test_two_who_send_the_same_code_at_once_are_counted_once(
    client: Client, database: Database
) -> None:
    """The database decides who was first."""
    survey = await make(client, "codes")
    public = f"/undersokelse/{survey}"
    given = (await send(client, f"{SURVEYS}/{survey}/koder", {"count": "1"})).content.decode("utf-8-sig")
    code = given.splitlines()[1].split(";")[0]
    said = {"kode": code, "trust": "6"}
    statuses = await asyncio.gather(*(send(client, public, said) for _ in range(4)))
    assert sorted(response.status_code for response in statuses) == [200, 422, 422, 422]
    async with database.reading() as session:
        assert await session.scalar(select(SurveyTally.count).where(SurveyTally.question == "trust")) == 1


async def test_a_survey_by_link_is_changed_and_deleted_only_while_nobody_has_answered(client: Client) -> None:
    """Without a code and without a rate."""
    survey = await make(client, "open")
    public = f"/undersokelse/{survey}"
    changed = await send(
        client, f"{SURVEYS}/{survey}", {**SURVEY, "title": "Ny tittel", "questions": ["service"]}
    )
    assert "Ny tittel" in changed.text
    await send(client, public, {"service": "3"})
    refused = await send(client, f"{SURVEYS}/{survey}", SURVEY)
    assert "Noen har svart. Da kan ikke dette endres." in refused.text
    assert (await send(client, f"{SURVEYS}/{survey}/slett")).status_code == 422
    assert (await client.get(f"{SURVEYS}/{survey}/last-ned.csv")).status_code == 404
    other = await make(client, "open")
    assert (await send(client, f"{SURVEYS}/{other}/slett")).url.path == SURVEYS


async def test_imported_results_are_kept_once_and_refusals_are_named(
    client: Client, database: Database
) -> None:
    """On the page and by the command line's way in; a corrected row corrects."""
    content = "spørsmål;snitt;antall;skala;år\nTillit;4,1;312;6;2025\nTrivsel;9;312;6;2025\n"

    async def bring(text: str) -> str:
        files = {"file": ("resultater.csv", text.encode(), "text/csv")}
        return (await send(client, f"{SURVEYS}/import", {"source": "bedrekommune.no"}, files=files)).text

    page = await bring(content)
    assert "Nye: 1. Endret: 0. Uendret: 0." in page
    assert "Linje 3:" in page
    assert "4,1 av 6" in page
    assert "bedrekommune.no, 1. mars 2026" in page
    assert "Nye: 0. Endret: 0. Uendret: 1." in await bring(content)
    assert "Nye: 0. Endret: 1. Uendret: 0." in await bring(content.replace("4,1", "4,2"))
    assert "Velg en CSV-fil som ikke er tom." in await bring("")
    response = await client.post(
        "/internal/surveys/import?lang=en", content=content.replace("2025", "2024").encode()
    )
    told = response.json()
    assert (told["new"], told["refused"][0]["line"]) == (1, 3)
    assert told["refused"][0]["reason"] == "The mean “9” must be a number from 1 to 6."
    async with database.reading() as session:
        assert (await survey_standing.asked(session)).latest(TODAY) == date(2025, 12, 31)


async def test_improvements_are_counted_published_and_taken_back(client: Client, database: Database) -> None:
    """By the leader of the unit alone; each saving a version; small numbers of cases not told."""
    form = {
        "title": "Brøyting før klokka sju",
        "said": "Mange sa at gangveien ikke var brøytet.",
        "changed": "Vi brøyter skoleveiene først.",
        "unit": "kommunalteknikk",
        "decided_on": "2026-01-10",
        "closed_on": "",
        "cases": "3",
        "published": "yes",
    }
    signed_in(client, SignedIn("leif-strand", "Leif Strand", ("leader",), "sykehjem"), NOON)
    assert (await send(client, IMPROVEMENTS, form)).status_code == 422
    signed_in(client, DIRECTOR, NOON)
    recorded = await send(client, IMPROVEMENTS, form)
    address = recorded.url.path
    year, january = Period.months(2026, 1, 12), Period.months(2026, 1)
    async with database.reading() as session:
        assert (await improvements.closed_of_decided(session, year)).share == 0
        (told,) = await improvements.published(session, january)
    assert (told.title, told.cases, told.closed_on) == (form["title"], None, None)
    await send(client, address, {**form, "closed_on": "2026-02-20", "cases": "12", "seen": "1"})
    stale = await send(client, address, {**form, "title": "Noe annet", "seen": "1"})
    assert "Noen andre har lagret mens du skrev." in stale.text
    async with database.reading() as session:
        assert await improvements.published(session, january) == []
        (told,) = await improvements.published(session, Period.months(2026, 2))
        assert (await improvements.closed_of_decided(session, january)).closed == 0
        of_unit = await improvements.closed_of_decided(session, year, unit="kommunalteknikk")
        elsewhere = await improvements.closed_of_decided(session, year, unit="bibliotek")
    assert told.cases == 12
    public = (await client.get("/resultater?fra=2026-01-01")).text
    assert "Dere sa: Mange sa at gangveien ikke var brøytet." in public
    assert "12 sa fra om dette." in public
    assert (of_unit.closed, of_unit.decided, elsewhere.decided) == (1, 1, 0)
    await send(client, f"{address}/trekk")
    async with database.reading() as session:
        assert await improvements.published(session, year) == []
    assert "gangveien" not in (await client.get("/resultater?fra=2026-01-01")).text
    back = await send(client, f"{address}/tilbake", {"number": "2"})
    assert back.text.count("Eirik Skogheim: Brøyting før klokka sju") == 4
    async with database.reading() as session:
        assert (await improvements.closed_of_decided(session, year)).closed == 1


async def test_who_waits_for_a_saving_sees_what_was_saved(database: Database) -> None:
    """Two who save one improvement at once: the second is told of the first's version, not only let past it."""
    content = dict.fromkeys(("unit", "section", "title", "said", "changed"), "x") | {"decided_on": TODAY}
    said = {**content, "saved_at": NOON, "saved_by": "x", "published": False, "withdrawn": False}
    improvement = UUID(int=1)

    async def saved() -> None:
        async with database.transaction() as tx:
            known = await improvement_store.versions(tx.session, improvement, lock=True)
            await asyncio.sleep(0.05)
            tx.session.add(ImprovementVersion(improvement_id=improvement, number=len(known) + 1, **said))

    await saved()
    await asyncio.gather(saved(), saved())
    async with database.reading() as session:
        found = await improvement_store.versions(session, improvement)
    assert [one.number for one in found] == [3, 2, 1]


async def test_satisfaction_shows_the_figures_of_both_questions_apart(
    client: Client, database: Database
) -> None:
    """The same as the indicators' document, by hand: a mean and how many said so, in a period of all cases."""
    figures = Figures(database, FixedClock(NOON))
    told = (await figures.told(date(2025, 1, 1), TODAY))["satisfaction"]
    page = (await client.get(f"/innsikt/tilfredshet?fra=2025-01-01&til={TODAY}")).text
    for asked, title in (("process", "Møtt underveis, snitt av 5"), ("outcome", "Det de fikk, snitt av 5")):
        n, mean = told[asked]["n"], told[asked]["mean"]
        assert n > 0
        shown = f"{round(mean, 1):g}".replace(".", ",")
        assert re.search(
            rf'<dt>{title}</dt>\s*<dd class="key-figure__value">{shown}</dd>\s*'
            rf'<dd class="key-figure__note">{n} har svart</dd>',
            page,
        )


async def test_satisfaction_is_by_the_organisation_that_was_chosen(client: Client) -> None:
    """By the organisation of now a unit's answers stand in the section that has it today."""
    asked = "/innsikt/tilfredshet/last-ned.csv?fra=2025-01-01&til=2026-03-01&etter=seksjon"

    async def sections(more: str) -> set[str]:
        file = (await client.get(asked + more)).content.decode("utf-8-sig")
        return {line.split(";")[0] for line in file.splitlines()[1:]}

    assert "teknisk" in await sections("")
    now = await sections("&organisasjon=na")
    assert "teknisk" not in now
    assert "Sørum kommunalteknikk KF" in now


async def test_a_character_no_database_can_hold_is_the_visitors_fault(client: Client) -> None:
    """Not ours: in an address, in a form and in what is kept as JSON it is a request we do not understand."""
    for address in (
        "/innsikt?seksjon=%00",
        "/innsikt/saker?tall=mottatt&tema=a%00",
        "/undersokelse/%00",
        "/innsikt/undersokelser/%00",
    ):
        assert (await client.get(address)).status_code == 400
    improvement = {"title": "a\0", "said": "b", "changed": "c", "unit": "kommunalteknikk"}
    refused = await send(client, IMPROVEMENTS, {**improvement, "decided_on": "2026-02-01"})
    assert refused.status_code == 400
    begun = await send(client, COMPASS, {"version": "2010", "method": "self"})
    form = {**four("1.1", 5), **documented("1.1"), "k1_1_note": "\0", "seen": "0"}
    assert (await send(client, f"{begun.url.path}/1", form)).status_code == 400


async def test_every_page_is_there_in_every_language(client: Client) -> None:
    """Empty and filled, signed in as who may write."""
    compass, survey = await begin(client), await make(client, "codes")
    paths = (
        COMPASS,
        f"{COMPASS}/eksempel",
        compass,
        f"{compass}/2",
        SURVEYS,
        f"{SURVEYS}/{survey}",
        f"/undersokelse/{survey}",
        f"/undersokelse/{survey}/takk",
        IMPROVEMENTS,
        "/innsikt/tilfredshet?periode=i-ar",
        "/innsikt/tilfredshet?periode=i-ar&etter=enhet",
    )
    for path in paths:
        for language in ("nb", "nn", "en"):
            response = await client.get(path, params={"lang": language} if "?" not in path else None)
            assert response.status_code == 200, path
    assert (await client.get("/innsikt/tilfredshet/last-ned.csv?periode=i-ar")).status_code == 200
