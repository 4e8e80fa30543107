"""What the gateway says of a text message after it has taken it: whether the phone got it.

Each message has an address of its own under `/sms-status`, signed as a bounce address is, which the gateway
is given with the message. The report is Sinch's (`recipient_delivery_report_sms`): only its `status` is read.
The gateway tries again where it hears 5xx, and not where it hears 4xx.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.exceptions import SerializationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from services.notify import returned
from services.notify.bounces import reports_refused_total
from services.notify.returned import NoSuchMessageError
from shared.database import Database
from shared.signed_address import ForgedAddressError, SignedAddresses, UnknownAddressError

PATH = "/sms-status"
PURPOSE = "sms"
_LOST = frozenset({"Aborted", "Cancelled", "Rejected", "Deleted", "Failed", "Expired"})
"""Sinch's final statuses but `Delivered`, and `Unknown`, which says nothing of the phone."""
_SIZE_LIMIT = 64 * 1024


class NoStatusError(ValueError):
    """A body that says nothing of a message."""


def addresses_of_reports(secret: str) -> SignedAddresses:
    """Makes and reads the last part of the address that a message's reports come to."""
    return SignedAddresses(PURPOSE, secret, "")


def report_address(public_url: str, addresses: SignedAddresses, message_id: UUID) -> str:
    """Where the gateway reports what became of a message."""
    return f"{public_url}{PATH}/{addresses.of(message_id).removesuffix('@')}"


def report_page(database: Database, municipality_id: str, addresses: SignedAddresses) -> HTTPRouteHandler:
    """Where the gateway reports."""

    @post(
        f"{PATH}/{{address:str}}",
        include_in_schema=False,
        status_code=204,
        request_max_body_size=_SIZE_LIMIT,
    )
    async def take(request: Request[Any, Any, Any], address: FromPath[str]) -> Response[None]:
        try:
            message_id = addresses.read(f"{address}@")
            status = _status(await request.json())
            if status in _LOST:
                await returned.record(database, municipality_id, message_id, f"sms.{status.lower()}")
        except (UnknownAddressError, NoSuchMessageError):
            return _refused("unknown_message", 404)
        except ForgedAddressError:
            return _refused("wrong_signature", 403)
        except (SerializationException, NoStatusError):
            return _refused("no_report", 400)
        return Response(None, status_code=204)

    return take


def _status(told: object) -> str:
    status = told.get("status") if isinstance(told, dict) else None
    if not isinstance(status, str):
        raise NoStatusError
    return status


def _refused(reason: str, status: int) -> Response[None]:
    reports_refused_total.labels(reason).inc()
    return Response(None, status_code=status)
