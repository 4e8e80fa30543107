"""What an operator is told when notify is put together."""

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
