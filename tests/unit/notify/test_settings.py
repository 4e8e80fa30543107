"""Settings that would do harm are refused, with what to do instead."""

import pytest
from pydantic import ValidationError

from services.notify.settings import RETRY_DELAYS
from tests.integration.notify.senders import settings


@pytest.mark.parametrize("tls", ["none", "offered"])
def test_a_password_never_goes_in_the_clear(tls: str) -> None:
    """Not even where the server merely happens to offer no TLS today."""
    with pytest.raises(ValidationError, match="SVARFRIST_SMTP_TLS=starttls or tls"):
        settings(smtp_user="svarfrist", smtp_password="secret", smtp_tls=tls)


def test_what_belongs_together_is_set_together() -> None:
    """A port for bounces needs its domain, a gateway its token."""
    with pytest.raises(ValidationError, match="SVARFRIST_BOUNCE_DOMAIN"):
        settings(bounce_port=2525)
    with pytest.raises(ValidationError, match="SVARFRIST_SMS_TOKEN"):
        settings(sms_url="https://sms.example")


def test_a_message_is_tried_for_more_than_three_days() -> None:
    """With growing delays."""
    assert sum(RETRY_DELAYS) > 72 * 3600
    assert list(RETRY_DELAYS) == sorted(RETRY_DELAYS)
