"""The resident's own case when we ask, move the day, merge and reopen; without scripts."""

from datetime import date
from uuid import UUID, uuid4

from services.intake.accepting import Accepted
from shared.database import Database
from shared.events import (
    CaseExtended,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    Kind,
    Promised,
    PromiseKept,
)
from shared.questions import AnswerKind, AnswerText
from tests.integration.intake.conftest import FRIDAY, Say
from tests.integration.intake.test_case import supplements
from tests.integration.intake.visitor import Resident

BY = {"person": "ola", "unit": "kommunalteknikk-heggedal-dikemark"}


def written(kind: AnswerKind, text: str, day: date | None = None) -> AnswerText:
    """Something we wrote, as routing tells it."""
    return AnswerText(
        id=uuid4(), at=FRIDAY, final=kind is AnswerKind.ANSWER, kind=kind, text=text, unit="Kommunalteknikk",
        person="Ola Hansen", expected_on=day,
    )  # fmt: skip


async def test_a_question_is_answered_where_it_is_read(
    resident: Resident, case: Accepted, happened: Say, routing: list[AnswerText], database: Database
) -> None:
    """With the day we wait to, on one form; the API says the same."""
    routing.append(written(AnswerKind.QUESTION, "Hvilken side av veien?", date(2026, 12, 28)))
    await happened(CasePaused, hours=0, question_id=uuid4(), until=date(2026, 12, 28), **BY)
    page = await resident.open(f"/sak/{case.secret}")
    for words in ("Vi trenger svar fra deg", "Hvilken side av veien?", "til og med mandag 28. desember 2026"):
        assert words in page.said
    read = await resident.http.get(
        f"/api/v1/submissions/{case.secret}", headers={"Accept": "application/json"}
    )
    told = read.json()
    assert (told["state"], told["waiting_until"]) == ("waiting", "2026-12-28")
    assert (told["answers"][0]["kind"], told["answers"][0]["final"]) == ("question", False)
    action = f"/sak/{case.secret}/tillegg"
    assert sum(form.action == action for form in page.forms) == 1
    await resident.press(page, action, "send", text="Den mot skolen.")
    (supplement,) = await supplements(database)
    assert supplement.text == "Den mot skolen."
    await happened(CaseExtended, hours=2, answer_id=uuid4(), due_on=date(2027, 1, 8), **BY)
    routing.append(written(AnswerKind.EXTENSION, "Delene kommer i januar.", date(2027, 1, 8)))
    page = await resident.open(f"/sak/{case.secret}")
    for words in (
        "Du får svar senest fredag 8. januar 2027",
        "Vi lovte først mandag 28. desember 2026.",
        "Delene kommer i januar.",
        "Vi har gitt beskjed om at svaret kommer innen fredag 8. januar 2027.",
    ):
        assert words in page.said


async def test_a_merged_and_then_reopened_case_names_nobody_and_keeps_what_was_held(
    resident: Resident, case: Accepted, happened: Say
) -> None:
    """Neither page nor API tells of the other case."""
    other = UUID("01900000-0000-7000-8000-00000000abcd")
    await happened(CaseMerged, into=other, **BY)
    page = await resident.open(f"/sak/{case.secret}")
    assert "Saken din behandles sammen med en annen" in page.said
    read = await resident.http.get(
        f"/api/v1/submissions/{case.secret}", headers={"Accept": "application/json"}
    )
    assert read.json()["state"] == "merged"
    assert str(other) not in page.html + read.text
    await happened(PromiseKept, hours=2, version=1, due_on=date(2026, 12, 28), judged_on=date(2026, 12, 18))
    promise = Promised(promise_id="svargaranti", rule="P1W", rule_version="1", due_on=date(2026, 12, 30))
    await happened(CaseReopened, hours=3, promise=promise, **BY)
    page = await resident.open(f"/sak/{case.secret}")
    for words in (
        "Vi arbeider med saken din",
        "onsdag 30. desember 2026",
        "Før vi åpnet saken igjen, lovte vi svar senest mandag 28. desember 2026, og holdt det.",
    ):
        assert words in page.said


async def test_what_is_found_to_be_an_appeal_is_shown_with_the_laws_clock_beside_the_promise(
    resident: Resident, case: Accepted, happened: Say, routing: list[AnswerText]
) -> None:
    """Each deadline for itself, in words to the resident; a reason with a new day meets the interim one."""
    assert "Lovens frister" not in (await resident.open(f"/sak/{case.secret}")).said
    promise = Promised(promise_id="svargaranti", rule="P1W", rule_version="1", due_on=date(2026, 12, 28))
    await happened(
        CaseReclassified,
        kind=Kind.APPEAL,
        topic="barnehage",
        area=None,
        promise=promise,
        answer_id=None,
        **BY,
    )
    page = await resident.open(f"/sak/{case.secret}")
    for words in (
        "Klage på vedtak",
        "Vi behandler nå saken som: Klage på vedtak, Barnehage",
        "Du får svar senest mandag 28. desember 2026",
        "Lovens frister",
        "Foreløpig svar mandag 18. januar 2027 Løper",
        "skal du ha et foreløpig svar",
        "Én måned senere er det mandag 18. januar 2027.",
    ):
        assert words in page.said
    routing.append(written(AnswerKind.EXTENSION, "Vi venter på uttalelser.", date(2027, 2, 1)))
    await happened(CaseExtended, hours=2, answer_id=uuid4(), due_on=date(2027, 2, 1), **BY)
    assert "mandag 18. januar 2027 Overholdt" in (await resident.open(f"/sak/{case.secret}")).said
