"""A committee's report for everybody tells nothing that the municipality's public report hides."""

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.manual.store import ScopeKind
from services.metrics.reports.committees import public_of_committee
from services.metrics.reports.model import Compared, Figure, Line, Report
from services.metrics.reports.public import public
from services.metrics.reports.words import told
from services.metrics.targets import Light
from tests.unit.metrics.a_report import BOKMAL, WROTE, compared, days, line, report, share

Verdicts = dict[str, tuple[int, int]]
SCHOOL, NURSERY, ROAD = "Skole", "Barnehage", "Vei"


def municipality(now: Verdicts) -> Report:
    """The whole, with its sections beside each other, all with a target for the promise."""
    kept, due = (sum(of) for of in zip(*now.values(), strict=True))
    made = report(
        (line("promise_kept", share(kept, due), 0.9, 0.1),),
        {name: (target(*of),) for name, of in now.items()},
        tuple(compared(name, *of) for name, of in now.items()),
    )
    whole = compared("", kept, due).figures
    return made.model_copy(
        update={"trend": (*made.trend[:-1], made.trend[-1].model_copy(update={"figures": whole}))}
    )


def target(kept: int, due: int) -> Line:
    """A section's promise, with its target and what was written about it."""
    return line("promise_kept", share(kept, due), 0.9, 0.1, explanation=WROTE)


def committee(now: Verdicts, more: tuple[Line, ...] = ()) -> Report:
    """The report of a committee that answers for these sections."""
    made = report((), {name: (target(*of), *more) for name, of in now.items()})
    (capital,) = made.capitals
    return made.model_copy(
        update={
            "place_kind": ScopeKind.COMMITTEE,
            "place": "oppvekst",
            "place_name": "Utvalg for oppvekst",
            "capitals": (capital.model_copy(update={"places": capital.places[1:]}),),
            "compared": tuple(compared(name, *of) for name, of in now.items()),
        }
    )


def cut(whole: Report, of: Report) -> Report:
    """The committee's public edition beside the municipality's."""
    return public_of_committee(of, {whole.period: public(whole)})


def numbers(figures: list[Figure]) -> list[tuple[int | None, int | None]]:
    """What is told of them."""
    return [(figure.n, figure.of) for figure in figures]


def test_what_the_municipalitys_report_hides_of_a_section_its_committees_hides() -> None:
    """Both sections beside a small one, though the committee's own are large; with what was written of them."""
    now = {SCHOOL: (20, 27), NURSERY: (58, 70), ROAD: (2, 3)}
    of = {name: now[name] for name in (SCHOOL, NURSERY)}
    told_ = cut(municipality(now), committee(of))
    school, nursery = (one for _, one in told_.lines)
    assert (school.now.hidden, school.light, school.explanation) == (True, Light.NO_VALUE, None)
    assert (nursery.now, nursery.explanation) == (share(58, 70), WROTE)
    assert [one.figures["promise_kept"].hidden for one in told_.compared] == [True, False]
    # Their sum would tell the school's.
    assert told_.trend[-1].figures["promise_kept"] == Figure(hidden=True)
    words = told(told_, BOKMAL)
    assert "er skjult" in words.audience
    conclusion = [sentence.replace("\xa0", " ") for sentence in words.conclusion]
    assert conclusion[0] == "Av løftene til innbyggerne holdt vi 83 % i Barnehage."
    assert conclusion[-1] == "1 mål er ikke vurdert, fordi tallet forteller om for få saker."


def test_sums_of_sections_are_told_where_each_is() -> None:
    """In the conclusion and the development, of the tertials the municipality's reports tell of."""
    now = {SCHOOL: (20, 30), NURSERY: (60, 70), ROAD: (30, 50)}
    of = {name: now[name] for name in (SCHOOL, NURSERY)}
    told_ = cut(municipality(now), committee(of))
    assert [point.period.code for point in told_.trend] == ["2025-T2", "2026-T2"]
    assert (told_.trend[-1].figures["promise_kept"].n, told_.trend[-1].figures["promise_kept"].of) == (
        80,
        100,
    )
    assert told_.is_public
    first = told(told_, BOKMAL).conclusion[0].replace("\xa0", " ")
    assert first.startswith("Vi holdt 80 % (80 av 100) av løftene")


def test_few_broken_promises_of_a_section_leave_a_share_of_all_that_holds_for_any_number_of_them() -> None:
    """97 to 100 of 100 and 60 of 80 are at least 156 of 180, in the conclusion too."""
    now = {SCHOOL: (98, 100), NURSERY: (60, 80), ROAD: (97, 100)}
    told_ = cut(municipality(now), committee({name: now[name] for name in (SCHOOL, NURSERY)}))
    assert told_.trend[-1].figures["promise_kept"] == Figure(hidden=True, of=180, at_least=0.8666)
    first = told(told_, BOKMAL).conclusion[0].replace("\xa0", " ")
    assert first.startswith("Vi holdt minst 86 % av løftene til innbyggerne i tjenesteområdene")


def test_a_figure_the_municipalitys_report_does_not_have_by_section_is_left_out() -> None:
    """It would be protected beside no whole; a count of places is nobody's secret."""
    now = {SCHOOL: (20, 30), NURSERY: (60, 70), ROAD: (30, 50)}
    more = (
        line("response_p90", days(9.0)),
        line("backlog_overdue", Figure()),
        line("arenas_share", share(3, 4)),
    )
    told_ = cut(municipality(now), committee({SCHOOL: now[SCHOOL]}, more))
    lines = {one.measure: one.now for _, one in told_.lines}
    assert set(lines) == {"promise_kept", "backlog_overdue", "arenas_share"}
    assert lines["backlog_overdue"].of == 30
    assert lines["arenas_share"] == share(3, 4)


def test_figures_that_were_corrected_since_are_those_of_the_municipalitys_report() -> None:
    """The difference between two public reports of the same tertial would tell of few cases."""
    whole = municipality({SCHOOL: (20, 30), NURSERY: (60, 70), ROAD: (30, 50)})
    told_ = cut(whole, committee({SCHOOL: (21, 32)}))
    assert told_.lines[0][1].now == share(20, 30)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=5), st.integers(1, 4))
def test_nothing_is_told_that_the_municipalitys_public_report_does_not_tell(
    verdicts: list[tuple[int, int]], sections: int
) -> None:
    """Whatever the figures and the committee: each number is one of it, or a sum of numbers of it."""
    now = {f"{place}": (kept, kept + broken) for place, (kept, broken) in enumerate(verdicts)}
    of = {name: now[name] for name in list(now)[:sections]}
    whole = municipality(now)
    open_ = public(whole)
    told_ = cut(whole, committee(of))
    beside: dict[str, Compared] = {one.id: one for one in open_.compared}
    assert [one.figures for one in told_.compared] == [beside[one.id].figures for one in told_.compared]
    assert numbers([one.now for _, one in told_.lines]) == [
        numbers([one.now])[0] for place, one in open_.lines if place.id in of
    ]
    total = told_.trend[-1].figures["promise_kept"]
    figures = [beside[name].figures["promise_kept"] for name in of]
    kept, due = (sum(each) for each in zip(*of.values(), strict=True))
    if not any(figure.hidden for figure in figures):
        assert (total.n, total.of or 0) == (kept, due)
    elif total.at_least is not None:
        assert all(figure.at_least is not None for figure in figures if figure.hidden)
        assert total.at_least * due <= kept
        assert total.n is None
    else:
        assert (total.n, total.of) == (None, None)
