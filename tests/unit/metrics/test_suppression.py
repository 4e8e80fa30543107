"""What is told in public never tells of fewer than five cases."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.documents import ReportDocument, report
from services.metrics.indicators import (
    Backlog,
    Dimension,
    Handover,
    Indicators,
    Promise,
    Received,
    Response,
    Satisfaction,
)
from services.metrics.periods import Period
from services.metrics.published import WHOLE, publish
from services.metrics.reports.public import public as public_report
from services.metrics.reports.words import told as told_in_words
from services.metrics.suppression import FEWEST, hidden, is_small, public
from tests.unit.metrics.a_report import BOKMAL, compared, line, share
from tests.unit.metrics.a_report import report as a_report

PERIOD = Period(date(2026, 1, 1), date(2026, 4, 30))
COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=8)


def indicators(due: int = 0, kept: int = 0, **fields: object) -> Indicators:
    """Indicators with only what a test is about."""
    given_fields: dict[str, object] = {
        "promise": Promise(due=due, kept=kept),
        "response": Response(),
        "received": Received(),
        "backlog": Backlog(date(2026, 4, 30)),
        "handover": Handover(),
        "satisfaction": Satisfaction(),
    }
    return Indicators(**{**given_fields, **fields})  # type: ignore[arg-type]


def told(whole: Indicators, **groups: Indicators) -> ReportDocument:
    """The public document."""
    parts = {(name,): of for name, of in groups.items()}
    return public(report(PERIOD, whole, [Dimension.UNIT] if groups else [], parts))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10, 20, 30], [False, False, False]),
        ([0, 20, 30], [False, False, False]),
        ([3, 20, 30], [True, True, False]),
        ([3, 3, 30], [True, True, False]),
        ([1, 1, 30, 40], [True, True, True, False]),
        ([3, 0, 0], [True, False, False]),
        ([4, 5], [True, True]),
        ([], []),
    ],
)
def test_these_groups_are_hidden_beside_their_sum(counts: list[int], expected: list[bool]) -> None:
    """The small ones, and as many more as it takes that the rest gives nothing away."""
    assert hidden(counts) == expected


@given(COUNTS)
def test_the_sum_minus_what_is_told_is_never_a_small_number(counts: list[int]) -> None:
    """Unless the sum itself is small or nothing else is left to hide, when the sum hides them."""
    hide = hidden(counts)
    secret = [count for count, hides in zip(counts, hide, strict=True) if hides]
    assert not any(is_small(count) for count, hides in zip(counts, hide, strict=True) if not hides)
    if secret and sum(counts) >= FEWEST:
        assert sum(secret) >= FEWEST
        assert len(secret) > 1


def test_few_broken_promises_are_told_as_at_least_a_share() -> None:
    """One or four broken of a hundred look the same; none at all is told."""
    one, four = told(indicators(100, 99)), told(indicators(100, 96))
    assert one.promise == four.promise
    assert one.promise.share_at_least == 0.96
    assert (one.promise.kept, one.promise.broken, one.promise.share) == (None, None, None)
    assert told(indicators(100, 100)).promise.share == 1.0
    assert told(indicators(100, 95)).promise.share == 0.95


def test_the_share_that_is_told_of_few_broken_holds_for_four() -> None:
    """It is rounded down, to the nearest it could say a little more than was kept; and reports tell the same."""
    for due in range(5, 60):
        at_least = told(indicators(due, due - 1)).promise.share_at_least
        assert at_least is not None
        assert at_least * due <= due - 4 + 1e-9
        document = public_report(a_report((line("promise_kept", share(due - 1, due)),)))
        assert document.own_lines[0].now.at_least == at_least
        in_words = told_in_words(document, BOKMAL).key_figures[0].value
        assert int(in_words.removeprefix("minst ").removesuffix("\xa0%")) * due <= 100 * (due - 4)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=8))
def test_what_stands_or_falls_together_is_hidden_by_one_rule(verdicts: list[tuple[int, int]]) -> None:
    """Kept and broken of the same groups: neither sum, where it is told, minus what is told of it is small."""
    kept, broken = zip(*verdicts, strict=True)
    hide = hidden(kept, broken)
    is_told = not any(is_small(sum(counts)) for counts in (kept, broken))
    for counts in (kept, broken):
        secret = [count for count, hides in zip(counts, hide, strict=True) if hides]
        assert not any(is_small(count) for count, hides in zip(counts, hide, strict=True) if not hides)
        if any(hide) and is_told:
            assert sum(secret) == 0 or sum(secret) >= FEWEST
            assert len(secret) > 1


def test_the_company_of_a_small_group_is_the_same_wherever_it_is_told() -> None:
    """The next smallest by what was due, as on the results page: else two pages would tell each other's secret."""
    roads, school, rest = (18, 20), (10, 30), (53, 60)
    document = told(
        indicators(110, 81), roads=indicators(20, 18), school=indicators(30, 10), rest=indicators(60, 53)
    )
    told_by_the_api = {
        group.key[Dimension.UNIT] for group in document.groups or () if group.promise.kept is not None
    }
    beside = tuple(compared(name, *of) for name, of in (("Roads", roads), ("School", school), ("Rest", rest)))
    told_by_a_report = {
        one.id
        for one in public_report(a_report((line("promise_kept", share(81, 110)),), beside=beside)).compared
        if not one.figures["promise_kept"].hidden
    }
    parts = {"roads": indicators(20, 18), "school": indicators(30, 10), "rest": indicators(60, 53)}
    groups = {**parts, WHOLE: indicators(110, 81)}
    page = publish(PERIOD, [Period.months(2026, 1)], [groups], groups, {}, {})
    told_by_the_page = {name for name in parts if page.by_section[name].kept is not None}
    assert told_by_the_api == told_by_a_report == told_by_the_page == {"rest"}


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=3, max_size=3),
        min_size=4,
        max_size=4,
    )
)
def test_reports_tell_no_section_that_the_results_page_hides(months: list[list[tuple[int, int]]]) -> None:
    """The page has its months beside each other too; of the sections' sums both hide the same."""
    names = ("hall", "roads", "school")

    def groups(verdicts: list[tuple[int, int]]) -> dict[str | None, Indicators]:
        each: dict[str | None, Indicators] = {
            name: indicators(kept + broken, kept, received=Received(complaint=kept + broken))
            for name, (kept, broken) in zip(names, verdicts, strict=True)
        }
        kept, broken = (sum(of) for of in zip(*verdicts, strict=True))
        return each | {WHOLE: indicators(kept + broken, kept, received=Received(complaint=kept + broken))}

    tertial = [
        (sum(month[place][0] for month in months), sum(month[place][1] for month in months))
        for place in range(3)
    ]
    by_month = [groups(month) for month in months]
    page = publish(PERIOD, [Period.months(2026, 1 + n) for n in range(4)], by_month, groups(tertial), {}, {})
    kept, broken = (sum(of) for of in zip(*tertial, strict=True))
    made = a_report(
        (line("promise_kept", share(kept, kept + broken)),),
        beside=tuple(compared(name, k, k + b) for name, (k, b) in zip(names, tertial, strict=True)),
    )
    whole = compared("", kept, kept + broken).figures
    trend = (*made.trend[:-1], made.trend[-1].model_copy(update={"figures": whole}))
    more = {"trend": trend, "withheld": {made.period.code: page.withheld}}
    document = public_report(made.model_copy(update=more))
    assert not document.withheld
    for one in document.compared:
        told_by_the_page, promise = page.by_section[one.id], one.figures["promise_kept"]
        assert one.figures["received"].hidden or told_by_the_page.received is not None
        assert promise.hidden or told_by_the_page.kept is not None
        assert promise.at_least is None or told_by_the_page.due is not None


