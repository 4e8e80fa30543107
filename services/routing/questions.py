"""What other services may ask routing."""

from services.routing import store
from services.routing.names import Names
from shared.database import Database
from shared.municipality import Municipality
from shared.questions import AnswerKind, Answers, AnswerText, ReadAnswers


class AnswerReader:
    """Gives intake the answers of a case, as the resident may read them."""

    def __init__(self, database: Database, municipality: Municipality) -> None:
        """Take where answers are kept, and who units and people are."""
        self._database = database
        self._names = Names(municipality)

    async def read(self, question: ReadAnswers) -> Answers:
        """The answers, oldest first, each with the names of the unit and the caseworker; by their ids where they are gone."""
        async with self._database.reading() as session:
            rows = await store.answers_of(session, question.case_id)
        return Answers(
            answers=[
                AnswerText(
                    id=row.id,
                    at=row.at,
                    final=row.kind == AnswerKind.ANSWER,
                    kind=AnswerKind(row.kind),
                    text=row.text,
                    unit=self._names.unit(row.unit),
                    person=self._names.person(row.person),
                    expected_on=row.expected_on,
                )
                for row in rows
            ]
        )
