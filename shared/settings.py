"""What every service reads from its environment; `SVARFRIST_DATABASE_URL` and so on."""

import sys
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

PREFIX = "SVARFRIST_"
_LEAST_DIGITS = 64


def _hex_digits(secret: SecretStr) -> SecretStr:
    digits = secret.get_secret_value()
    try:
        is_long_enough = len(bytes.fromhex(digits)) * 2 >= _LEAST_DIGITS
    except ValueError:
        is_long_enough = False
    if not is_long_enough:
        message = "must be 64 hex digits, such as `openssl rand -hex 32` prints"
        raise ValueError(message)
    return secret


class ServiceSettings(BaseSettings):
    """Secrets have no default: a service without them does not start."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

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
    secret: Annotated[SecretStr, AfterValidator(_hex_digits)]
    """64 hex digits, the same for all services: sessions, CSRF and signed links."""
    clock_file: Path | None = None
    """Only with a test clock: the file that holds the offset in seconds."""
    log_level: str = "INFO"
    retry_delays: tuple[float, ...] = (1, 5, 30, 120, 600)
    """Seconds before each new try of a message that failed; after the last it is a dead letter."""
    batch: int = 100
    """Events per transaction, at the most."""


Settings = TypeVar("Settings", bound=ServiceSettings)


def from_environment(model: type[Settings]) -> Settings:
    """What a service reads; a process that lacks something ends, and says what, never what the others hold."""
    try:
        return model()
    except ValidationError as error:
        faults = [_in_words(fault) for fault in error.errors(include_url=False)]
        sys.exit("\n".join(["These settings are missing or wrong:", *faults]))
    except SettingsError as error:
        sys.exit(f"These settings are missing or wrong:\n{error}")


def _in_words(fault: ErrorDetails) -> str:
    name = "".join(f"{PREFIX}{part}: ".upper() for part in fault["loc"][:1])
    return name + fault["msg"].removeprefix("Value error, ")
