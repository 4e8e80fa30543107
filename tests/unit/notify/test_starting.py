"""What an operator is told when notify is put together."""

import subprocess
import sys

from structlog.testing import capture_logs

from services.notify.app import create_app
from tests.integration.notify.senders import settings


def test_a_municipality_that_sends_sms_without_a_gateway_is_an_error_in_the_log() -> None:
    """It names the settings that are missing; what is written down by SMS waits, and an alarm tells for how long."""
    with capture_logs() as logged:
        create_app(settings(municipality="asker"))
    assert [line for line in logged if line["log_level"] == "error"] == [
        {
            "event": "sms.no_gateway",
            "needed": "SVARFRIST_SMS_URL and SVARFRIST_SMS_TOKEN",
            "log_level": "error",
        }
    ]


def test_nothing_is_said_where_there_is_a_gateway() -> None:
    """Nor of its token."""
    with capture_logs() as logged:
        create_app(settings(sms_url="https://sms.example/batches", sms_token="a-token"))
    assert not [line for line in logged if line["log_level"] in {"warning", "error"}]


def started_with(**environment: str) -> subprocess.CompletedProcess[str]:
    """A notify with an environment of its own, which cannot do without a database."""
    whole = {
        "SVARFRIST_DATABASE_URL": "postgresql+asyncpg://notify:hemmelig@127.0.0.1:1/notify",
        "SVARFRIST_NATS_USER": "notify", "SVARFRIST_NATS_PASSWORD": "natsord", "SVARFRIST_HTTP_PORT": "1",
        "SVARFRIST_MUNICIPALITY": "asker", "SVARFRIST_PUBLIC_URL": "http://localhost",
        "SVARFRIST_SECRET": "ab" * 32, "SVARFRIST_SMTP_HOST": "localhost",
        "SVARFRIST_SMTP_FROM": "ikke-svar@asker.example",
    }  # fmt: skip
    given = {name: value for name, value in {**whole, **environment}.items() if value}
    command = [sys.executable, "-m", "services.notify"]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=60)


def test_a_notify_that_lacks_settings_says_which_and_shows_none() -> None:
    """A line for each, no traceback, and never what was set: it may be a password."""
    told = started_with(SVARFRIST_SMTP_HOST="", SVARFRIST_SECRET="kort", SVARFRIST_SMTP_TIMEOUT="snart")
    assert told.returncode == 1
    lines = told.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "SVARFRIST_SECRET",
        "SVARFRIST_SMTP_HOST",
        "SVARFRIST_SMTP_TIMEOUT",
    ]
    assert "64 hex digits" in told.stderr
    for word in ("Traceback", "hemmelig", "natsord", "kort", "snart", "pydantic"):
        assert word not in told.stderr


def test_a_notify_of_no_municipality_says_so_in_a_sentence() -> None:
    """As `svarfrist check` would."""
    told = started_with(SVARFRIST_MUNICIPALITY="atlantis")
    assert told.returncode == 1
    assert told.stderr.startswith("There is no folder atlantis")
    assert "Traceback" not in told.stderr
