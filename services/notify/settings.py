"""What notify reads from its environment beyond what every service does."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

MINUTE = 60.0
HOUR = 60 * MINUTE

RETRY_DELAYS = (
    MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR,
    12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR,
)  # fmt: skip
"""Seconds before each new try of a message the mail server would not take now: 75 hours and 51 minutes."""


class NotifySettings(ServiceSettings):
    """`SVARFRIST_SMTP_HOST` and so on."""

    model_config = SettingsConfigDict(env_prefix="SVARFRIST_", frozen=True)

    smtp_host: str
    smtp_port: int = 25
    smtp_tls: Literal["none", "offered", "starttls", "tls"] = "offered"
    """`starttls` and `tls` refuse to send without; `offered` uses STARTTLS where the server has it."""
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
    mail_retry_delays: tuple[float, ...] = RETRY_DELAYS
    steps_per_transaction: int = Field(default=500, ge=1)
