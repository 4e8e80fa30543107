"""Does what residents and caseworkers do, until it is done: also where a process dies before it has answered."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from email import message_from_bytes, policy
from time import monotonic

import httpx

from bench.year.killing import Asking
from deploy.data_folder import DataFolder
from deploy.demo import residents
from deploy.demo.browsing import UnexpectedPageError
from deploy.demo.cases import Case, Course
from deploy.demo.desk import Desk
from deploy.demo.residents import Receipt
from deploy.mailbox.answering import Answerer, AnswerRefusedError
from deploy.simulation.lives import Act, Deed, Life
from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
    CaseInterimAnswered,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    FeedbackGiven,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.municipality import Municipality

PATIENCE = 120.0
TEXTS = (
    "Gangveien er ikke brøytet.",
    "Når kommer svaret på søknaden?",
    "Takk for god hjelp.",
    "Lyset er borte.",
)
ANSWER = "Takk for at du sa fra. Vi har sett på saken og ordnet det."
INTERIM = "Vi trenger litt mer tid, fordi vi må hente inn opplysninger først."
QUESTION = "Hvilken adresse gjelder det?"
REPLY = "Det gjelder Prøveveien 1, og det samme gjelder naboen."
LATER = "Vi må på befaring før vi kan svare, og det lar seg ikke gjøre før."
ANEW = "Det du skrev nå, gjør dette til en annen sak enn vi trodde."
HERE = "Saken hører hjemme her."
FOUND = "Vi har sett at dette er noe annet enn det som var krysset av."
FAULTS = (
    httpx.TransportError, httpx.HTTPStatusError, UnexpectedPageError, LookupError, AnswerRefusedError, FileNotFoundError
)  # fmt: skip
"""What people meet while something is down, or has not been heard yet: they try again."""
LEAVES: Mapping[Act, tuple[str, type[Event], str]] = {
    Act.HAND_OVER: ("routing", CaseAssigned, "body ->> 'reason' = 'handed_over'"),
    Act.RECLASSIFY: ("routing", CaseReclassified, "true"),
    Act.ASK: ("routing", CasePaused, "true"),
    Act.SUPPLEMENT: ("intake", SubmissionSupplemented, "true"),
    Act.RESUME: ("routing", CaseResumed, "true"),
    Act.RESTART: ("routing", CaseRestarted, "true"),
    Act.EXTEND: ("routing", CaseExtended, "true"),
    Act.MERGE: ("routing", CaseMerged, "true"),
    Act.INTERIM: ("routing", CaseInterimAnswered, "true"),
    Act.ANSWER: ("routing", CaseAnswered, "true"),
    Act.CLOSE: ("routing", CaseClosed, "true"),
    Act.REOPEN: ("routing", CaseReopened, "true"),
    Act.FEEDBACK: ("intake", FeedbackGiven, "true"),
}
"""What an act leaves behind, by which one sees that it was done before a process died."""
AT_THE_DESK: Mapping[Act, Callable[[Desk, str, Deed], Awaitable[None]]] = {
    Act.OPEN: lambda desk, case, _: desk.open(case),
    Act.HAND_OVER: lambda desk, case, deed: desk.hand_over(case, deed.unit or "", HERE),
    Act.RECLASSIFY: lambda desk, case, deed: desk.reclassify(
        case, str(deed.kind), deed.topic, FOUND, hand_over=deed.unit is not None
    ),
    Act.ASK: lambda desk, case, _: desk.ask(case, QUESTION),
    Act.RESUME: lambda desk, case, _: desk.resume(case),
    Act.RESTART: lambda desk, case, _: desk.restart(case, ANEW),
    Act.EXTEND: lambda desk, case, deed: desk.extend(case, LATER, deed.day),
    Act.REOPEN: lambda desk, case, _: desk.reopen(case),
    Act.INTERIM: lambda desk, case, deed: desk.interim_answer(case, INTERIM, deed.day),
    Act.ANSWER: lambda desk, case, _: desk.answer(case, ANSWER),
    Act.CLOSE: lambda desk, case, _: desk.close(case),
}
_QUESTION_SENT = f"""
    SELECT message.id FROM message JOIN inbox USING (case_id)
    WHERE message.kind = 'question' AND message.state = 'sent'
        AND inbox.type = '{SubmissionReceived.type_name()}' AND inbox.body ->> 'reference' = $1
    ORDER BY message.sent_at DESC LIMIT 1
