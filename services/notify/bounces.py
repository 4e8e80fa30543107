"""Listens for mails that come back, and records on each message that it did not arrive."""

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notify import delivery_reports, returned
from services.notify.delivery_reports import NoReportError
from services.notify.returned import NoSuchMessageError
from shared.counters import from_nought
from shared.database import Database
from shared.mail_listener import ONE_AT_A_TIME
from shared.signed_address import ForgedAddressError, SignedAddresses, UnknownAddressError

SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes of a notification, which may carry our whole mail."""

TAKEN = "250 2.0.0 Thank you"
UNKNOWN = "550 5.1.1 No mail was ever sent from this address"
FORGED = "550 5.7.1 The signature of this address is wrong"
NO_REPORT = "554 5.6.0 Only delivery status notifications (RFC 3464) are taken here"
NOT_NOW = "451 4.3.0 Could not be recorded now"

log = structlog.get_logger()
reports_refused_total = from_nought(
    "svarfrist_bounces_refused_total",
    "Mails to bounce addresses that were refused, by reason",
    reason=("unknown_address", "wrong_signature", "no_report", "unknown_message"),
)


class Bounces:
    """What comes to the addresses that mails are sent from (`shared.mail_listener`)."""

    def __init__(self, database: Database, municipality_id: str, return_paths: SignedAddresses) -> None:
        self._database = database
        self._municipality_id = municipality_id
        self._return_paths = return_paths

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes only addresses that were ours."""
        if envelope.rcpt_tos:
            return ONE_AT_A_TIME
        try:
            self._return_paths.read(address)
        except UnknownAddressError:
            return _refused("unknown_address", UNKNOWN)
        except ForgedAddressError:
            return _refused("wrong_signature", FORGED)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Says 250 only when what came back has been recorded; a server that hears 451 tries again."""
        message_id = self._return_paths.read(envelope.rcpt_tos[0])
        content = envelope.original_content or b""
        try:
            report = delivery_reports.read(content)
        except NoReportError:
            return _refused("no_report", NO_REPORT)
        if not report.failed:
            log.info("bounce.ignored", message_id=str(message_id), status=report.status)
            return TAKEN
        try:
            await returned.record(self._database, self._municipality_id, message_id, report.status)
        except NoSuchMessageError:
            return _refused("unknown_message", UNKNOWN)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server shall try again
            log.warning("bounce.not_recorded", message_id=str(message_id), error=type(error).__name__)
            return NOT_NOW
        return TAKEN


def _refused(reason: str, answer: str) -> str:
    reports_refused_total.labels(reason).inc()
    return answer
