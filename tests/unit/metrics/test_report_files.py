"""The same report in words, as PDF, spreadsheet, CSV and JSON, and for everybody."""

import csv
import io
import json
import re
import zlib
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from services.metrics.manual.store import ScopeKind
from services.metrics.reports.model import Figure, InternalControl, Report
from services.metrics.reports.pdf import pdf
from services.metrics.reports.periods import ReportKind
from services.metrics.reports.public import public
from services.metrics.reports.sheets import COLUMNS, as_csv, as_xlsx
from services.metrics.reports.words import told
from services.metrics.targets import Light
from shared.web.i18n import Wording
from tests.unit.metrics.a_report import (
    BOKMAL,
    CATALOGUE,
    EXAMPLE,
    WROTE,
    compared,
    count,
    days,
    line,
    report,
    share,
)


def plainly(text: str) -> str:
    """Without the blanks that do not break."""
    return text.replace("\xa0", " ")


def test_the_first_page_says_what_matters() -> None:
    """The conclusion, then at most five figures with the promise first and the worst next, then what is done."""
    words = told(EXAMPLE, BOKMAL)
    assert words.title == "Tertialrapport for 2. tertial 2026"
    assert [plainly(sentence) for sentence in words.conclusion] == [
        "Vi holdt 76 % av løftene til innbyggerne. Målet på 90 % er ikke nådd.",
        "Det er 6 prosentpoeng mer enn forrige tertial.",
        "Vi har nådd 1 av 5 mål vi har målt.",
        "1 mål er ikke målt.",
    ]
    figures = [(figure.name, plainly(figure.value), figure.light.words) for figure in words.key_figures]
    assert figures == [
        ("Løfter holdt", "76 %", "Ikke nådd"),
        ("Saker over frist", "6", "Ikke nådd"),
        ("Tjenestesteder med brukerarena", "95 %", "Nær målet"),
        ("Svartid, median", "2,2 dager", "Nådd"),
    ]
    assert [plainly(figure.target) for figure in words.key_figures][:2] == ["minst 90 %", "høyst 0"]
    assert [one.action for one in words.actions] == ["To lag deler sakene.", "", ""]


def test_each_light_shows_its_rule_and_each_entered_value_its_source() -> None:
    """In words, in every language."""
    words = told(EXAMPLE, BOKMAL)
    lines = {one.name: one for one in words.capitals[0].places[0].lines}
    assert plainly(lines["Løfter holdt"].rule) == "Grønn: minst 90 %. Gul: minst 80 %. Rød: under 80 %."
    assert (
        plainly(lines["Svartid, median"].rule)
        == "Grønn: høyst 3 dager. Gul: høyst 4 dager. Rød: over 4 dager."
    )
    assert lines["Tjenestesteder med brukerarena"].source == "Kilde: Telling, 31. aug. 2026"
    assert lines["Måneder siden siste innbyggerundersøkelse"].light.words == "Ikke målt"
    for language in ("nn", "en"):
        assert told(EXAMPLE, Wording(CATALOGUE, language)).key_figures[0].light.words


def test_a_report_says_whether_it_may_be_told_to_everybody() -> None:
    """Case papers of a committee are public: what tells of few people must not stray into them."""
    assert told(EXAMPLE, BOKMAL).audience.startswith("Intern utgave")
    assert "er skjult" in told(public(EXAMPLE), BOKMAL).audience
    monthly = EXAMPLE.model_copy(update={"kind": ReportKind.MONTHLY, "number": 8})
    assert told(monthly, BOKMAL).audience.startswith("Bare til bruk i kommunen")


def texts_of(document: bytes) -> bytes:
    """A PDF with its compressed streams unpacked, to look for marks in."""
    unpacked = [document]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", document, re.DOTALL):
        try:
            unpacked.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return b"\n".join(unpacked)


def test_the_pdf_is_tagged_and_says_that_it_is_accessible() -> None:
    """PDF/UA-1: a marked structure tree with headings, tables and a described figure, language, title, fonts."""
    told_ = told(EXAMPLE, BOKMAL)
    at = EXAMPLE.made_at
    document = pdf(told_, at=at)
    assert document.startswith(b"%PDF-1.7")
    inside = texts_of(document)
    for mark in (
        b"/MarkInfo",
        b"/StructTreeRoot",
        b"/Lang",
        b"/FontFile",
        b"/TH",
        b"/H1",
        b"/Figure",
        b"/Alt",
    ):
        assert mark in inside, mark
    assert re.search(rb"pdfuaid:part[>=\"']+1", inside)
    assert b"DisplayDocTitle" in inside
    assert pdf(told_, at=at) == document