"""  # noqa: S608 - a name of our own


class People:
    """Everybody who does something, on the pages, over the API and by mail."""

    def __init__(
        self, folder: DataFolder, municipality: Municipality, lives: Mapping[int, Life], desk: Desk,
        asking: Mapping[str, Asking], wrong: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.receipts: dict[int, Receipt] = {}
        self._folder = folder
        self._municipality = municipality
        self._lives = lives
        self._desk = desk
        self._asking = asking
        self._wrong = wrong
        self._address = folder.record().public_url
        self._answerer = Answerer(folder.record().ports["replies"])
        self._done = Counter[tuple[int, Act]]()

    async def persist(self, number: int, deed: Deed | None) -> bool:
        """Does it until it is done, as people do who meet an error page; returns whether it was done at all."""
        end = monotonic() + PATIENCE
        while True:
            try:
                await self._do(number, deed)
            except FAULTS as fault:
                if _status(fault) == httpx.codes.INTERNAL_SERVER_ERROR:
                    self._wrong(f"{deed.act if deed else 'submit'}: {fault}")
                if deed and await self._is_done(number, deed.act):
                    break
                if monotonic() > end:
                    self._wrong(f"{deed.act if deed else 'submit'} could not be done: {fault}")
                    return False
                await asyncio.sleep(0.05 if isinstance(fault, LookupError) else 0.2)
            else:
                break
        if deed:
            self._done[number, deed.act] += 1
        return True

    async def _do(self, number: int, deed: Deed | None) -> None:
        life = self._lives[number]
        if deed is None:
            self.receipts[number] = await residents.submit(self._address, self._case(life))
            return
        receipt = self.receipts[number]
        match deed.act:
            case Act.SUPPLEMENT if deed.by_mail:
                await self._reply(receipt.reference)
            case Act.SUPPLEMENT:
                await residents.add(self._address, receipt, REPLY)
            case Act.FEEDBACK:
                await residents.say_whether_it_helped(self._address, receipt, self._case(life))
            case Act.MERGE if deed.into:
                await self._desk.merge(receipt.reference, self.receipts[deed.into.number].reference)
            case _:
                await AT_THE_DESK[deed.act](self._desk, receipt.reference, deed)

    async def _reply(self, reference: str) -> None:
        """Answers the mail with the question, once it has come, to the address that it asks for."""
        row = await self._asking["notify"].fetchrow(_QUESTION_SENT, reference)
        if row is None:
            raise LookupError(reference)
        message_id = f"<{row['id']}@{self._municipality.id}.example>"
        name = hashlib.sha256(message_id.encode()).hexdigest()
        content = (self._folder.mailbox / f"{name}.eml").read_bytes()
        mail = message_from_bytes(content, policy=policy.default)
        await asyncio.to_thread(self._answerer.answer, mail, REPLY)

    async def _is_done(self, number: int, act: Act) -> bool:
        """Whether the act had been done when its answer was lost."""
        if act not in LEAVES:
            return False
        service, event, also = LEAVES[act]
        row = await self._asking[service].fetchrow(
            "SELECT count(*) AS times FROM inbox JOIN inbox AS received USING (case_id)"  # noqa: S608 - of our own constants
            f" WHERE received.type = '{SubmissionReceived.type_name()}' AND inbox.type = '{event.type_name()}'"
            f" AND received.body ->> 'reference' = $1 AND {also.replace('body', 'inbox.body')}",
            self.receipts[number].reference,
        )
        return row is not None and row["times"] > self._done[number, act]

    def _case(self, life: Life) -> Case:
        return Case(
            number=life.number,
            kind=life.kind.value,
            course=Course.KEPT,
            text=f"Prøve nummer {life.number}: {TEXTS[life.number % len(TEXTS)]}",
            place=self._municipality.look.address.place,
            topic=life.topic,
            area=life.area,
            language=life.language,
            reply=life.reply_wanted,
            helped=(life.outcome or 0) > 2,
        )


def _status(fault: BaseException) -> int | None:
    match fault:
        case httpx.HTTPStatusError():
            return fault.response.status_code
        case UnexpectedPageError():
            return fault.status
        case _:
            return None
