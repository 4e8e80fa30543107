"""What is said of an organisation that is wrong: file, line, and a way to mend it."""

import pytest

from tests.unit.shared.municipalities import ORGANISATION, Write, faults

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
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BROKEN)
def test_each_fault_has_its_file_its_line_and_a_way_to_mend_it(
    lillevik: Write, file: str, old: str, new: str, said: list[str]
) -> None:
    """An administrator who is no programmer can find and mend it."""
    assert faults(lillevik((file, old, new))) == said
