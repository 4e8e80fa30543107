"""What is said of a municipality's folder that is wrong: file, line, and a way to mend it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import municipality
from shared.municipality import ConfigurationError
from tests.unit.shared.municipalities import ORGANISATION, PROMISES, TOPICS, Write, faults

BROKEN: list[tuple[str, str, str, list[str]]] = [
    # file, what is there, what is put in its place, what is said
    (
        "organisation.yaml",
        "  - {id: nord, name: Nord}",
        "  - {id: nord, name: Nord",
        [
            (
                "organisation.yaml:6: this is not valid YAML: did not find expected ',' or '}', while "
                "parsing a flow mapping"
            )
        ],
    ),
    (
        "organisation.yaml",
        ORGANISATION,
        "",
        ["organisation.yaml:1: the file must be keys and values, such as 'id: sorum'"],
    ),
    (
        "organisation.yaml",
        "    name: Teknisk\n",
        "    name: Teknisk\n    name: Drift\n",
        ["organisation.yaml:10: the key 'name' is here twice; remove one"],
    ),
    (
        "organisation.yaml",
        "id: lillevik",
        "id: Lille Vik",
        [
            (
                "organisation.yaml:1: 'id': 'Lille Vik' is no valid id; use small letters a-z, digits "
                "and single hyphens, "
                "such as 'vei-og-vinterdrift'"
            )
        ],
    ),
    (
        "organisation.yaml",
        "    leader: per-moen\n  - id: vei\n",
        "    leeder: per-moen\n  - id: vei\n",
        [
            "organisation.yaml:12: 'leader' is missing in 'torget'; add it",
            "organisation.yaml:15: unknown key 'leeder'; did you mean 'leader'?",
        ],
    ),
    (
        "organisation.yaml",
        "front_desk: torget",
        "front_desk: toget",
        ["organisation.yaml:3: there is no unit 'toget' in organisation.yaml; did you mean 'torget'?"],
    ),
    (
        "organisation.yaml",
        "front_desk: torget",
        "front_desk: vei",
        [
            (
                "organisation.yaml:3: nobody in the unit 'vei' has the role front_desk; give it to at "
                "least one person"
            )
        ],
    ),
    ("organisation.yaml", "director: siri-vik\n", "", ["organisation.yaml:1: 'director' is missing; add it"]),
    (
        "organisation.yaml",
        "director: siri-vik",
        "director: per-moen",
        ["organisation.yaml:2: 'per-moen' does not have the role director; add it to the person's roles"],
    ),
    (
        "organisation.yaml",
        "    leader: per-moen\nunits",
        "    leader: kari-bakke\nunits",
        ["organisation.yaml:10: there is no person 'kari-bakke' in organisation.yaml"],
    ),
    (
        "organisation.yaml",
        "    section: teknisk\n",
        "    section: tekniks\n",
        ["organisation.yaml:14: there is no section 'tekniks' in organisation.yaml; did you mean 'teknisk'?"],
    ),
    (
        "organisation.yaml",
        "  - id: vei-sor\n",
        "  - id: vei\n",
        [
            "organisation.yaml:20: the id 'vei' is already used in line 16; ids must be unique",
            "organisation.yaml:46: there is no unit 'vei-sor' in organisation.yaml; did you mean 'vei'?",
            "topics.yaml:11: there is no unit 'vei-sor' in organisation.yaml; did you mean 'vei'?",
        ],
    ),
    (
        "organisation.yaml",
        "unit: vei-sor}",
        "unit: vei}",
        [
            (
                "organisation.yaml:20: the unit 'vei-sor' has no caseworker; "
                "add a person with this unit and the role caseworker"
            )
        ],
    ),
    (
        "organisation.yaml",
        "areas: [sor]",
        "areas: [sor, vest]",
        ["organisation.yaml:25: there is no area 'vest' in organisation.yaml"],
    ),
    (
        "organisation.yaml",
        "part_of: vei\n",
        "part_of: vei-sor\n",
        ["organisation.yaml:24: 'part_of' leads from 'vei-sor' back to itself; break the circle"],
    ),
    (
        "organisation.yaml",
        "part_of: vei\n",
        "replaced_by: vei\n",
        ["organisation.yaml:24: a unit that is replaced needs the last day it exists; add 'to'"],
    ),
    (
        "organisation.yaml",
        "part_of: vei\n",
        "to: 2026-12-31\n",
        [
            (
                "topics.yaml:11: the unit 'vei-sor' ends on 2026-12-31 and nobody owns 'vei' after that; "
                "give the unit 'replaced_by', or the topic another owner"
            )
        ],
    ),
    (
        "organisation.yaml",
        "roles: [leader]",
        "roles: [leder]",
        [
            (
                "organisation.yaml:28: 'roles': 'leder' is not one of caseworker, leader, front_desk, "
                "director, "
                "administrator; did you mean 'leader'?"
            )
        ],
    ),
    (
        "organisation.yaml",
        "roles: [leader]",
        "roles: []",
        ["organisation.yaml:28: 'roles' needs at least one item"],
    ),
    (
        "organisation.yaml",
        "roles: [leader]",
        "roles: leader",
        ["organisation.yaml:28: 'roles' must be a list, such as [a, b], not 'leader'"],
    ),
    (
        "organisation.yaml",
        "siri@lillevik.example",
        "siri",
        ["organisation.yaml:27: 'email': 'siri' is no e-mail address; write one such as post@sorum.example"],
    ),
    (
        "organisation.yaml",
        "siri@lillevik.example",
        "Per@lillevik.example",
        ["organisation.yaml:28: 'siri-vik' has the same e-mail address; each person needs one of their own"],
    ),
    (
        "organisation.yaml",
        "substitute: ida-berg",
        "substitute: omar-nasser",
        ["organisation.yaml:35: 'omar-nasser' is their own substitute; name somebody else"],
    ),
    (
        "organisation.yaml",
        "substitute: ida-berg",
        "substitute: ida-bergh",
        [
            (
                "organisation.yaml:35: there is no person 'ida-bergh' in organisation.yaml; did you "
                "mean 'ida-berg'?"
            )
        ],
    ),
    (
        "organisation.yaml",
        "{from: 2026-12-07, to: 2026-12-11}",
        "{from: 2026-12-07, to: 2026-12-01}",
        ["organisation.yaml:37: 'from' (2026-12-07) is after 'to' (2026-12-01); swap them or mend one"],
    ),
    (
        "organisation.yaml",
        "{from: 2026-12-07, to: 2026-12-11}",
        "{from: 7.12.2026, to: 2026-12-11}",
        ["organisation.yaml:37: 'from' must be a day such as 2026-01-31, not '7.12.2026'"],
    ),
    (
        "organisation.yaml",
        "    unit: vei\n",
        "",
        ["organisation.yaml:30: 'omar-nasser' is a caseworker and needs a unit; add 'unit'"],
    ),
    (
        "organisation.yaml",
        "    part_of: vei\n",
        "    part_of: &vei vei\n    replaced_by: *vei\n",
        ["organisation.yaml:24: YAML aliases (*name) are not supported; write it out"],
    ),
    (
        "organisation.yaml",
        "  - {id: nord, name: Nord}",
        "  - nord",
        ["organisation.yaml:5: 'areas' must be keys and values, not 'nord'"],
    ),
    (
        "topics.yaml",
        TOPICS,
        "topics: []\n",
        [
            "promises.yaml:7: there is no topic 'vei' in topics.yaml",
            "topics.yaml:1: 'topics' needs at least one item",
        ],
    ),
    (
        "topics.yaml",
        "    owner: vei\n",
        "    owner: vegen\n",
        ["topics.yaml:9: there is no unit 'vegen' in organisation.yaml"],
    ),
    ("topics.yaml", "    owner: vei\n", "", ["topics.yaml:2: 'owner' is missing in 'vei'; add it"]),
    (
        "topics.yaml",
        "    owner: vei\n",
        "    owner: vei-sor\n",
        ["topics.yaml:9: 'vei-sor' does not cover 'nord': add an owner for it to 'owners'"],
    ),
    (
        "topics.yaml",
        "sor: vei-sor",
        "nord: vei-sor",
        [
            (
                "topics.yaml:11: the unit 'vei-sor' does not cover 'nord'; add the area to the unit, "
                "or choose another"
            )
        ],
    ),
    (
        "topics.yaml",
        "sor: vei-sor",
        "ost: vei",
        ["topics.yaml:11: there is no area 'ost' in organisation.yaml"],
    ),
    ("topics.yaml", "nn: Veg, ", "", ["topics.yaml:3: 'names' lacks the language 'nn'; add it"]),
    (
        "topics.yaml",
        "nn: [snøbrøyting, hol i vegen]",
        "nn: []",
        ["topics.yaml:7: 'nn' needs at least one item"],
    ),
    (
        "topics.yaml",
        "kostra: [332]",
        "kostra: [33]",
        ["topics.yaml:8: 'kostra': '33' is no KOSTRA function code; these have three digits, such as 332"],
    ),
    (
        "topics.yaml",
        "    kostra: [332]\n",
        "    sensitive: perhaps\n",
        ["topics.yaml:8: 'sensitive' must be true or false, not 'perhaps'"],
    ),
    (
        "promises.yaml",
        "rule: P1W",
        "rule: one week",
        [
            (
                "promises.yaml:3: 'rule': 'one week' must begin with P; write P5D for days, P10WD for "
                "working days, P1W for weeks, P1M for months or P1Y for years, "
                "with a number from 1 to 9999"
            )
        ],
    ),
    (
        "promises.yaml",
        "    rule: P1W\n",
        "    rule: P1W\n    match: {topic: vei}\n",
        [
            (
                "promises.yaml:7: 'vei' and 'garanti' are for the same submissions on the same days; "
                "end one before the other begins, or make one more specific under 'match'"
            )
        ],
    ),
    (
        "promises.yaml",
        "match: {topic: vei}",
        "match: {topic: veien}",
        ["promises.yaml:7: there is no topic 'veien' in topics.yaml; did you mean 'vei'?"],
    ),
    (
        "promises.yaml",
        "match: {topic: vei}",
        "match: {area: vest}",
        ["promises.yaml:7: there is no area 'vest' in organisation.yaml"],
    ),
    (
        "promises.yaml",
        "match: {topic: vei}",
        "match: {kind: complain}",
        [
            (
                "promises.yaml:7: 'kind': 'complain' is not one of praise, complaint, question, appeal; did "
                "you mean 'complaint'?"
            )
        ],
    ),
    (
        "promises.yaml",
        "to: 2026-12-31",
        "to: 2025-12-31",
        ["promises.yaml:6: 'from' (2026-01-01) is after 'to' (2025-12-31); swap them or mend one"],
    ),
    (
        "promises.yaml",
        ", en: An answer within a week",
        "",
        ["promises.yaml:4: 'words' lacks the language 'en'; add it"],
    ),
    (
        "promises.yaml",
        "before: 2",
        "before: 2, after: 1",
        [
            (
                "promises.yaml:15: give either 'before' (working days before the due day) or 'after' "
                "(after the breach)"
            )
        ],
    ),
    (
        "promises.yaml",
        "before: 2",
        "before: -2",
        ["promises.yaml:15: 'before' must not be less than 0, not '-2'"],
    ),
    (
        "promises.yaml",
        "id: broken",
        "id: soon",
        ["promises.yaml:16: the id 'soon' is used twice in the ladder; ids must be unique"],
    ),
    ("promises.yaml", "08:00", "16:00", ["promises.yaml:13: office hours must open before they close"]),
    (
        "promises.yaml",
        "  ladder:\n",
        "  digest: {from: 1}\n  ladder:\n",
        [
            (
                "promises.yaml:14: a digest is of two reminders at least; write 'from: 2' or more, or "
                "'from: 0' for never"
            )
        ],
    ),
    (
        "promises.yaml",
        "  ladder:\n",
        "  digest: {from: 5, at: 15:30}\n  ladder:\n",
        ["promises.yaml:12: the digest's 'at' must lie within the office hours"],
    ),
    (
        "promises.yaml",
        "calendar:\n",
        "messages: {sms: true}\ncalendar:\n",
        ["promises.yaml:17: text messages need a sender; add 'sms_sender: NAME', or write 'sms: false'"],
    ),
    (
        "promises.yaml",
        "calendar:\n",
        "messages: {sms: true, sms_sender: Lillevik kommune}\ncalendar:\n",
        [
            (
                "promises.yaml:17: 'sms_sender': 'Lillevik kommune' is no sender that phones show; write 3 "
                "to 11 letters a-z, digits and spaces, such as 'Sorum'"
            )
        ],
    ),
    (
        "promises.yaml",
        "08:00",
        "eight",
        ["promises.yaml:13: 'from' must be a time of day such as 08:00, not 'eight'"],
    ),
    (
        "promises.yaml",
        "2026-05-15:",
        "2026-05-32:",
        ["promises.yaml:20: '2026-05-32' must be a day such as 2026-01-31"],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "languages: [nb, se]",
        ["look.yaml:13: 'languages': 'se' is not one of nb, nn, en"],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "languages: [nb, nb]",
        ["look.yaml:13: the language 'nb' is here twice; remove one"],
    ),
    (
        "look.yaml",
        "logo: logo.svg",
        "logo: seal.svg",
        ["look.yaml:10: there is no SVG file 'seal.svg' in the folder; add it, or mend the name"],
    ),
    (
        "look.yaml",
        "#0b5563",
        "#33aacc",
        [
            (
                "look.yaml:8: white text on #33aacc has a contrast of 2.7:1 and needs 4.5:1 (WCAG "
                "2.2); choose a darker colour"
            )
        ],
    ),
    (
        "look.yaml",
        '"#0b5563"',
        "blue",
        ["look.yaml:8: 'primary': 'blue' is no colour; write six hex digits such as '#0b5394'"],
    ),
    (
        "look.yaml",
        "https://",
        "",
        ["look.yaml:3: 'website': 'www.lillevik.example' is no web address; begin it with https://"],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "organisation_number: 920125299\nlanguages: [nb, nn, en]",
        [
            (
                "look.yaml:13: 'organisation_number': '920125299' is no organisation number; these have nine digits, "
                "the last one a check digit"
            )
        ],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "municipality_number: 203\nlanguages: [nb, nn, en]",
        ["look.yaml:13: 'municipality_number': '203' is no municipality number; these have four digits"],
    ),
    ("look.yaml", ", en: Appeal here", "", ["look.yaml:12: 'words' lacks the language 'en'; add it"]),
    ("look.yaml", "name: Lillevik kommune", "name: ''", ["look.yaml:1: 'name' must not be empty, not ''"]),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BROKEN)
def test_each_fault_has_its_file_its_line_and_a_way_to_mend_it(
    lillevik: Write, file: str, old: str, new: str, said: list[str]
) -> None:
    """An administrator who is no programmer can find and mend it."""
    assert faults(lillevik((file, old, new))) == said


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
