"""What becomes of each row of an import, rule by rule; and what its report says."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.importing.cases import REFUSALS, Case, Reason, Remark, cases
from deploy.importing.publishing import Import, Last
from deploy.importing.recognising import Words
from deploy.importing.report import (
    SENTENCES,
    Report,
    ReportFormatError,
    ReportNotWrittenError,
    require_format,
)
from shared.municipality import load

SORUM = load("sorum")
OSLO = ZoneInfo("Europe/Oslo")
BOSTON = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


def told(zone: ZoneInfo = OSLO, **fields: str) -> tuple[Case | None, list[Reason]]:
    """The case in a row, and the remarks on it."""
    row = {"reference": "1", "received": "2026-01-05 10:00", **fields}
    found = list(cases([(2, row)], zone))
    remarks = [one.reason for one in found if isinstance(one, Remark)]
    (case,) = [one for one in found if isinstance(one, Case)] or [None]
    return case, remarks


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-05 10:00:00", "2026-01-05T09:00:00Z"),
        ("2026-07-05T10:00", "2026-07-05T08:00:00Z"),
        ("2026-01-05 10:00:00.5", "2026-01-05T09:00:00.5Z"),
        ("2026-01-05T10:00:00+03:00", "2026-01-05T07:00:00Z"),
        ("2026-01-05 10:00:00 -0500", "2026-01-05T15:00:00Z"),
        ("2026-01-05T10:00Z", "2026-01-05T10:00:00Z"),
        ("05.01.2026 kl. 10.00", "2026-01-05T09:00:00Z"),
        ("5.1.2026", "2026-01-04T23:00:00Z"),
        ("2026-01-05", "2026-01-04T23:00:00Z"),
    ],
)
def test_times_are_read_as_archives_write_them(written: str, instant: str) -> None:
    """Without a zone they are local, whatever the season."""
    case, remarks = told(received=written)
    assert case
    assert case.received_at == datetime.fromisoformat(instant)
    assert case.received_at.tzinfo == UTC
    assert remarks == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reference": ""}, Reason.NO_REFERENCE),
        ({"received": ""}, Reason.NO_RECEIVED),
        ({"received": "i fjor"}, Reason.BAD_RECEIVED),
        ({"received": "2026-02-30 10:00"}, Reason.BAD_RECEIVED),
        ({"received": "01/17/2022"}, Reason.BAD_RECEIVED),
        ({"received": "1969-12-31 23:00"}, Reason.RECEIVED_OUTSIDE_YEARS),
        ({"answered": "snart"}, Reason.BAD_ANSWERED),
        ({"answered": "2200-01-01"}, Reason.ANSWERED_OUTSIDE_YEARS),
        ({"answered": "2026-01-05 09:59"}, Reason.ANSWERED_BEFORE_RECEIVED),
        ({"answered": "2026-01-04"}, Reason.ANSWERED_BEFORE_RECEIVED),
    ],
)
def test_a_row_that_cannot_be_counted_on_is_refused(fields: dict[str, str], reason: Reason) -> None:
    """It is no case, and its one remark says why."""
    assert told(**fields) == (None, [reason])
    assert reason in REFUSALS


@pytest.mark.parametrize(
    ("due", "due_on", "remarks"),
    [
        ("", None, []),
        ("2026-01-12", date(2026, 1, 12), []),
        ("2026-01-12 23:59:59", date(2026, 1, 12), []),
        ("2026-01-05", date(2026, 1, 5), []),
        ("2059-12-31", date(2059, 12, 31), []),
        ("2026-01-04", None, [Reason.DUE_BEFORE_RECEIVED]),
        ("2026-01-05 09:59", None, [Reason.DUE_BEFORE_RECEIVED]),
        ("2200-01-01", None, [Reason.DUE_OUTSIDE_YEARS]),
        ("1900-01-01", None, [Reason.DUE_OUTSIDE_YEARS]),
        ("fredag", None, [Reason.BAD_DUE]),
    ],
)
def test_a_due_day_without_sense_leaves_a_case_without_a_promise(
    due: str, due_on: date | None, remarks: list[Reason]
) -> None:
    """The case is kept. 2059 is a day like others."""
    case, told_remarks = told(due=due)
    assert case
    assert (case.due_on, told_remarks) == (due_on, remarks)
    assert REFUSALS.isdisjoint(remarks)


@pytest.mark.parametrize(
    ("zone", "field", "written", "instant", "reason"),
    [
        (OSLO, "received", "2025-10-26 02:30", "2025-10-26T00:30Z", Reason.RECEIVED_OCCURS_TWICE),
        (OSLO, "answered", "2026-10-25 02:30", "2026-10-25T00:30Z", Reason.ANSWERED_OCCURS_TWICE),
        (OSLO, "received", "2025-03-30 02:30", "2025-03-30T01:30Z", Reason.RECEIVED_DOES_NOT_EXIST),
        (OSLO, "answered", "2026-03-29 02:30", "2026-03-29T01:30Z", Reason.ANSWERED_DOES_NOT_EXIST),
        (BOSTON, "received", "2025-11-02 01:30", "2025-11-02T05:30Z", Reason.RECEIVED_OCCURS_TWICE),
        (BOSTON, "received", "2025-03-09 02:30", "2025-03-09T07:30Z", Reason.RECEIVED_DOES_NOT_EXIST),
    ],
)
def test_the_hours_of_the_change_of_clocks_are_named(
    zone: ZoneInfo, field: str, written: str, instant: str, reason: Reason
) -> None:
    """The first of two hours, and an hour later where there is none."""
    case, remarks = told(zone, **{field: written})
    assert case
    assert getattr(case, f"{field}_at") == datetime.fromisoformat(instant)
    assert remarks == [reason]


def test_an_answer_in_the_second_of_two_hours_is_not_before_its_receipt() -> None:
    """02:50 and then 02:10 is possible once a year."""
    case, remarks = told(received="2025-10-26 02:50", answered="2025-10-26 02:10")
    assert case
    assert case.answered_at == datetime(2025, 10, 26, 1, 10, tzinfo=UTC)
    assert remarks == [Reason.RECEIVED_OCCURS_TWICE, Reason.ANSWERED_OCCURS_TWICE]


def test_an_answer_told_by_its_day_alone_may_be_on_the_day_of_the_receipt() -> None:
    """It counts as given at once."""
    case, remarks = told(answered="2026-01-05")
    assert case
    assert case.answered_at == case.received_at
    assert remarks == []


def test_days_are_those_of_the_archives_own_zone() -> None:
    """An answer at ten at night in Boston is given that day, though it is the next in Oslo."""
    case, _ = told(BOSTON, received="2026-01-05 22:00", due="2026-01-06", answered="2026-01-06 22:00")
    assert case
    assert case.due_on == date(2026, 1, 6)
    assert case.answered_at == datetime(2026, 1, 7, 3, tzinfo=UTC)
    event = Import("asker", "boston311", "America/New_York", MONDAY).event(case, {})
    assert event
    assert event.answered_at.astimezone(ZoneInfo(event.zone)).date() == event.due_on  # type: ignore[union-attr]


def test_a_reference_that_is_there_already_is_refused_with_the_row_that_has_it() -> None:
    """The first row holds, whatever the later one says."""
    row = {"reference": "1", "received": "2026-01-05"}
    found = list(cases([(2, row), (3, {**row, "received": "2026-01-06"}), (4, None)], OSLO))
    assert [one.row for one in found if isinstance(one, Case)] == [2]
    assert found[1:] == [Remark(3, Reason.REPEATED_REFERENCE, 2), Remark(4, Reason.OTHER_WIDTH)]


def test_every_reason_has_its_sentence() -> None:
    """And no other has one."""
    assert set(SENTENCES) == set(Reason)


def test_the_report_names_rows_and_reasons(tmp_path: Path) -> None:
    """As lines for people, as CSV and as JSON; never what stands in a row."""
    remarks = [Remark(3, Reason.REPEATED_REFERENCE, 2), Remark(9, Reason.DUE_BEFORE_RECEIVED)]
    report = Report(rows=9, new=7, unchanged=1, encoding="utf-8", separator=";", remarks=remarks)
    lines = list(report.lines())
    assert lines[:2] == [
        "9 rows (utf-8, separated by ';')",
        "7 new, 0 changed, 1 as before, 1 refused",
    ]
    assert "       1  has a reference that an earlier row has  (row 3)" in lines
    report.write(tmp_path / "rapport.json")
    told = json.loads((tmp_path / "rapport.json").read_text("utf-8"))
    assert (told["refused"], told["reasons"]) == (
        1,
        {"repeated_reference": 1, "due_before_received": 1},
    )
    report.write(tmp_path / "rapport.csv")
    with (tmp_path / "rapport.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert next((row["row"], row["outcome"], row["text"]) for row in rows) == (
        "3",
        "refused",
        "has a reference that an earlier row has (row 2)",
    )


def test_where_the_report_cannot_go_is_said_before_any_work(tmp_path: Path) -> None:
    """A name without a format, or a folder that is not there."""
    require_format(tmp_path / "rapport.csv")
    with pytest.raises(ReportFormatError):
        require_format(tmp_path / "rapport.pdf")
    with pytest.raises(ReportNotWrittenError):
        require_format(tmp_path / "borte" / "rapport.csv")


def test_the_same_row_is_the_same_event_and_a_changed_one_another() -> None:
    """And what is changed back to what it was is a third, or it would be taken for the first."""
    here = Import("asker", "arkiv", "Europe/Oslo", MONDAY)
    open_case, _ = told()
    answered, _ = told(answered="2026-01-07 12:00")
    assert open_case
    assert answered
    first = here.event(open_case, {})
    assert first
    assert first == here.event(open_case, {})
    known = {first.case_id: Last(first.id, first.at)}
    assert here.event(open_case, known) is None
    second = here.event(answered, known)
    assert second
    assert second.case_id == first.case_id
    known[second.case_id] = Last(second.id, second.at)
    third = here.event(open_case, known)
    assert third
    assert len({first.id, second.id, third.id}) == 3
    assert first.at < second.at < third.at


def test_cases_of_another_system_with_the_same_reference_are_other_cases() -> None:
    """Two archives may both have a case 1."""
    case, _ = told()
    assert case
    ids = {
        event.case_id
        for system in ("acos", "boston311")
        for municipality in ("asker", "sorum")
        if (event := Import(municipality, system, "Europe/Oslo", MONDAY).event(case, {}))
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ({"kind": "Spørsmål", "unit": "Vei og vinterdrift"}, {"kind": "question", "unit": "vei"}),
        (
            {"kind": "KLAGE PÅ VEDTAK", "topic": "Water and sewage"},
            {"kind": "appeal", "topic": "vann-og-avlop"},
        ),
        ({"kind": "praise", "channel": "E-post"}, {"kind": "praise", "channel": "email"}),
        (
            {"kind": "Street Light", "unit": "PWDx", "area": None},
            {"kind": "Street Light", "unit": "PWDx", "area": None},
        ),
    ],
)
def test_the_municipalitys_own_names_are_recognised_in_an_archive(
    written: dict[str, str | None], known: dict[str, str | None]
) -> None:
    """In any of its languages, in small letters or large; words of others stay as they are."""
    case = Case(
        2,
        "1",
        MONDAY,
        None,
        None,
        **{**dict.fromkeys(("kind", "topic", "unit", "area", "channel")), **written},
    )
    (found,) = Words.of(SORUM).recognised([case])
    assert {name: getattr(found, name) for name in known} == known


def test_a_row_that_has_ids_says_what_it_said_before_names_were_known() -> None:
    """So that a file imported by an earlier version is no change."""
    case = Case(2, "1", MONDAY, None, None, "question", "vann-og-avlop", "vei", None, "web")
    (found,) = Words.of(SORUM).recognised([case])
    assert repr(found) == repr(case)


def test_a_unit_that_is_the_municipalitys_own_has_its_section_in_the_figures() -> None:
    """A unit of others has none, and a unit that has moved since the import makes no row another."""
    case = Case(2, "1", MONDAY, None, None, None, None, "vei", None, None)
    here = Import("sorum", "arkiv", "Europe/Oslo", MONDAY, {"vei": "kommunalteknikk-kf"})
    event = here.event(case, {})
    assert event
    assert event.section == "kommunalteknikk-kf"
    other = here.event(replace(case, reference="2", unit="PWDx"), {})
    assert other
    assert other.section is None
    moved = replace(here, sections={"vei": "plan-utbygging"})
    assert moved.event(case, {event.case_id: Last(event.id, event.at)}) is None