def test_a_pdf_of_a_period_without_any_before_it_has_no_empty_table() -> None:
    """In a municipality that has just begun there is no development to show."""
    full = told(EXAMPLE, BOKMAL)
    begun = replace(full, trend=replace(full.trend, rows=[]), trend_shares=[])
    tables = [re.findall(rb"/S\s*/Table\b", texts_of(pdf(one, at=EXAMPLE.made_at))) for one in (full, begun)]
    assert len(tables[0]) - len(tables[1]) == 1


def test_numbers_are_numbers_in_every_file() -> None:
    """The spreadsheet read back, the CSV and the JSON hold the same figures as the model."""
    lines = [one for _, one in EXAMPLE.lines]
    now = [one.now.value for one in lines]
    rows = list(csv.DictReader(io.StringIO(as_csv(EXAMPLE, BOKMAL).decode())))
    assert tuple(rows[0]) == (*COLUMNS, "invented")
    assert {row["invented"] for row in rows} == {"false"}
    assert [float(row["now"]) if row["now"] else None for row in rows] == now
    book = load_workbook(io.BytesIO(as_xlsx(EXAMPLE, BOKMAL)))
    first, sheet = book.worksheets[:2]
    assert first["A1"].value == "Tertialrapport for 2. tertial 2026: Lillevik kommune"
    assert "Utgitt onsdag 16. september 2026 av Siri Vik." in [cell.value for cell in first["A"]]
    place = COLUMNS.index("now") + 1
    assert [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)] == pytest.approx(now)
    assert sheet.cell(2, place).number_format == "0.0%"
    assert sheet.cell(1, place).font.bold
    assert sheet.freeze_panes == "B2"
    assert [one.title for one in book.worksheets[2:]] == ["Utviklingen", "Tjenesteområdene"]
    assert book.worksheets[2].max_row == 7
    document = json.loads(EXAMPLE.model_dump_json())
    told_ = document["capitals"][0]["places"]
    assert [one["now"]["value"] for part in told_ for one in part["lines"]] == now
    assert Report.model_validate_json(EXAMPLE.model_dump_json()) == EXAMPLE


def test_invented_figures_are_marked_in_print() -> None:
    """The printed report has the page's words, in what is shown and in what it says of itself."""
    made_up = EXAMPLE.model_copy(update={"invented": True})
    words = told(made_up, BOKMAL)
    assert words.invented.startswith("Oppdiktede tall. ")
    assert told(EXAMPLE, BOKMAL).invented == ""
    at = EXAMPLE.made_at
    plain, marked = (texts_of(pdf(one, at=at)) for one in (told(EXAMPLE, BOKMAL), words))
    assert words.invented.encode() in marked
    assert b"Oppdiktede" not in plain
    # Each page has the notice at its foot, drawn as text of its own.
    drawn, pages = (marked.count(b" Tf") - plain.count(b" Tf"), len(re.findall(rb"/Type/Page\b", marked)))
    assert drawn > pages > 1


def test_words_that_look_like_a_formula_stay_words() -> None:
    """A spreadsheet would otherwise carry out what somebody wrote."""
    wrote = EXAMPLE.lines[0][1].explanation
    assert wrote
    evil = wrote.model_copy(update={"why": '=HYPERLINK("http://x.example")'})
    made = report((line("promise_kept", share(7, 10), 0.9, 0.1, explanation=evil),))
    row = next(iter(csv.DictReader(io.StringIO(as_csv(made, BOKMAL).decode()))))
    assert row["why"].startswith("'=")


def test_everybody_is_told_nothing_of_fewer_than_five() -> None:
    """A small count is hidden, and so is the next place, since the whole minus the rest would tell it."""
    told_ = public(
        report(
            (line("promise_kept", share(80, 100), 0.9, 0.1),),
            {
                "Skole": (line("promise_kept", share(2, 3), 0.9, 0.1),),
                "Kultur": (line("promise_kept", share(20, 27), 0.9, 0.1),),
            },
            (compared("Skole", 2, 3), compared("Kultur", 20, 27), compared("Vei", 58, 70)),
        )
    )
    lines = {place.name: one for place, one in told_.lines}
    assert lines["Lillevik kommune"].now == share(80, 100)
    for name in ("Skole", "Kultur"):
        assert (lines[name].now.hidden, lines[name].now.value, lines[name].light) == (
            True,
            None,
            Light.NO_VALUE,
        )
    beside = {one.name: one.figures for one in told_.compared}
    assert beside["Vei"]["promise_kept"] == share(58, 70)
    assert beside["Skole"]["received"].hidden
    assert beside["Kultur"]["received"].hidden
    assert "skjult" in told(told_, BOKMAL).capitals[0].places[1].lines[0].now
    sheet = load_workbook(io.BytesIO(as_xlsx(told_, BOKMAL)))["Tjenesteområdene"]
    assert [cell.value for cell in sheet[2]][:3] == ["Skole", "skjult", "skjult"]


