"""Which entered value holds for a period, and what can be entered at all."""

from datetime import UTC, date, datetime

import pytest

from services.metrics.manual import ManualValue, Scope
from services.metrics.manual.entering import FIELDS, Entry, entries_of, entry_of
from services.metrics.manual.standing import held_in
from services.metrics.manual.store import WHOLE
from services.metrics.measures import MEASURES
from services.metrics.periods import Period

TODAY = date(2026, 9, 10)
TERTIAL = Period.tertial(2026, 2)


def entered(period: Period, value: float | None, n: int | None = None, of: int | None = None) -> ManualValue:
    """A value that holds."""
    return ManualValue(
        measure="x", scope_kind="municipality", scope="", first=period.first, last=period.last,
        value=value, n=n, of=of, source=f"Kilde {period.first.month}", as_of=period.last, note=None,
        entered_by="Per", entered_at=datetime(2026, 9, 1, tzinfo=UTC),
    )  # fmt: skip


def months(*values: tuple[float | None, int | None, int | None]) -> list[ManualValue]:
    """Values of May, June and so on."""
    return [entered(Period.months(2026, month), *value) for month, value in enumerate(values, 5)]


def test_a_value_of_exactly_the_period_holds() -> None:
    """Whatever was entered for parts of it."""
    entries = [*months((1.0, None, None)), entered(TERTIAL, 9.0)]
    held = held_in(MEASURES["roses_given"], entries, TERTIAL)
    assert held
    assert held.value.value == 9.0


def test_counts_of_months_that_fill_a_tertial_are_added() -> None:
    """With every source; a month that is missing means that the sum is not known."""
    full = months((1.0, None, None), (2.0, None, None), (3.0, None, None), (4.0, None, None))
    held = held_in(MEASURES["roses_given"], full, TERTIAL)
    assert held
    assert (held.value.value, held.source) == (10.0, "Kilde 5, Kilde 6, Kilde 7, Kilde 8")
    assert held_in(MEASURES["roses_given"], full[:3], TERTIAL) is None
    assert held_in(MEASURES["roses_given"], full[1:], TERTIAL) is None


def test_shares_are_added_by_what_they_are_made_of() -> None:
    """Never averaged: 1 of 2 and 9 of 18 and so on; without counts there is nothing to add."""
    parts = months((0.5, 1, 2), (0.25, 1, 4), (1.0, 10, 10), (0.5, 2, 4))
    held = held_in(MEASURES["appeals_upheld_share"], parts, TERTIAL)
    assert held
    assert (held.value.n, held.value.of, held.value.value) == (14, 20, 0.7)
    parts[0].of = None
    assert held_in(MEASURES["appeals_upheld_share"], parts, TERTIAL) is None


def test_a_share_that_was_typed_without_its_part_cannot_be_added() -> None:
    """Half of ten, typed as a per cent of ten, is no nought of ten."""
    parts = months((0.5, None, 10), (0.25, 1, 4), (1.0, 10, 10), (0.5, 2, 4))
    assert held_in(MEASURES["appeals_upheld_share"], parts, TERTIAL) is None


def test_of_what_is_a_state_the_last_one_holds() -> None:
    """June's share of places with an arena is the tertial's until a later one is entered; last year's is not."""
    state = MEASURES["arenas_share"]
    held = held_in(state, months((0.5, 10, 20), (0.6, 12, 20)), TERTIAL)
    assert held
    assert (held.value.n, held.as_of) == (12, date(2026, 6, 30))
    assert held_in(state, [entered(Period.tertial(2025, 2), 0.5)], TERTIAL) is None


TYPED = {
    "measure": "appeals_upheld_share", "place": "skole", "first": "2026-05-01", "last": "2026-08-31",
    "value": "25 %", "n": "3", "of": "12", "source": "Sakssystemet", "as_of": "2026-09-01", "note": "",
}  # fmt: skip


def place(name: str) -> Scope | None:
    """A municipality of one section."""
    return {"kommunen": Scope(), "skole": Scope.section("skole")}.get(name)


