"""The SMS gateway: a POST of JSON with a bearer token, and what came of each try.

The format is that of Sinch's SMS REST API (`POST /xms/v1/{service plan}/batches`: `from`, `to`, `body`,
`client_reference`, bearer token), which Norwegian municipalities can buy; another gateway that takes one
message as JSON is a matter of `SVARFRIST_SMS_BODY`.
"""

from http import HTTPStatus
from uuid import UUID

import httpx

from services.notify.delivery import Delivery, ServerAwayError
from services.notify.settings import NotifySettings, filled
from services.notify.sms_reports import addresses_of_reports, report_address

_MENDABLE = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
    }
)
"""The gateway does not let us in, or there is no credit: an operator can mend it, and no message is at fault."""
_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""The gateway asks us to come back: no message is at fault."""
_TEMPORARY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})


class SmsGateway:
    """Hands text messages over. The same message has the same `Idempotency-Key` at each try."""

    def __init__(self, settings: NotifySettings) -> None:
        """The settings have a gateway: `sms_url` and `sms_token` are given."""
        token = settings.sms_token.get_secret_value() if settings.sms_token else ""
        self._url = settings.sms_url or ""
        self._body = settings.sms_request
        self._public_url = settings.public_url
        self._reports = addresses_of_reports(settings.secret.get_secret_value())
        self._client = httpx.AsyncClient(
            timeout=settings.sms_timeout,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            follow_redirects=False,
        )

    async def hand_over(self, message: UUID, *, sender: str, to: str, text: str) -> Delivery:
        """Tries once. Raises ServerAwayError where the gateway cannot be reached or does not let us in."""
        report = report_address(self._public_url, self._reports, message)
        words = {"sender": sender, "to": to, "text": text, "id": str(message), "report": report}
        try:
            answer = await self._client.post(
                self._url, json=filled(self._body, words), headers={"Idempotency-Key": str(message)}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ServerAwayError(type(error).__name__) from None
        except httpx.TimeoutException:
            return Delivery(error="timed_out")
        except httpx.HTTPError:
            return Delivery(error="connection_lost")
        return _delivery(answer.status_code)

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.aclose()


def _delivery(status: int) -> Delivery:
    """What an answer means. Its words are not read: they may quote a number."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivery(code=status)
    if status in _MENDABLE or status in _LATER:
        raise ServerAwayError(f"gateway_refused {status}")
    if status in _TEMPORARY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Delivery(error="gateway_error", code=status)
    if status >= HTTPStatus.BAD_REQUEST:
        return Delivery(error="message_refused", code=status, final=True)
    raise ServerAwayError(f"gateway_moved {status}")