def test_few_broken_promises_are_told_as_a_share_that_holds_for_any_of_them() -> None:
    """98 of 100 and 99 of 100 look the same, and are on target; the explanation would tell more."""
    several = [public(report((line("promise_kept", share(kept, 100), 0.9, 0.1),))) for kept in (96, 99)]
    assert several[0].capitals == several[1].capitals
    (_, one) = several[0].lines[0]
    assert (one.now.at_least, one.light) == (0.96, Light.GREEN)
    assert plainly(told(several[0], BOKMAL).key_figures[0].value) == "minst 96 %"
    row = next(iter(csv.DictReader(io.StringIO(as_csv(several[0], BOKMAL).decode()))))
    assert (row["now"], row["at_least"]) == ("", "0.96")


def test_everybody_reads_a_report_without_targets() -> None:
    """What is hidden does not say that a target was missed or not measured; where targets are set is for staff."""
    made = report((line("promise_kept", share(99, 100)), line("interim_in_time", share(98, 100))))
    words = told(public(made), BOKMAL)
    assert [(figure.name, plainly(figure.value)) for figure in words.key_figures] == [
        ("Løfter holdt", "minst 96 %")
    ]
    assert {one.light.words for one in words.capitals[0].places[0].lines} == {"Mål ikke satt"}
    assert (words.conclusion[-1][:22], words.where_targets) == ("Det er ikke satt mål f", "")


def test_what_is_not_of_cases_is_told_as_it_is() -> None:
    """Three places with an arena, and no survey, are nobody's secret; three overdue cases are."""
    told_ = public(
        report((line("arenas_share", share(3, 4), 1.0, 0.1), line("backlog_overdue", count(3), 0, 5), line("response_median", days(2.0), 3, 1)))
    )  # fmt: skip
    hidden = {one.measure: one.now.hidden for _, one in told_.lines}
    assert hidden == {"arenas_share": False, "backlog_overdue": True, "response_median": False}


def of_a_year(parts: tuple[tuple[int, int], ...]) -> Report:
    """A report with the tertials of its year, and three of the year before that hide nothing."""
    tertials = (*[(40, 50)] * 3, *parts)
    whole = line("promise_kept", share(240, 300), 0.9, 0.1)
    school, road = compared("Skole", 80, 100), compared("Vei", 160, 200)
    return report(
        (whole.model_copy(update={"parts": tuple(share(2 * kept, 2 * due) for kept, due in tertials)}),),
        beside=(
            school.model_copy(update={"parts": tuple(compared("", *one).figures for one in tertials)}),
            road.model_copy(update={"parts": tuple(compared("", *one).figures for one in tertials)}),
        ),
    )


def test_a_year_hides_what_one_of_its_tertials_hides() -> None:
    """The year minus the other two would tell it, of the whole as of each section beside the others."""
    clear = public(of_a_year(((40, 50), (30, 40), (38, 60))))
    assert not clear.lines[0][1].now.hidden
    assert not any(one.figures["promise_kept"].hidden for one in clear.compared)
    small = public(of_a_year(((40, 50), (1, 2), (38, 60))))
    assert small.lines[0][1].now.hidden
    assert all(
        one.figures["promise_kept"].hidden and one.figures["received"].hidden for one in small.compared
    )
    assert not any(one.last_year["promise_kept"].hidden for one in small.compared)
    assert small.lines[0][1].parts == ()


def test_cases_in_no_section_are_not_told_by_the_sections_and_the_whole() -> None:
    """The development tells how many the whole received: minus the sections' it would tell of three cases."""
    beside = (compared("Skole", 50, 60), compared("Kultur", 30, 40), compared("Vei", 58, 70))

    def told_of(received: int) -> set[str]:
        whole = {**compared("", 138, 170).figures, "received": count(received)}
        made = report((line("promise_kept", share(138, 170)),), beside=beside)
        trend = (*made.trend[:-1], made.trend[-1].model_copy(update={"figures": whole}))
        told_ = public(made.model_copy(update={"trend": trend}))
        return {one.name for one in told_.compared if not one.figures["received"].hidden}

    assert told_of(170) == {"Skole", "Kultur", "Vei"}
    assert told_of(173) == {"Skole", "Vei"}


