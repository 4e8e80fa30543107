"""The goals and targets of a municipality's folder, and what is said when they are wrong."""

import shutil
from pathlib import Path

import pytest

from services.metrics.measures import MEASURES, Unit
from shared import municipality
from shared.municipality import MeasureId
from shared.municipality.targets import IN_PER_CENT, USUAL

SORUM = municipality.load("sorum")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a municipality, to be spoilt."""
    return Path(shutil.copytree(SORUM.folder, tmp_path / "sorum"))


def test_amounts_are_read_as_people_write_them() -> None:
    """Per cent with or without a blank, and a decimal comma."""
    target = next(one for one in SORUM.balance.targets if one.id == "svarloftet")
    assert (target.target, target.tolerance, target.start) == (0.9, 0.1, 0.71)
    assert target.measure == MeasureId.PROMISE_KEPT
    satisfied = next(one for one in SORUM.balance.targets if one.id == "tilfredshet")
    assert satisfied.target == 4.0
    assert SORUM.balance.goal("brukerkapital").capital == "user"


def test_the_measures_a_target_may_have_are_those_of_the_catalogue() -> None:
    """The folder is checked without the metrics service, so its list must not fall behind."""
    assert [measure.value for measure in MeasureId] == list(MEASURES)
    shares = {identity for identity, measure in MEASURES.items() if measure.unit == Unit.SHARE}
    assert {measure.value for measure in IN_PER_CENT} == shares


def test_a_municipality_may_be_without_targets(folder: Path) -> None:
    """Its leaders get their reports on the usual schedule nevertheless, unless the file says that there is none."""
    file = folder / "targets.yaml"
    file.unlink()
    balance = municipality.load(folder).balance
    assert not balance.targets
    assert balance.reports == USUAL
    assert all((USUAL.monthly, USUAL.tertial, USUAL.annual))
    file.write_text("reports: {}\n")
    assert municipality.load(folder).balance.reports.tertial is None


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("measure: promise_kept", "measure: promise_kep", "promise_kept"),
        ("target: 90 %", "target: 90", "promise_kept is a share; write 'target' in per cent, such as 90 %"),
        ("target: 90 %", "target: nitti", "'nitti' is no number; write one such as 90 % or 2.5"),
        ("tolerance: 10 %", "tolerance: -1", "must not be less than 0"),
        ("goal: brukerkapital", "goal: brukerkapitl", "there is no goal 'brukerkapitl' in targets.yaml"),
        ("section: skole", "section: skoler", "there is no section 'skoler' in organisation.yaml"),
        ("years: [2026, 2027]", "years: [2026, 2028]", "is for 2024 to 2027, not 2028"),
        ("to: 2027-12-31", "to: 2033-12-31", "is for more than four years"),
        ("capital: human", "capital: user", "are goals of the same capital on the same days"),
        ("id: svartid\n", "id: svarloftet\n", "is already used in line"),
        ("section: barnehage", "section: skole", "is a target for the same measure in 2026 already"),
        ("explain_by: 8", "explain_by: 12", "'explain_by' must come before 'issue'"),
        ("offices: [politisk-sekretariat]", "offices: [radet]", "there is no unit 'radet'"),
        ("sections: [skole,", "sections: [skoler,", "there is no section 'skoler' in organisation.yaml"),
        (
            "barn-unge-familie], offices: [politisk-sekretariat]",
            "barn-unge-familie], offices: [radet]",
            "there is no unit 'radet'",
        ),
        (
            "id: utvalg-for-kultur",
            "id: utvalg-for-oppvekst",
            "the committee 'utvalg-for-oppvekst' is here twice",
        ),
        ("\n  tertial: {", "\n  #tertial: {", "committees get tertial reports; add 'tertial'"),
        ("    goal:\n      nb:", "    goal:\n      xx:", "unknown key 'xx'"),
        ('      nn: "Svar innan fristen', '      #: "Svar innan fristen', "'focus' lacks the language 'nn'"),
    ],
)
def test_each_fault_has_its_file_its_line_and_a_way_to_mend_it(
    folder: Path, was: str, becomes: str, said: str
) -> None:
    """The line is that of the value, or nearest it."""
    path = folder / "targets.yaml"
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, becomes, 1), "utf-8")
    line = text[: text.index(was)].count("\n") + 1
    found = municipality.check(folder)
    matching = [fault for fault in found if said in fault.message]
    assert matching, found
    assert all(fault.file == "targets.yaml" for fault in found)
    assert any(abs(fault.line - line) <= 12 for fault in matching)
