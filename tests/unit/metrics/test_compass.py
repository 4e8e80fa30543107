"""The Kommunekompass's rules: points, sums from raw scores, documents, and the form of an area."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.metrics.compass import area_form, telling
from services.metrics.compass.judging import SIDES, Evidence, Judgement, Method, Sheet, points_of
from services.metrics.compass.versions import versions
from shared.catalogue import Catalogue
from shared.web.i18n import Wording

TODAY = date(2026, 11, 16)
V2010 = versions()["2010"]
AREA_1, AREA_2 = V2010.areas[:2]
PLAN = V2010.criteria["1.1"]
IN_FORCE = Evidence(title="Kommuneplanen", in_force=date(2025, 1, 1))
COMING = Evidence(title="Ny plan", in_force=date(2027, 1, 1))

LILLEHAMMER = {1: "33.3", 2: "28.7", 3: "65.5", 4: "54.9", 5: "59.6", 6: "52.1", 7: "48.9", 8: "67.1"}


def four(value: int | None, **more: object) -> Judgement:
    """The same from all four sides."""
    return Judgement.model_validate({**dict.fromkeys(SIDES, value), **more})


def typed(**fields: str) -> dict[str, str]:
    """A form of area 1 with these fields of criterion 1.1, everything else empty."""
    return {f"k1_1_{name}": value for name, value in fields.items()}


def read(form: Mapping[str, str], method: Method = Method.SELF, **known: Judgement) -> area_form.AreaForm:
    """The form of area 1 as read today."""
    return area_form.read(
        form, AREA_1, method, {name.replace("_", "."): one for name, one in known.items()}, {}, TODAY
    )


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_an_indicator_of_a_criterion_is_called_what_the_criterion_is(language: str) -> None:
    """The four criteria of the balance sheet: one thing has one name on every page."""
    say = Wording(Catalogue(Path(__file__).parents[3] / "services" / "metrics" / "texts"), language)
    for criterion in ("1.4", "2.2", "2.5", "2.6"):
        name = V2010.criteria[criterion].name[language]
        measure = f"measure.compass_{criterion.replace('.', '_')}"
        assert say.text(measure) == f"Kommunekompasset {criterion}: {name}"


def test_the_version_of_2010_has_eight_areas_of_a_hundred_points() -> None:
    """As published; the criteria that measures name are those people mean."""
    assert [area.most for area in V2010.areas] == [100] * 8
    names = {id_: V2010.criteria[id_].name["nb"] for id_ in ("1.4", "2.2", "2.5", "2.6")}
    assert names["1.4"] == "Dialog og medvirkning"
    assert names["2.2"] == "Tilgjengelighet og service"
    assert names["2.5"] == "Brukerundersøkelser"
    assert names["2.6"].startswith("Klare forventninger")
    assert all(set(one.name) == {"nb", "nn", "en"} for one in (*V2010.areas, *V2010.criteria.values()))


@pytest.mark.parametrize(("number", "expected"), LILLEHAMMER.items())
def test_lillehammers_areas_are_the_sums_of_their_criteria(number: int, expected: str) -> None:
    """Every area of the worked example."""
    ((name, sheet),) = telling.examples(V2010)
    assert name == "Lillehammer 2010"
    assert sheet.areas[number - 1].sum == Decimal(expected)


def test_lillehammers_total_is_summed_from_raw_scores_not_from_rounded_areas() -> None:
    """410.1; the rounded areas would sum to 411. The means stand beside it."""
    ((_, sheet),) = telling.examples(V2010)
    assert sheet.total == Decimal("410.1")
    assert sum(round(area.sum or 0) for area in sheet.areas) == 411
    assert [(mean.municipalities, mean.total) for mean in V2010.means] == [(44, 345), (17, 407)]


@pytest.mark.parametrize(
    ("sides", "points"),
    [
        ((0, 0, 0, 0), "0.0"),
        ((10, 10, 10, 10), "15.0"),
        ((10, 0, 0, 0), "3.8"),  # 3.75, rounded half up
        ((5, 3, 2, 2), "4.5"),
        ((1, 0, 0, 0), "0.4"),
    ],
)
def test_four_sides_of_ten_give_their_share_of_the_most_points(
    sides: tuple[int, int, int, int], points: str
) -> None:
    """All four weigh alike; a criterion of 15 points."""
    judgement = Judgement.model_validate(dict(zip(SIDES, sides, strict=True)))
    assert points_of(judgement, PLAN, Method.SELF) == Decimal(points)


def test_a_side_left_open_leaves_the_criterion_unjudged() -> None:
    """It is missing, not zero; a sum of nothing is none."""
    judged = four(5).model_copy(update={"evaluation": None})
    sheet = Sheet.judged(V2010, {"1.1": judged, "1.2": four(0)}, Method.SELF)
    assert sheet.points["1.1"] is None
    assert sheet.areas[0].sum == 0
    assert sheet.areas[1].sum is None
    assert "1.1" in [one.id for one in sheet.missing]


def test_a_criterion_without_a_document_in_force_cannot_get_points() -> None:
    """Neither without any, nor with one that comes into force later."""
    scores = dict.fromkeys(SIDES, "4")
    assert read(typed(**scores)).faults.keys() == {"k1_1_title"}
    assert read(typed(**scores), **{"1_1": Judgement(evidence=(COMING,))}).faults.keys() == {"k1_1_title"}
    assert not read(typed(**scores), **{"1_1": Judgement(evidence=(IN_FORCE,))}).faults
    assert not read(typed(**dict.fromkeys(SIDES, "0"))).faults


def test_a_document_typed_with_the_points_counts_at_once() -> None:
    """One saving is enough."""
    form = read(
        typed(**dict.fromkeys(SIDES, "4"), title="Planen", link="https://x.example/p", in_force="2026-01-01")
    )
    assert not form.faults
    assert form.judgements["1.1"].evidence[0].title == "Planen"


def test_taking_out_the_last_document_takes_the_points_with_it() -> None:
    """Or is refused, to be precise."""
    known = {"1_1": four(5, evidence=(IN_FORCE,))}
    assert read(typed(**dict.fromkeys(SIDES, "5"), remove_0="yes"), **known).faults.keys() == {"k1_1_title"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("system", "11"), ("extent", "-1"), ("result", "4,5"), ("evaluation", "mye"), ("system", "٤")],
)
def test_a_side_is_a_whole_number_from_nought_to_ten(field: str, value: str) -> None:
    """Anything else is a fault at its field."""
    assert f"k1_1_{field}" in read(typed(**{field: value})).faults


@pytest.mark.parametrize("value", ["15,1", "-0,1", "4,55", "NaN", "1e3", "femten"])
def test_points_by_others_stay_within_the_most_and_to_a_tenth(value: str) -> None:
    """Anything else is a fault."""
    assert "k1_1_points" in read(typed(points=value), Method.EXTERNAL).faults


def test_points_by_others_need_no_document_beside_their_report() -> None:
    """With a comma as Norwegians write it."""
    form = read(typed(points="4,5"), Method.EXTERNAL)
    assert not form.faults
    assert form.judgements["1.1"].points == Decimal("4.5")
    assert area_form.fields(form.judgements, AREA_1)["k1_1_points"] == "4,5"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example", "www.x.example"])
def test_a_link_leads_to_a_page(link: str) -> None:
    """And to nothing that runs."""
    assert "k1_1_link" in read(typed(title="P", link=link, in_force="2026-01-01")).faults


def test_a_document_needs_a_name_and_a_day() -> None:
    """Each missing one is named."""
    assert read(typed(link="/forvent")).faults.keys() == {"k1_1_title", "k1_1_in_force"}


def test_what_was_documented_may_no_longer_be_when_it_is_issued() -> None:
    """A document taken out of force, or points from before the rule."""
    held = {"1.1": four(5, evidence=(COMING,)), "1.2": four(0)}
    assert [one.id for one in area_form.undocumented(held, AREA_1, Method.SELF, TODAY)] == ["1.1"]
    assert not area_form.undocumented(held, AREA_1, Method.EXTERNAL, TODAY)
    assert not area_form.undocumented(held, AREA_2, Method.SELF, TODAY)
