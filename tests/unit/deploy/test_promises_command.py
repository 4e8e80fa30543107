"""What `svarfrist promises` says of what a configuration would change."""

from deploy.cli_promises import Group, for_programs, in_words
from services.notify.recompute import Why

EXAMPLE = {"reference": "7K3M-92QX", "due_on": "2026-11-23", "new_due_on": "2026-11-30"}


def test_the_operator_reads_how_many_why_and_which() -> None:
    """The count first, then each reason with examples."""
    groups = [
        Group("svargaranti", Why.RULE, "P1W", "P2W", 12, 12, 0, [EXAMPLE]),
        Group("innsyn", Why.CALENDAR, "P5WD", "P5WD", 2, 1, 1, []),
        Group("plan", Why.WORDS, "P15WD", "P15WD", 1, 0, 0, []),
    ]
    assert list(in_words(groups, 40, has_moved=False)) == [
        "15 of 40 open promises would change.",
        "svargaranti: the rule is P2W, was P1W: 12 (12 later, 0 earlier)",
        "  7K3M-92QX  2026-11-23 -> 2026-11-30",
        "innsyn: P5WD ends on another day by the calendar: 2 (1 later, 1 earlier)",
        "plan: the declaration has other words, the days stay: 1 (0 later, 0 earlier)",
    ]
    assert next(in_words(groups, 40, has_moved=True)) == "15 of 40 open promises were moved."


def test_nothing_to_change_is_said_so() -> None:
    """With how much was looked at, so that silence is no doubt."""
    assert list(in_words([], 40, has_moved=False)) == ["No open promise changes (40 looked at)."]


def test_a_program_reads_the_same() -> None:
    """Counts, rules and examples by name."""
    told = for_programs(
        [Group("svargaranti", Why.RULE, "P1W", "P2W", 12, 12, 0, [EXAMPLE])], 40, has_moved=True
    )
    assert (told["open"], told["changed"], told["applied"]) == (40, 12, True)
    assert told["groups"][0] == {
        "promise": "svargaranti", "why": "rule", "rule": "P1W", "new_rule": "P2W", "count": 12, "later": 12,
        "earlier": 0, "examples": [EXAMPLE],
    }  # fmt: skip
