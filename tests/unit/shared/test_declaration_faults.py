"""What is said of topics, promises and a look that are wrong: file, line, and a way to mend it."""

import pytest

from tests.unit.shared.municipalities import TOPICS, Write, faults

BROKEN: list[tuple[str, str, str, list[str]]] = [
    # file, what is there, what is put in its place, what is said
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