def test_a_share_is_typed_in_per_cent_or_left_to_be_reckoned() -> None:
    """Both give the same, with every decimal."""
    for value in ("25 %", "25%", "25,0 %", ""):
        entry = entry_of({**TYPED, "value": value}, place, TODAY)
        assert isinstance(entry, Entry)
        assert (entry.value, entry.n, entry.of) == (0.25, 3, 12)
    third = entry_of({**TYPED, "value": "33 %", "n": "4"}, place, TODAY)
    assert isinstance(third, Entry)
    assert third.value == 4 / 12
    back = entry_of({**TYPED, "measure": "roses_given", "value": "", "n": "", "of": ""}, place, TODAY)
    assert isinstance(back, Entry)
    assert back.value is None


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"measure": "promise_kept"}, "measure", "values.fault.measure"),
        ({"measure": ""}, "measure", "values.fault.measure"),
        ({"place": "kultur"}, "place", "values.fault.place"),
        ({"first": "1. mai"}, "first", "values.fault.first"),
        ({"first": "20260501"}, "first", "values.fault.first"),
        ({"last": "2026-04-30"}, "last", "values.fault.ends_first"),
        ({"as_of": "2026-09-11"}, "as_of", "values.fault.future"),
        ({"value": "25"}, "value", "values.fault.share"),
        ({"value": "125 %"}, "value", "values.fault.share"),
        ({"value": "nan"}, "value", "values.fault.number"),
        ({"value": "-1 %"}, "value", "values.fault.number"),
        ({"value": "27 %"}, "value", "values.fault.agree"),
        ({"n": "13"}, "n", "values.fault.part"),
        ({"n": "tre"}, "n", "values.fault.count"),
        ({"n": "0" * 13 + "9" * 12}, "n", "values.fault.count"),
        ({"of": "9" * 5000}, "of", "values.fault.count"),
        ({"source": " "}, "source", "values.fault.source"),
        ({"source": "x" * 201}, "source", "values.fault.long"),
        ({"measure": "roses_given", "value": "1.5"}, "value", "values.fault.count"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(typed: dict[str, str], field: str, said: str) -> None:
    """And only there."""
    faults = entry_of({**TYPED, **typed}, place, TODAY)
    assert isinstance(faults, dict)
    assert {name: fault.key for name, fault in faults.items()} == {field: said}


def test_a_file_is_read_whole_or_not_at_all() -> None:
    """With comma or semicolon; each fault by line and column; what is no CSV says so."""
    for delimiter in ",;":
        lines = [delimiter.join(FIELDS), delimiter.join(TYPED.values()), delimiter.join(TYPED.values())]
        entries, faults, fault = entries_of("\r\n".join(lines).encode("utf-8-sig"), place, TODAY)
        assert (len(entries), faults, fault) == (2, [], None)
    lines[2] = lines[2].replace("skole", "kultur")
    entries, faults, fault = entries_of("\n".join(lines).encode(), place, TODAY)
    assert (entries, fault) == ((), None)
    assert [(one.line, one.column) for one in faults] == [(3, "place")]
    for content in (b"", b"\xff\xfe\x00", b"x" * 1_000_001):
        assert entries_of(content, place, TODAY)[2] is not None
    missing = entries_of(b"measure,value\nroses_given,1\n", place, TODAY)[2]
    assert missing
    assert "place" in str(missing.placeholders["columns"])


def test_a_faulty_line_is_named_by_its_number_in_the_file() -> None:
    """Empty lines count, as they do in whatever the file is mended with."""
    file = (
        "measure;place;first;last;value;n;of;source;as_of\n"
        "\n"
        "roses_given;kommunen;2026-05-01;2026-08-31;12;;;Ordningen;2026-08-31\n"
        "\n\n"
        "roses_given;kommunen;2026-05-01;2026-08-31;tolv;;;Ordningen;2026-08-31\n"
    )
    entries, faults, wrong = entries_of(file.encode(), lambda _: WHOLE, TODAY)
    assert (entries, wrong) == ((), None)
    assert [(fault.line, fault.column) for fault in faults] == [(6, "value")]
