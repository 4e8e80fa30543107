"""What is said of a municipality's folder in which more is wrong than a line: all of it, and never an error."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import municipality
from shared.municipality import ConfigurationError
from tests.unit.shared.municipalities import ORGANISATION, PROMISES, TOPICS, Write, faults


def test_a_fault_in_one_item_does_not_hide_those_in_others(lillevik: Write) -> None:
    """Everything is told at once, file by file and line by line."""
    folder = lillevik(
        ("organisation.yaml", "roles: [director]", "roles: [boss]"),
        ("organisation.yaml", "substitute: liv-dahl", "substitute: ida-berg"),
        ("topics.yaml", "owner: vei", "owner: veg"),
        ("look.yaml", "logo: logo.svg", "logo: seal.svg"),
    )
    assert [message.partition(": ")[0] for message in faults(folder)] == [
        "look.yaml:10",
        "organisation.yaml:27",
        "organisation.yaml:43",
        "topics.yaml:9",
    ]


@given(
    st.sampled_from(
        [("organisation.yaml", ORGANISATION), ("topics.yaml", TOPICS), ("promises.yaml", PROMISES)]
    ),
    st.integers(0, 60),
    st.integers(0, 40),
    st.sampled_from(
        ["[]", "{}", "~", "- a", "a: b", "'", "\t", "*a", "? [a]\n: b", "<<: {id: q}", "\x00", "{a: [c]}"]
    ),
    st.booleans(),
)
def test_a_file_damaged_anywhere_has_faults_with_lines_or_none_but_never_fails(
    tmp_path_factory: pytest.TempPathFactory,
    file: tuple[str, str],
    line: int,
    column: int,
    damage: str,
    cut: bool,  # noqa: FBT001 - hypothesis passes it by position
) -> None:
    """Whatever is typed into it, the command has an answer."""
    name, text = file
    folder = tmp_path_factory.mktemp("damaged")
    for other, whole in (
        ("organisation.yaml", ORGANISATION),
        ("topics.yaml", TOPICS),
        ("promises.yaml", PROMISES),
    ):
        (folder / other).write_text(whole, encoding="utf-8")
    lines = text.split("\n")
    line %= len(lines)
    lines[line] = lines[line][:column] + damage + ("" if cut else lines[line][column:])
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    for fault in municipality.check(folder):
        assert 1 <= fault.line <= len(lines) + 2


@pytest.mark.parametrize("name", ["organisation.yaml", "topics.yaml", "promises.yaml", "look.yaml"])
def test_a_missing_file_is_a_fault_in_it(lillevik: Write, name: str) -> None:
    """And what points into it is not blamed as well."""
    folder = lillevik()
    (folder / name).unlink()
    assert faults(folder) == [f"{name}:1: the file is missing; every municipality has one"]


def test_a_file_saved_in_another_encoding_is_a_fault_at_the_first_such_letter(lillevik: Write) -> None:
    """What Windows programs do."""
    folder = lillevik()
    (folder / "organisation.yaml").write_bytes(ORGANISATION.encode("latin-1"))
    assert faults(folder) == ["organisation.yaml:6: the file is not UTF-8; save it as UTF-8"]


def test_a_byte_order_mark_does_no_harm(lillevik: Write) -> None:
    """What Windows programs do as well."""
    folder = lillevik()
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8-sig")
    assert faults(folder) == []


def test_a_control_character_is_a_fault_in_its_line(lillevik: Write) -> None:
    """Copied from somewhere, and invisible."""
    folder = lillevik(("organisation.yaml", "name: Sør", "name: Sør\x07"))
    assert [message.partition(": this is not valid YAML")[0] for message in faults(folder)] == [
        "organisation.yaml:6"
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("nb.yaml", "form.title: Si fra\n", []),
        ("se.yaml", "form.title: Buorre\n", ["texts/se.yaml:1: only nb.yaml, nn.yaml, en.yaml belong here"]),
        (
            "nn.yaml",
            "form.lead: Hei\nform:\n  title: Sei frå\n",
            ["texts/nn.yaml:2: 'form' must have a text; write keys flat, as 'page.part: text'"],
        ),
        ("nb.yaml", "mail.answer.lead: '{unit} svarer på {yours} ({reference}).'\n", []),
        (
            "nb.yaml",
            "mail.answer.private: Fra {avdeling}\nmail.answer.lead: '{unitt} har svart.'\n",
            [
                "texts/nb.yaml:1: 'mail.answer.private' has a placeholder {avdeling} that nobody fills; it has none",
                "texts/nb.yaml:2: 'mail.answer.lead' has a placeholder {unitt} that nobody fills; it may have {unit}, {yours}",
            ],
        ),
        (
            "nb.yaml",
            "mail.answer.lead: '{unit har svart.'\n",
            [
                "texts/nb.yaml:1: 'mail.answer.lead' has a brace without its other half; write {{ and }} for braces that are to be read",
            ],
        ),
    ],
)
def test_own_wording_is_flat_and_in_a_language_there_is(
    lillevik: Write, file: str, text: str, said: list[str]
) -> None:
    """A file that nothing would read is a fault, and so is a text that no mail could be made of."""
    folder = lillevik()
    (folder / "texts").mkdir()
    (folder / "texts" / file).write_text(text, encoding="utf-8")
    assert faults(folder) == said


def test_loading_a_folder_with_faults_tells_them_all(lillevik: Write) -> None:
    """A service that cannot start says what to mend."""
    folder = lillevik(("organisation.yaml", "director: siri-vik", "director: siri-vick"))
    with pytest.raises(ConfigurationError, match=r"organisation.yaml:2: there is no person") as caught:
        municipality.load(folder)
    assert len(caught.value.faults) == 1


def test_the_law_s_options_are_read_and_checked(lillevik: Write) -> None:
    """The day of force of the act of 2025, and topics that exist."""
    law = "calendar:\n"
    wrong = lillevik(("promises.yaml", law, "law: {fvl2025_from: 2028-01-01, access_topics: [veg]}\n" + law))
    assert faults(wrong) == ["promises.yaml:17: there is no topic 'veg' in topics.yaml; did you mean 'vei'?"]
    right = lillevik(("promises.yaml", law, "law: {fvl2025_from: 2028-01-01, access_topics: [vei]}\n" + law))
    loaded = municipality.load(right)
    assert loaded.law_options.fvl2025_from == date(2028, 1, 1)
    assert loaded.law.access_topics == {"vei"}


@pytest.mark.parametrize(
    ("longest", "fits"),
    [("P3M", True), ("P4M", False), ("P13W", True), ("P14W", False), ("P92D", True), ("P93D", False),
     ("P65WD", True), ("P66WD", False), ("P1Y", False)],
)  # fmt: skip
def test_a_pause_lasts_three_months_at_most(lillevik: Write, longest: str, fits: bool) -> None:  # noqa: FBT001 - a table
    """A longer one is refused with its line, and with what may be written instead."""
    folder = lillevik(("promises.yaml", "calendar:\n", f"pauses: {{longest: {longest}}}\ncalendar:\n"))
    if fits:
        assert municipality.load(folder).pauses.longest == longest
        return
    (fault,) = faults(folder)
    assert fault == (
        f"promises.yaml:17: 'longest': '{longest}' stops the clock for more than three months; write at most "
        "P3M, P13W, P92D or P65WD, and ask again where an answer is still needed"
    )
