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


@pytest.mark.parametrize(
    "body", [{"to": "{number}"}, {"to": "{to}"}, {"text": "{text}"}, {"to": "{to", "text": "{text}"}]
)
def test_a_body_that_no_text_message_can_be_made_of_is_refused(body: dict[str, str]) -> None:
    """At the start, and not by each message for three days."""
    with pytest.raises(ValidationError, match="SVARFRIST_SMS_BODY"):
        settings(sms_url="https://sms.example", sms_token="a", sms_body=body)


def test_a_body_may_have_the_gateways_own_fields() -> None:
    """In whatever depth."""
    body = {
        "message": {"msisdn": ["{to}"], "content": "{text}", "from": "{sender}", "ref": "{id}", "ttl": 3600}
    }
    assert settings(sms_url="https://sms.example", sms_token="a", sms_body=body).sms_body == body