def test_kinds_are_told_where_the_results_page_tells_them() -> None:
    """Praise and complaints of what came in would tell of two questions; and a section's are never told."""
    kinds = {"praise": 20, "complaint": 60, "question": 2, "appeal": 0, "other": 0}
    ratio = Figure(value=1 / 3, n=20, of=60, kinds=kinds)
    made = report((line("praise_to_complaints", ratio),))
    assert public(made).lines[0][1].now.hidden
    plenty = ratio.model_copy(update={"kinds": {**kinds, "question": 30}})
    in_school = {"Skole": (line("praise_to_complaints", plenty),)}
    whole, school = (
        one for _, one in public(report((line("praise_to_complaints", plenty),), in_school)).lines
    )
    assert (whole.now.n, whole.now.of, whole.now.kinds) == (20, 60, None)
    assert school.now.hidden


def test_what_is_told_of_the_same_cases_is_hidden_together() -> None:
    """The slowest answers of a section have the count that its median hides."""
    slow = {
        name: (line("response_p90", days(9.0, n)),) for name, n in (("Skole", 3), ("Kultur", 27), ("Vei", 70))
    }
    beside = (compared("Skole", 2, 3), compared("Kultur", 20, 27), compared("Vei", 58, 70))
    told_ = public(report((line("response_p90", days(9.0, 100)),), slow, beside))
    median = {one.id for one in told_.compared if one.figures["response_median"].hidden}
    assert median == {place.id for place, one in told_.lines if one.now.hidden} == {"skole", "kultur"}


def test_internal_control_tells_nothing_that_the_year_hides() -> None:
    """Few kept are told by due and broken, few answered late by broken and waiting; and a tertial's few."""

    def control(due: int, broken: int, waiting: int) -> InternalControl:
        return InternalControl(
            due=due, broken=broken, open_overdue=waiting, undelivered=0, dead_letters=0,
            declarations_outdated=0, corrections=0,
        )  # fmt: skip

    made = report((line("promise_kept", share(80, 100)),))
    for few in (control(100, 98, 0), control(100, 20, 17)):
        assert public(made.model_copy(update={"internal_control": few})).internal_control is None
    plenty = control(300, 60, 0)
    for year, expected in (
        (of_a_year(((40, 50),) * 3), plenty),
        (of_a_year(((40, 50), (1, 2), (38, 60))), None),
    ):
        assert public(year.model_copy(update={"internal_control": plenty})).internal_control == expected


def test_the_lines_of_a_place_are_not_those_of_the_places_under_it() -> None:
    """A section's indicator is not the municipality's, though it stands in the municipality's report."""
    of_section = report(
        (line("promise_kept", share(76, 100)),), {"Skole": (line("arenas_share", share(4, 5)),)}
    )
    assert [one.measure for one in of_section.own_lines] == ["promise_kept"]


def test_a_year_is_beside_the_year_before_once() -> None:
    """Which is both the period before and the same last year; it prints with one column fewer."""
    year = of_a_year(((40, 50),) * 3).model_copy(update={"kind": ReportKind.ANNUAL, "number": 1})
    words = told(year, BOKMAL)
    assert words.columns == ("target", "before", "now")
    assert told(EXAMPLE, BOKMAL).columns == ("target", "before", "last_year", "now")
    assert pdf(words, at=year.made_at).startswith(b"%PDF-1.7")


def test_a_draft_says_that_it_is_one_and_a_correction_why() -> None:
    """Above everything else."""
    assert told(EXAMPLE, BOKMAL).standing == "Utgitt onsdag 16. september 2026 av Siri Vik."
    draft = EXAMPLE.model_copy(update={"version": 0, "issued_at": None})
    assert told(draft, BOKMAL).standing.startswith(
        "Utkast. Tallene gjelder til og med mandag 31. august 2026"
    )
    corrected = EXAMPLE.model_copy(update={"version": 2, "reason": "Feil tall for Skole."})
    assert told(corrected, BOKMAL).standing.endswith("Rettet fordi: Feil tall for Skole.")


def test_a_report_in_english_names_its_months() -> None:
    """Nobody outside Norway knows which months a tertial has."""
    words = told(EXAMPLE, Wording(CATALOGUE, "en"))
    assert words.title == "Four-month report for May–August 2026"
    assert words.conclusion[1] == "That is 6 percentage points more than in the previous four-month period."


