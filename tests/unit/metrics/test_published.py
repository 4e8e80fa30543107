"""What is published of a tertial, attacked by subtracting in every direction."""

import csv
import io
from collections import Counter
from datetime import date
from random import Random

import pytest

from services.metrics.documents import report
from services.metrics.indicators import (
    Backlog,
    Dimension,
    Handover,
    Indicators,
    Key,
    Promise,
    Received,
    Response,
    Satisfaction,
)
from services.metrics.open_data import COLUMNS, as_csv
from services.metrics.periods import Period
from services.metrics.published import WHOLE, Published, Told, publish, silences
from services.metrics.suppression import public

TERTIAL = Period.tertial(2026, 1)
MONTHS = [Period.months(2026, number) for number in (1, 2, 3, 4)]
SECTIONS = {"skole": ["grunnskole", "sfo", None], "kultur": ["bibliotek", "idrett"], None: [None]}
AREAS = ["nord", "sor", None]


def figures(received: int, kept: int, due: int) -> Indicators:
    """Indicators of so many cases."""
    return Indicators(
        promise=Promise(due=due, kept=kept),
        response=Response(n=kept, median=2.0 if kept else None, p90=3.0 if kept else None),
        received=Received(complaint=received),
        backlog=Backlog(date(2026, 4, 30)),
        handover=Handover(),
        satisfaction=Satisfaction(),
    )


def published(seed: int) -> tuple[Published, Counter[tuple[object, ...]]]:
    """A tertial of invented cases, and what truly is in each of its cells."""
    random = Random(seed)  # noqa: S311 - invented cases
    truth: Counter[tuple[object, ...]] = Counter()
    scale = random.choice([3, 12, 60])
    for month in range(4):
        for section, topics in SECTIONS.items():
            for topic in topics:
                for _ in range(random.randrange(scale)):
                    verdict = random.random() < random.choice([0.8, 0.99])
                    area = random.choice(AREAS)
                    keys: list[tuple[object, ...]] = [
                        (MONTHS[month], section),
                        (MONTHS[month], WHOLE),
                        (section,),
                        (WHOLE,),
                        ("topic", section, topic),
                        ("area", area),
                    ]
                    truth.update([*keys, *((*key, "kept") for key in keys if verdict)])

    def of(*key: object) -> Indicators:
        return figures(truth[key], truth[*key, "kept"], truth[key])

    told = publish(
        TERTIAL,
        MONTHS,
        [{section: of(month, section) for section in [*SECTIONS, WHOLE]} for month in MONTHS],
        {section: of(section) for section in [*SECTIONS, WHOLE]},
        {
            section: {topic: of("topic", section, topic) for topic in topics}
            for section, topics in SECTIONS.items()
        },
        {area: of("area", area) for area in AREAS},
    )
    return told, truth


def keyed(groups: dict[str | None, Indicators]) -> dict[Key, Indicators]:
    """Groups of one dimension, as figures give them."""
    return {(value,): of for value, of in groups.items()}


def lines(told: Published) -> list[tuple[Told, list[Told]]]:
    """Every sum that is published, and what it is the sum of."""
    sections = told.sections
    return [
        *((told.by_month[month, WHOLE], [told.by_month[month, one] for one in sections]) for month in MONTHS),
        *(
            (told.by_section[one], [told.by_month[month, one] for month in MONTHS])
            for one in [*sections, WHOLE]
        ),
        (told.by_section[WHOLE], [told.by_section[one] for one in sections]),
        (told.by_section[WHOLE], [told.by_area[area] for area in AREAS]),
        *(
            (told.by_section[section], [told.by_topic[section, topic] for topic in topics])
            for section, topics in SECTIONS.items()
        ),
    ]


def every_row(told: Published) -> list[Told]:
    """All rows."""
    tables = (told.by_month, told.by_section, told.by_topic, told.by_area)
    return [row for table in tables for row in table.values()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(60))
def test_nothing_published_tells_of_one_to_four_cases(seed: int) -> None:
    """Neither a figure, nor what is left of a sum when all that is told of it is taken away."""
    told, _ = published(seed)
    for row in every_row(told):
        for count in (row.received, row.due, row.kept, row.answered):
            assert count is None or not 0 < count < 5
        if row.kept is not None and row.due is not None:
            assert not 0 < row.due - row.kept < 5
    for total, parts in lines(told):
        for name in ("received", "due", "kept", "answered"):
            known = [getattr(part, name) for part in parts]
            whole = getattr(total, name)
            if whole is None:
                assert None in known, "the parts would tell the sum"
                continue
            rest = whole - sum(count for count in known if count is not None)
            assert rest >= 5 or rest == 0
            assert known.count(None) != 1