def test_who_was_answered_late_is_not_reckoned_from_who_still_waits() -> None:
    """Of eight broken promises seven wait: the eighth is one case."""
    promise = told(indicators(promise=Promise(due=100, kept=92, open_overdue=7))).promise
    assert (promise.broken, promise.open_overdue) == (8, None)
    assert told(indicators(promise=Promise(due=100, kept=92, open_overdue=8))).promise.open_overdue == 8


def test_a_groups_answer_rate_does_not_tell_how_many_were_answered() -> None:
    """Five of seven: where the seven are hidden, the rate is."""

    def answered(n: int, said: int) -> Indicators:
        return indicators(
            response=Response(n, 1.0, 2.0), satisfaction=Satisfaction(answered=n, helped=said, not_helped=0)
        )

    document = told(answered(60, 35), school=answered(3, 0), roads=answered(7, 5), library=answered(50, 30))
    groups = {group.key[Dimension.UNIT]: group for group in document.groups or ()}
    assert groups["roads"].response_days.n is None
    assert groups["roads"].satisfaction.answer_rate is None
    assert groups["library"].satisfaction.answer_rate == 0.6


def test_few_kept_promises_are_not_told() -> None:
    """Neither outright nor as a share."""
    promise = told(indicators(100, 2)).promise
    assert (promise.due, promise.kept, promise.broken, promise.share) == (100, None, None, None)


