"""What dashboards say in words of figures that are made up for it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from services.metrics.dashboard import Insight
from services.metrics.development import course
from services.metrics.frame import DEFAULT, Page, frame
from services.metrics.indicators import (
    Backlog,
    Dimension,
    Handover,
    Indicators,
    Promise,
    Received,
    Response,
    Satisfaction,
    Trend,
)
from services.metrics.names import Names
from services.metrics.overview import Overview
from services.metrics.periods import Period
from services.metrics.selection import Selection
from services.metrics.tables import Row, Shows, Table
from shared.catalogue import Catalogue
from shared.municipality import load
from shared.web.i18n import Wording

TODAY = date(2026, 3, 10)
FEBRUARY = Period.months(2026, 2)
METRICS = Path(__file__).parents[3] / "services" / "metrics"
SAY = Wording(Catalogue(METRICS / "texts", METRICS / "satisfaction" / "texts"), "nb")
ENGLISH = Wording(SAY.texts, "en")
NAMES = Names(load("sorum"), SAY)


def figures(
    kept: int = 0,
    due: int = 0,
    *,
    median: float | None = None,
    received: int = 0,
    overdue: int = 0,
    due_soon: int = 0,
    oldest: int = 3,
) -> Indicators:
    """Indicators of which only this is so."""
    return Indicators(
        promise=Promise(due=due, kept=kept),
        response=Response(n=due, median=median, p90=median),
        received=Received(complaint=received),
        backlog=Backlog(
            TODAY, open=overdue, overdue=overdue, due_soon=due_soon, oldest_days=oldest if overdue else None
        ),
        handover=Handover(),
        satisfaction=Satisfaction(),
    )


def overview(
    now: Indicators, before: Indicators, groups: dict[str | None, Indicators] | None = None
) -> Overview:
    """February, divided by section."""
    insight = Insight(Selection(FEBRUARY, by=Dimension.SECTION), TODAY, now, before, figures(), groups or {})
    return Overview(insight, NAMES, SAY)


def change(name: str, now: Indicators, before: Indicators) -> str:
    """What is said of the change of a key figure."""
    (figure,) = [one for one in overview(now, before).key_figures() if one.name == name]
    return figure.change.replace("\xa0", " ")


def test_a_change_in_few_cases_may_be_chance_and_one_in_many_is_more() -> None:
    """The same ten points, of 20 and of 2,000."""
    few = change("promise", figures(16, 20), figures(14, 20))
    assert few == "10 prosentpoeng høyere enn i forrige periode (70 %), men det kan være tilfeldig."
    many = change("promise", figures(1400, 2000), figures(1600, 2000))
    assert many == "10 prosentpoeng lavere enn i forrige periode (80 %), mer enn tilfeldigheter forklarer."


def test_what_cannot_be_compared_is_not() -> None:
    """Nothing before, nothing now, and no difference."""
    assert change("received", figures(received=12), figures()) == "Ingen tall fra forrige periode."
    assert change("promise", figures(16, 20), figures()) == "Ingen tall fra forrige periode."
    assert change("promise", figures(), figures(16, 20)) == "80 % i forrige periode."
    assert change("promise", figures(16, 20), figures(8, 10)) == "Som i forrige periode (80 %)."
    assert change("response", figures(1, 1, median=2.0), figures()) == "Ingen tall fra forrige periode."


def test_the_change_is_the_one_between_the_two_figures_shown() -> None:
    """Each is rounded for itself, so their difference is too: 88.6 and 90.4 are shown as 89 and 90."""
    rounded = change("promise", figures(452, 500), figures(443, 500))
    assert rounded == "1 prosentpoeng høyere enn i forrige periode (89 %), men det kan være tilfeldig."
    alike = change("promise", figures(894, 1000), figures(886, 1000))
    assert alike == "Som i forrige periode (89 %)."
    almost = change("promise", figures(999, 1000), figures(1000, 1000))
    assert almost == "100 % i forrige periode."
    (english,) = [
        one.change
        for one in replace(
            overview(figures(452, 500), figures(443, 500)), say=Wording(SAY.texts, "en")
        ).key_figures()
        if one.name == "promise"
    ]
    assert english == "1 percentage point higher than in the previous period (89%), but that may be chance."
    longer = change("response", figures(1, 1, median=2.44), figures(1, 1, median=2.36))
    assert longer == "Som i forrige periode (2,4 dager)."


def test_counts_and_days_say_how_much() -> None:
    """More, fewer, longer, shorter."""
    assert (
        change("received", figures(received=12), figures(received=5)) == "7 flere enn i forrige periode (5)."
    )
    assert change("overdue", figures(overdue=1), figures(overdue=3)) == "2 færre enn i forrige periode (3)."
    assert change("overdue", figures(overdue=2), figures(overdue=1)) == "1 mer enn i forrige periode (1)."
    assert change("overdue", figures(overdue=1), figures(overdue=2)) == "1 mindre enn i forrige periode (2)."
    longer = change("response", figures(1, 1, median=3.5), figures(1, 1, median=2.0))
    assert longer == "1,5 dager lengre enn i forrige periode (2 dager)."


def test_attention_goes_to_overdue_cases_and_to_sections_below_the_whole_beyond_chance() -> None:
    """With where they are; a section with few cases is not pointed at, nor one that chance explains."""
    groups = {
        "kultur": figures(40, 100, overdue=2),
        "skole": figures(0, 5),
        "plan-og-utbygging": figures(70, 100),
        None: figures(overdue=1),
    }
    told = [
        one.words
        for one in overview(figures(150, 200, overdue=3, oldest=31), figures(), groups).attention([])
    ]
    assert told[0].startswith("3 åpne saker er over frist: Kultur")
    assert "Den eldste åpne saken har ventet i 31 dager." in told
    assert "1 åpen sak er ikke fordelt til noe tjenesteområde." in told
    assert told[-1].startswith("Disse holder en mindre andel av løftene enn helheten (75")
    assert told[-1].endswith("forklarer: Kultur.")


def test_nothing_to_see_to_says_nothing() -> None:
    """But what the newest month signals."""
    calm = overview(figures(9, 10), figures(9, 10))
    assert calm.attention([]) == []
    assert [one.words for one in calm.attention(["Signal."])] == ["Signal."]


def months(shares: list[int | None]) -> list[Trend]:
    """Months with so many of twenty promises kept; None has three cases alone, none of them kept."""
    return [
        Trend(
            part=Period.months(2024, 1 + place),
            promise=Promise(due=3) if kept is None else Promise(due=20, kept=kept),
            response=Response(),
            received=Received(),
        )
        for place, kept in enumerate(shares)
    ]


def test_noise_is_said_to_be_noise() -> None:
    """Whatever it looks like; a month with three cases is no point."""
    told = course("loefter-holdt", months([16, 18, None, 17, 15, 18, 16, 17]), Selection(FEBRUARY), SAY)
    assert told.verdict == "Ingen endring ut over det tilfeldige."
    assert "Foreløpige grenser, regnet av 7 måneder." in told.limits
    assert told.chart.rows[2][1] == "–"
    assert not told.newest


def test_a_signal_is_named_with_its_month_and_the_newest_is_known() -> None:
    """The last first."""
    told = course(
        "loefter-holdt", months([16, 18, 17, 15, 18, 16, 17, 16, 17, 18, 16, 17, 3]), Selection(FEBRUARY), SAY
    )
    assert told.verdict == "Signal: Løfter holdt i jan. 2025 ligger under grensen for tilfeldig variasjon."
    assert told.newest == [told.verdict]
    assert told.chart.rows[-1][2] == "signal"
    assert "de ligger fast" in told.limits


def test_few_months_say_that_they_are_few() -> None:
    """No limits, and no verdict out of thin air."""
    told = course("svartid", months([16, 18]), Selection(FEBRUARY), SAY)
    assert told.verdict.startswith("For få måneder")
    assert told.limits == ""


def test_a_selection_is_the_same_from_its_own_address() -> None:
    """Periods by name and by days, every dimension, division and organisation."""
    for query in (
        "periode=2026-11",
        "periode=2026-T3&enhet=bibliotek",
        "periode=2025&seksjon=kultur&etter=kanal",
        "fra=2026-01-05&til=2026-01-09&kanal=phone&organisasjon=na",
        "periode=siste-30-dager&tema=bibliotek",
    ):
        given = dict(pair.split("=") for pair in query.split("&"))
        selection = Selection.read(given, TODAY, DEFAULT)
        assert selection.query() == query


def test_a_period_that_there_is_not_is_a_fault() -> None:
    """Nobody takes the last thirty days for the fourth tertial."""
    asked = Selection.read({"periode": "2026-T4", "enhet": "bibliotek"}, TODAY, DEFAULT)
    assert SAY.tell(asked.faults["fra"]).startswith("Ingen periode heter «2026-T4».")
    assert not Selection.read({}, TODAY, DEFAULT).faults


def test_a_unit_of_another_system_is_no_formula_in_a_file() -> None:
    """An archive may call its units what it likes: a spreadsheet must not carry it out."""
    table = Table("enhet", "Enheter", [("Enhet", Shows.WORDS)], [Row(['=HYPERLINK("http://x.example")'])])
    assert table.as_csv(SAY).splitlines()[1].startswith(b"\"'=")


def test_what_is_due_soon_is_seen_from_the_evening_the_figures_are_of() -> None:
    """Today in a period that goes on; of one that is over, the day after it."""
    over = overview(figures(due_soon=2), figures())
    assert over.attention([])[0].words.startswith("2 saker hadde frist dagen etter perioden")
    going_on = replace(over, insight=replace(over.insight, selection=Selection(Period.months(2026, 3))))
    assert going_on.attention([])[0].words.startswith("2 saker har frist i dag")


def test_last_years_period_is_named_only_where_it_had_figures() -> None:
    """A note about figures that are not on the page sends the reader looking for them."""
    without = overview(figures(received=12), figures(received=5))
    assert without.compared_with() == "Sammenliknet med januar 2026."
    with_it = replace(without, insight=replace(without.insight, last_year=figures(received=3)))
    assert with_it.compared_with() == (
        "Sammenliknet med januar 2026. Tallene fra i fjor gjelder februar 2025."
    )


def test_a_unit_says_which_teams_its_figures_are_with() -> None:
    """And leads to each: a team is a unit of its own too."""
    chosen = Selection(FEBRUARY, chosen={Dimension.UNIT: "skolekontoret"})
    teams = frame(Page.OVERVIEW, chosen, NAMES, SAY, TODAY)["teams"]
    assert teams["of"] == "Skolekontoret"
    assert [address for _, address in teams["units"]] == [
        f"?periode=2026-02&enhet={unit.id}"
        for unit in load("sorum").units.values()
        if unit.part_of == "skolekontoret"
    ]
    assert len(teams["units"]) > 1
    assert frame(Page.OVERVIEW, Selection(FEBRUARY), NAMES, SAY, TODAY)["teams"] is None