@pytest.mark.parametrize("seed", range(20))
def test_what_is_published_is_true(seed: int) -> None:
    """A figure that is told is the figure."""
    told, truth = published(seed)
    for (month, section), row in told.by_month.items():
        assert row.received in {None, truth[month, section]}
        assert row.kept in {None, truth[month, section, "kept"]}
    for (section, topic), row in told.by_topic.items():
        assert row.due in {None, truth["topic", section, topic]}
        if row.share_at_least is not None:
            assert (
                row.share_at_least <= truth["topic", section, topic, "kept"] / truth["topic", section, topic]
            )


def test_an_archives_topic_is_no_formula_in_the_open_data() -> None:
    """Its id and its name are whatever another system called it."""
    record = dict.fromkeys((column.name for column in COLUMNS), None) | {"tema": "=1+1", "holdt": 7}
    (row,) = csv.DictReader(io.StringIO(as_csv([record]).decode()))
    assert (row["tema"], row["holdt"]) == ("'=1+1", "7")


def test_much_is_told_where_there_is_much() -> None:
    """Protection is no excuse for an empty page."""
    told, _ = published(next(seed for seed in range(100) if published(seed)[1][WHOLE,] > 600))
    rows = every_row(told)
    assert sum(row.received is not None for row in rows) > 0.8 * len(rows)


@pytest.mark.parametrize("seed", range(40))
def test_the_api_tells_no_sum_of_months_that_another_figure_could_be_taken_from(seed: int) -> None:
    """A section's figure for whole months is told only where each month, or the whole tertial, is published."""
    told, truth = published(seed)
    for first, last in ((0, 0), (0, 1), (1, 3), (2, 2), (0, 3)):
        period = Period(MONTHS[first].first, MONTHS[last].last)
        months = MONTHS[first : last + 1]
        sums: Counter[object] = Counter()
        for month in months:
            for section in [*SECTIONS, WHOLE]:
                sums[section] += truth[month, section]
                sums[section, "kept"] += truth[month, section, "kept"]

        def of(section: str | None, sums: Counter[object] = sums) -> Indicators:
            return figures(sums[section], sums[section, "kept"], sums[section])

        answer = public(
            report(period, of(WHOLE), [Dimension.SECTION], keyed({one: of(one) for one in SECTIONS})),
            silences([told], period, Dimension.SECTION),
        )
        for group in answer.groups or ():
            section = group.key[Dimension.SECTION]
            pieces = (
                [told.by_section[section]]
                if period == TERTIAL
                else [told.by_month[month, section] for month in months]
            )
            for count, name in (
                (group.received.total, "received"),
                (group.promise.due, "due"),
                (group.promise.kept, "kept"),
                (group.response_days.n, "answered"),
            ):
                assert count is None or None not in {getattr(piece, name) for piece in pieces}


@pytest.mark.parametrize("seed", range(20))
def test_the_api_tells_of_topics_and_places_in_a_tertial_what_is_published_of_them(seed: int) -> None:
    """A topic that is hidden in one section is hidden in the sum of them."""
    told, truth = published(seed)
    places = {
        area: figures(truth["area", area], truth["area", area, "kept"], truth["area", area]) for area in AREAS
    }
    whole = figures(truth[WHOLE,], truth[WHOLE, "kept"], truth[WHOLE,])
    besides = silences([told], TERTIAL, Dimension.AREA)
    answer = public(report(TERTIAL, whole, [Dimension.AREA], keyed(places)), besides)
    for group in answer.groups or ():
        row = told.by_area[group.key[Dimension.AREA]]
        assert group.received.total in {None, row.received}
        assert group.promise.kept in {None, row.kept}
    hidden_topics = {topic for (_, topic), row in told.by_topic.items() if row.received is None}
    by_topic = silences([told], TERTIAL, Dimension.TOPIC)
    assert {topic for topic, (received, *_) in by_topic.items() if received} == hidden_topics