def test_what_a_simulation_wrote_says_that_nobody_did() -> None:
    """By whom it was issued and explained, in the reader's words."""
    wrote = WROTE.model_copy(update={"by": "svarfrist simulate 2026"})
    made = report((line("promise_kept", share(70, 100), 0.9, 0.1, explanation=wrote),))
    words = told(made.model_copy(update={"issued_by": "svarfrist simulate 2026"}), BOKMAL)
    assert words.standing.endswith("av en oppdiktet person (svarfrist simulate 2026).")
    assert words.actions[0].by.startswith("Skrevet av en oppdiktet person (svarfrist simulate 2026), ")


def test_a_measure_that_is_neither_good_nor_bad_is_not_judged() -> None:
    """Its target is shown, and it is not said that there is none."""
    made = report((line("appeals_received", count(12), 10.0), line("backlog_open", count(9))))
    lines = told(made, BOKMAL).capitals[0].places[0].lines
    assert [(one.target, one.light.words) for one in lines] == [
        ("10", "Vurderes ikke"),
        ("–", "Mål ikke satt"),
    ]


def test_a_target_of_a_year_says_of_what_it_is_a_part() -> None:
    """In the traffic light's rule; the period is held to its share."""
    suggestions = line("suggestions_received", count(130), 233.0, 33.0)
    made = report((suggestions.model_copy(update={"year_target": 700.0}),))
    rule = told(made, BOKMAL).capitals[0].places[0].lines[0].rule
    assert rule.endswith("Rød: under 200. Årets mål er 700; her er periodens del av det.")


def test_the_first_page_names_the_places_far_from_their_targets() -> None:
    """Those near them, and those that reach them, it leaves to the pages behind; so it does of a part."""
    low, near = line("promise_kept", share(57, 81), 0.9, 0.1), line("promise_kept", share(24, 29), 0.9, 0.1)
    whole = line("promise_kept", share(81, 110), 0.9, 0.1)
    words = told(report((whole,), {"Skole": (low,), "Barnehage": (near,)}), BOKMAL)
    assert [(one.title, plainly(one.value), one.light.words) for one in words.below] == [
        ("Løfter holdt – Skole", "70 %", "Ikke nådd")
    ]


def test_everybody_is_not_told_that_all_is_reached_where_nothing_is_explained() -> None:
    """Only explained measures are told of outside; what is off target is off target nevertheless."""
    words = told(public(report((line("promise_kept", share(57, 81), 0.9, 0.1),))), BOKMAL)
    assert (words.actions, words.all_reached) == ([], False)


def test_a_development_begins_when_something_was_received() -> None:
    """The years before Svarfrist are no zeros."""
    points = list(EXAMPLE.trend)
    empty = {name: Figure() for name in points[0].figures} | {"received": count(0)}
    began = EXAMPLE.model_copy(
        update={
            "trend": (*(point.model_copy(update={"figures": empty}) for point in points[:4]), *points[4:])
        }
    )
    words = told(began, BOKMAL)
    assert [row[0] for row in words.trend.rows] == ["1. tertial 2026", "2. tertial 2026"]
    assert len(words.trend_shares) == 2


def test_a_committees_report_has_its_sections_figures_on_the_first_page() -> None:
    """Promises are counted together; what has its own target in each section is told by section."""
    school = (line("promise_kept", share(57, 81), 0.9, 0.1), line("response_median", days(2.5), 3.0, 1.0))
    nursery = (line("promise_kept", share(28, 29), 0.9, 0.1),)
    whole = report((), {"Skole": school, "Barnehage": nursery})
    together = [
        point.model_copy(
            update={"figures": {**point.figures, "promise_kept": kept, "response_median": Figure()}}
        )
        for point, kept in zip(whole.trend[-2:], (share(99, 110), share(85, 110)), strict=True)
    ]
    words = told(
        whole.model_copy(
            update={
                "place_kind": ScopeKind.COMMITTEE,
                "place": "utvalg-for-oppvekst",
                "place_name": "Utvalg for oppvekst",
                "trend": tuple(together),
                "capitals": (whole.capitals[0].model_copy(update={"places": whole.capitals[0].places[1:]}),),
            }
        ),
        BOKMAL,
    )
    assert [plainly(one) for one in words.conclusion] == [
        "Vi holdt 77 % (85 av 110) av løftene til innbyggerne i tjenesteområdene utvalget har ansvar for.",
        "Det er 13 prosentpoeng mindre enn forrige tertial.",
        "Vi har nådd 2 av 3 mål vi har målt.",
    ]
    assert [(one.name, plainly(one.value)) for one in words.key_figures] == [
        ("Løfter holdt – Skole", "70 %"),
        ("Løfter holdt – Barnehage", "97 %"),
        ("Svartid, median – Skole", "2,5 dager"),
    ]
    assert words.trend.headings == ["Periode", "Mottatt", "Løfter holdt"]
    assert not words.below
