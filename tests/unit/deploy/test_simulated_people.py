"""What people are made up to have written in a simulated year."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from deploy.simulation.people import People, written_in
from services.metrics.improvements.store import ImprovementVersion
from services.metrics.surveys.store import Survey
from shared import municipality

SORUM = municipality.load("sorum")


class Added:
    """A session that remembers what is put into it."""

    def __init__(self) -> None:
        self.rows: list[object] = []

    def add(self, row: object) -> None:
        """One row."""
        self.rows.append(row)

    def add_all(self, rows: Iterable[object]) -> None:
        """Several."""
        self.rows += rows


def test_people_write_the_municipalitys_first_language() -> None:
    """In nynorsk what is said in bokmål, of the same measures and topics on the same days."""
    bokmal, nynorsk = written_in("nb"), written_in("nn")
    assert written_in("en") == bokmal

    def shape(written: Mapping[str, Any]) -> object:
        return (
            {measure: len(each) for measure, each in written["explanations"].items()},
            [(one["topic"], one["decided"], one.get("days")) for one in written["improvements"]],
        )

    assert shape(bokmal) == shape(nynorsk)
    session = Added()
    look = SORUM.look.model_copy(update={"languages": ("nn", "nb")})
    known = SORUM.model_copy(update={"look": look})
    People(known, 2026, 15_000, 1, date(2026, 11, 22)).write(session, [])  # type: ignore[arg-type]
    titles = {one.title for one in session.rows if isinstance(one, ImprovementVersion)}
    assert "Ope bibliotek på søndagar" in titles
    (survey,) = (one for one in session.rows if isinstance(one, Survey))
    assert survey.title == "Innbyggjarundersøkinga 2025 (oppdikta)"