def test_of_few_due_promises_nothing_is_told() -> None:
    """Three of three kept is news about three residents."""
    promise = told(indicators(3, 3)).promise
    assert set(promise.model_dump().values()) == {None}


def test_a_hidden_kind_takes_another_with_it() -> None:
    """Two praised of a total of 62: the total is told, and so neither praise nor what is next smallest."""
    received = told(indicators(received=Received(praise=2, complaint=40, question=20))).received
    assert (received.praise, received.complaint, received.question, received.total) == (None, 40, None, 62)


def test_a_small_group_takes_another_with_it() -> None:
    """The share of the second smallest is hidden too, since the total minus the others would tell."""
    document = told(
        indicators(83, 63), school=indicators(3, 3), roads=indicators(30, 20), library=indicators(50, 40)
    )
    groups = {group.key[Dimension.UNIT]: group.promise.due for group in document.groups or ()}
    assert groups == {"school": None, "roads": None, "library": 50}


def test_a_period_without_groups_is_told_as_empty() -> None:
    """Nothing happened in it: that is an answer, and no error."""
    assert public(report(PERIOD, indicators(), [Dimension.UNIT], {})).groups == []


def test_few_broken_in_one_group_hide_the_verdict_of_another() -> None:
    """Else the total's broken minus the others' would tell."""
    document = told(
        indicators(120, 99), school=indicators(40, 38), roads=indicators(40, 33), library=indicators(40, 28)
    )
    groups = {group.key[Dimension.UNIT]: group.promise for group in document.groups or ()}
    assert groups["school"].share is None
    assert groups["school"].share_at_least == 0.9
    assert (groups["roads"].share, groups["roads"].share_at_least) == (None, None)
    assert groups["library"].broken == 12


def test_a_groups_kinds_are_not_told() -> None:
    """They would make a table whose sums in both directions tell what is hidden."""
    many = Received(praise=10, complaint=10, question=10)
    document = told(indicators(received=many), school=indicators(received=many))
    group = (document.groups or ())[0]
    hidden_kinds = dict.fromkeys(("praise", "complaint", "question", "appeal", "other"))
    assert group.received.model_dump() == {**hidden_kinds, "total": 30}


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=6,
    )
)
def test_no_small_count_is_ever_told(groups: list[tuple[int, int, int, int]]) -> None:
    """In no group and no total, whatever the figures."""

    def made(numbers: tuple[int, ...]) -> Indicators:
        kept, broken, answered, waiting = numbers
        return indicators(
            kept + broken,
            kept,
            response=Response(answered, 1.0, 2.0),
            received=Received(kept, broken, answered),
            backlog=Backlog(date(2026, 4, 30), waiting, min(waiting, kept), 0, 3),
            satisfaction=Satisfaction(answered, answered // 2, answered - answered // 2),
        )

    whole = made(tuple(sum(column) for column in zip(*groups, strict=True)))
    document = told(whole, **{f"unit{place}": made(group) for place, group in enumerate(groups)})
    for part in (document, *(document.groups or ())):
        for family in ("promise", "response_days", "received", "backlog", "satisfaction"):
            for name, figure in getattr(part, family).model_dump().items():
                if isinstance(figure, int) and name != "oldest_days":
                    assert not is_small(figure), f"{family}.{name}"
