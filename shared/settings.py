"""What every service reads from its environment; `SVARFRIST_DATABASE_URL` and so on."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Secrets have no default: a service without them does not start."""

    model_config = SettingsConfigDict(env_prefix="SVARFRIST_", frozen=True)

    database_url: SecretStr
    database_pool: int = 8
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str
    nats_password: SecretStr
    municipality: str
    """A configuration folder, or the name of one that comes with the code."""
    http_host: str = "127.0.0.1"
    http_port: int
    public_url: str
    """The address residents see, without a slash at the end."""
    secret: SecretStr = Field(min_length=64)
    """64 hex digits, the same for all services: sessions, CSRF and signed links."""
    clock_file: Path | None = None
    """Only with a test clock: the file that holds the offset in seconds."""
    log_level: str = "INFO"
    retry_delays: tuple[float, ...] = (1, 5, 30, 120, 600)
    """Seconds before each new try of a message that failed; after the last it is a dead letter."""
    batch: int = 100
    """Events per transaction, at the most."""
