"""Who reads which report."""

from datetime import date

from services.metrics.manual.store import WHOLE, Scope
from services.metrics.reports import readers
from services.metrics.reports.periods import ReportKind
from shared import municipality
from shared.web.session import SignedIn

SORUM = municipality.load("sorum")
SECRETARY = SignedIn(SORUM.units["politisk-sekretariat"].leader, "Navn", ("leader",))
SCHOOL, COMMITTEE = Scope.section("skole"), Scope.committee("utvalg-for-oppvekst")
DIRECTOR = SignedIn(SORUM.director, "Navn", ("director",))


def test_who_lays_a_report_before_a_committee_reads_it_but_does_not_issue_it() -> None:
    """Nor do they read what the committee's sections get for themselves."""
    assert readers.may_read(SECRETARY, SORUM, ReportKind.TERTIAL, COMMITTEE)
    assert not readers.may_issue(SECRETARY, SORUM, COMMITTEE)
    assert not readers.may_read(SECRETARY, SORUM, ReportKind.TERTIAL, SCHOOL)
    assert {WHOLE, COMMITTEE} <= readers.readable(SECRETARY, SORUM, ReportKind.TERTIAL)
    assert readers.may_issue(DIRECTOR, SORUM, COMMITTEE)


def test_a_committees_report_is_sent_to_its_sections_leaders_and_its_office_each_once() -> None:
    """And a section's leader reads the report that the section is in, but no other committee's."""
    on = date(2026, 9, 16)
    leaders = [SORUM.sections[section].leader for section in ("skole", "barnehage", "barn-unge-familie")]
    expected = tuple(dict.fromkeys([*leaders, SECRETARY.person_id]))
    assert readers.of(SORUM, ReportKind.TERTIAL, COMMITTEE, on) == expected
    head = SignedIn(leaders[0], "Navn", ("leader",))
    assert readers.may_read(head, SORUM, ReportKind.TERTIAL, COMMITTEE)
    assert not readers.may_read(head, SORUM, ReportKind.TERTIAL, Scope.committee("utvalg-for-kultur"))


def test_a_committee_that_is_no_more_has_no_readers() -> None:
    """Its issued reports are still the director's."""
    gone = Scope.committee("utvalg-som-var")
    assert readers.of(SORUM, ReportKind.TERTIAL, gone, date(2026, 9, 16)) == ()
    assert not readers.may_read(SECRETARY, SORUM, ReportKind.TERTIAL, gone)
    assert readers.may_read(DIRECTOR, SORUM, ReportKind.TERTIAL, gone)
