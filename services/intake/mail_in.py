"""Takes residents' replies to our mails: what somebody writes back is added to her case.

The mail server sends on what comes to the reply domain. Each mail of a case has a reply address of its own,
which nobody can guess; whoever has it may add to the case, as whoever has the case's secret may.
"""

import asyncio
from collections.abc import Sequence

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake import drafts, replies, store, supplementing
from services.intake.files import MOST_BYTES_OF_A_FORM, File, Refused, look_at_all
from services.intake.parts import Parts
from services.intake.replies import AutomaticMailError, Reply
from shared.counters import from_nought
from shared.database import Transaction
from shared.identity import derived_id
from shared.mail_listener import ONE_AT_A_TIME
from shared.signed_address import ForgedAddressError, SignedAddresses, UnknownAddressError
from shared.web.i18n import Message, Wording

SIZE_LIMIT = MOST_BYTES_OF_A_FORM * 4 // 3
"""Bytes: what a form may hold, as mails write it (base64)."""

TAKEN = "250 2.0.0 Added to the case"
NOT_WRITTEN = "250 2.0.0 Nobody wrote this, so it was not added to the case"
UNKNOWN = "550 5.1.1 No case has this address"
NOT_NOW = "451 4.3.0 Could not be added to the case now"

_ASCII = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "Æ": "Ae", "Ø": "O", "Å": "A", "«": '"', "»": '"'})
"""An SMTP answer has no other letters (RFC 5321, 4.2), and is what the sender's server shows her."""

log = structlog.get_logger()
mails_total = from_nought(
    "svarfrist_replies_total",
    "Residents' mails to cases, by what became of them",
    outcome=("added", "automatic", "refused", "unknown_address", "failed"),
)


class RefusedReplyError(ValueError):
    """A reply that cannot be added as it is; `message` says why and how to mend it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.key)
        self.message = message


class MailIn:
    """What comes to reply addresses (`shared.mail_listener`)."""

    def __init__(self, intake: Parts, addresses: SignedAddresses) -> None:
        self._intake = intake
        self._addresses = addresses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes only the reply addresses of cases that we have."""
        if envelope.rcpt_tos:
            return ONE_AT_A_TIME
        try:
            case_id = self._addresses.read(address)
            async with self._intake.database.reading() as session:
                known = await store.submission(session, case_id) is not None
        except (UnknownAddressError, ForgedAddressError):
            known = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server shall try again
            return _not_now(error)
        if not known:
            mails_total.labels("unknown_address").inc()
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Says 250 only when the reply is part of the case; a server that hears 451 tries again."""
        case_id = self._addresses.read(envelope.rcpt_tos[0])
        try:
            reply = await asyncio.to_thread(
                replies.read, envelope.original_content or b"", sender=envelope.mail_from
            )
            files = await look_at_all(reply.files)
            async with self._intake.database.transaction() as tx:
                submission = await store.submission(tx.session, case_id)
                if submission is None:
                    return UNKNOWN
                language = submission.language
                await self._add(tx, submission, reply, files)
        except AutomaticMailError:
            mails_total.labels("automatic").inc()
            return NOT_WRITTEN
        except RefusedReplyError as error:
            mails_total.labels("refused").inc()
            log.info("reply.refused", case_id=str(case_id), reason=error.message.key)
            return self._refusal(error.message, language)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server shall try again
            return _not_now(error)
        mails_total.labels("added").inc()
        return TAKEN

    async def _add(
        self, tx: Transaction, submission: store.Submission, reply: Reply, files: Sequence[File | Refused]
    ) -> None:
        supplement_id = derived_id("reply", f"{submission.id} {reply.id}")
        if await tx.session.get(store.Supplement, supplement_id):
            return  # delivered before; drafts do not last as long as mail servers try
        draft = await drafts.save(
            tx,
            supplementing.writer(submission),
            supplementing.FORM,
            supplement_id,
            answers={"text": reply.text},
            uploads=files,
        )
        if draft.sent_as:
            return  # delivered twice at once: the other was first
        before = await store.count_supplements(tx.session, submission.id)
        wrong = supplementing.errors(draft, before=before)
        if wrong:
            raise RefusedReplyError(next(iter(wrong.values())))
        await supplementing.add(tx, submission, draft, self._intake.municipality.id)

    def _refusal(self, message: Message, language: str) -> str:
        say = Wording(self._intake.catalogue, language)
        words = f"{say.text(message.key, **message.placeholders)} {say.text('reply.refused')}"
        return f"554 5.6.0 {words}".translate(_ASCII).encode("ascii", "replace").decode()


def _not_now(error: Exception) -> str:
    mails_total.labels("failed").inc()
    log.warning("reply.not_added", error=type(error).__name__)
    return NOT_NOW
