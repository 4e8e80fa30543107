"""Who reads which report."""

from services.metrics.manual.store import WHOLE, Scope
from services.metrics.reports import readers
from services.metrics.reports.periods import ReportKind
from shared import municipality
from shared.web.session import SignedIn

SORUM = municipality.load("sorum")
SECRETARY = SignedIn(SORUM.units["politisk-sekretariat"].leader, "Navn", ("leader",))
SCHOOL = Scope.section("skole")


def test_who_lays_reports_before_a_committee_reads_its_sections_tertial_reports() -> None:
    """Neither their monthly ones nor those of a section that no committee answers for."""
    assert readers.may_read(SECRETARY, SORUM, ReportKind.TERTIAL, SCHOOL)
    assert not readers.may_read(SECRETARY, SORUM, ReportKind.MONTHLY, SCHOOL)
    assert not readers.may_read(SECRETARY, SORUM, ReportKind.TERTIAL, Scope.section("interkommunalt"))
    assert {WHOLE, SCHOOL} <= readers.readable(SECRETARY, SORUM, ReportKind.TERTIAL)
    assert SCHOOL not in readers.readable(SECRETARY, SORUM, ReportKind.MONTHLY)


def test_a_municipality_without_committees_reports_to_none() -> None:
    """The key may be left out."""
    balance = SORUM.balance
    without = SORUM.model_copy(
        update={
            "balance": balance.model_copy(
                update={"reports": balance.reports.model_copy(update={"committees": ()})}
            )
        }
    )
    assert readers.for_committees(without, ReportKind.TERTIAL) == {}
    assert not readers.may_read(SECRETARY, without, ReportKind.TERTIAL, SCHOOL)
