"""What notify reads from its environment beyond what every service does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from shared.settings import ServiceSettings

MINUTE = 60.0
HOUR = 60 * MINUTE

RETRY_DELAYS = (
    MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR,
    12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR,
)  # fmt: skip
"""Seconds before each new try of a message the mail server or gateway would not take now: 75 hours and 51 minutes."""


SINCH: Mapping[str, Any] = {
    "from": "{sender}", "to": ["{to}"], "body": "{text}", "client_reference": "{id}"
}  # fmt: skip
"""The body of a text message in Sinch's SMS REST API."""
SINCH_REPORTS: Mapping[str, Any] = {
    "delivery_report": "per_recipient_final",
    "callback_url": "{report}",
}
"""What Sinch's body has more where we want to hear what became of it."""


def filled(part: Any, words: Mapping[str, str]) -> Any:
    """A part of the body with its placeholders filled, in whatever depth they stand."""
    match part:
        case str():
            return part.format_map(words)
        case list():
            return [filled(each, words) for each in part]
        case dict():
            return {name: filled(value, words) for name, value in part.items()}
        case _:
            return part


def _makes_a_text_message(body: dict[str, Any]) -> dict[str, Any]:
    marks = {name: f"<{name}>" for name in ("sender", "to", "text", "id", "report")}
    try:
        made = str(filled(body, marks))
    except (KeyError, ValueError, IndexError):
        made = ""
    if marks["to"] not in made or marks["text"] not in made:
        message = "SVARFRIST_SMS_BODY must have {to} and {text}, and may have {sender}, {id} and {report}, and no other braces"
        raise ValueError(message)
    return body


class NotifySettings(ServiceSettings):
    """`SVARFRIST_SMTP_HOST` and so on."""

    smtp_host: str
    smtp_port: int = 25
    smtp_tls: Literal["none", "offered", "starttls", "tls"] = "offered"
    """`starttls` and `tls` refuse to send without; `offered` uses STARTTLS where the server has it."""
    smtp_ca_file: Path | None = None
    """Certificates of the authorities to trust, where the mail server's is none that the system knows."""
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str
    """The address mails come from. Its domain is also that of their Message-ID."""
    smtp_from_name: str | None = None
    """The municipality's name, where nothing else is said."""
    smtp_timeout: float = Field(default=20.0, gt=0)
    """Seconds the mail server has for each answer."""
    smtp_per_second: float = Field(default=20.0, gt=0)
    """Mails a process sends at the most, so that a storm of them never takes the machine from residents."""
    smtp_connections: int = Field(default=1, ge=1)
    bounce_domain: str | None = None
    """The domain whose mail the mail server sends to `bounce_port`; without it every mail is sent from
    `smtp_from`, and what comes back is not recorded."""
    bounce_host: str = "127.0.0.1"
    bounce_port: int = 0
    """Where mails that come back are taken, by SMTP; 0 for nowhere."""
    reply_domain: str | None = None
    """The domain whose mail the mail server sends to intake (`SVARFRIST_MAIL_IN_PORT`): residents' mails then
    have a reply address of their case; without it, the municipality's own."""
    sms_url: str | None = None
    sms_token: SecretStr | None = None
    sms_body: Annotated[dict[str, Any], AfterValidator(_makes_a_text_message)] = Field(
        default_factory=lambda: dict(SINCH)
    )
    """What is posted, as JSON: Sinch's format. `{sender}`, `{to}`, `{text}`, `{id}` and `{report}` are filled
    in."""
    sms_timeout: float = Field(default=10.0, gt=0)
    """Seconds the gateway has to answer."""
    sms_reports: bool = False
    """Whether the gateway is asked to report to `/sms-status` what became of each message: it must reach us
    at the public address. `{report}` is that message's address; another body than Sinch's names it itself."""
    sms_per_second: float = Field(default=10.0, gt=0)
    mail_retry_delays: tuple[float, ...] = RETRY_DELAYS
    """Of text messages, too."""
    steps_per_transaction: int = Field(default=500, ge=1)

    @property
    def sms_request(self) -> dict[str, Any]:
        """The body that is posted."""
        asks = self.sms_reports and self.sms_body == dict(SINCH)
        return {**self.sms_body, **SINCH_REPORTS} if asks else self.sms_body

    @model_validator(mode="after")
    def _passwords_are_sent_encrypted(self) -> Self:
        if self.smtp_user and self.smtp_tls not in {"starttls", "tls"}:
            message = (
                "signing in needs SVARFRIST_SMTP_TLS=starttls or tls: the password would go in the clear"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _bounces_have_a_domain(self) -> Self:
        if self.bounce_port and not self.bounce_domain:
            message = "SVARFRIST_BOUNCE_PORT needs SVARFRIST_BOUNCE_DOMAIN: whose mail is taken there"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _gateway_is_whole(self) -> Self:
        if (self.sms_url is None) != (self.sms_token is None):
            message = "SVARFRIST_SMS_URL and SVARFRIST_SMS_TOKEN belong together: set both or neither"
            raise ValueError(message)
        return self
