"""What goes wrong on a page or in the API, said in plain words: one mapper from exceptions to HTTP.

Raise a `Problem` (or one of its kinds); pages show it in the visitor's language, paths of the API answer
with a problem document (RFC 9457). Whatever else is raised is a fault of ours: the visitor sees a short
reference, and the log has the same reference with the place in the code, never what a visitor wrote.
"""

import re
import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from jinja2 import TemplateError
from litestar.exceptions import HTTPException, ValidationException

from shared.database import is_away
from shared.web.i18n import Message, Wording

PROBLEM_JSON = "application/problem+json"
_UNSTORABLE = {"22021", "22P05"}
"""PostgreSQL's codes for a character it cannot hold (NUL, in text and in JSON): whoever sent it is to blame."""
_EXPLAINED = {400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503}

log = structlog.get_logger()


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """Something the visitor should be told.

    `title` and `detail` are texts of the catalogue (by default `error.<status>.title` and `.detail`),
    `fields` says what is wrong with which field of the form or the JSON body.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        title: Message | None = None,
        detail: Message | None = None,
        *,
        fields: Mapping[str, Message] | None = None,
        headers: Mapping[str, str] | None = None,
        status: HTTPStatus | None = None,
    ) -> None:
        """Keep what to say."""
        super().__init__(title.key if title else self.status)
        self.status = status or self.status
        self.title = title or Message(f"error.{_explained(self.status)}.title")
        self.detail = detail or Message(f"error.{_explained(self.status)}.detail")
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


class NotFoundProblem(Problem):
    """There is no such thing, or the visitor may not know that there is."""

    status = HTTPStatus.NOT_FOUND


class ForbiddenProblem(Problem):
    """The visitor is known and may not do this."""

    status = HTTPStatus.FORBIDDEN


class ConflictProblem(Problem):
    """Somebody else was first."""

    status = HTTPStatus.CONFLICT


class InvalidProblem(Problem):
    """What was sent cannot be used; `fields` says where."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UnavailableProblem(Problem):
    """A part that is needed does not answer; `retry_after` is in seconds."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: Message | None = None, *, retry_after: int = 30) -> None:
        """Say when to try again."""
        super().__init__(detail=detail, headers={"Retry-After": str(retry_after)})


@dataclass(frozen=True)
class Fault:
    """An exception as it is told: a problem, and the reference of the log line where we are to blame."""

    problem: Problem
    reference: str | None = None

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status."""
        return self.problem.status

    def document(self, say: Wording) -> dict[str, object]:
        """Give the problem document of RFC 9457, with `errors` for the fields."""
        document: dict[str, object] = {
            "type": "about:blank",
            "title": say.tell_plainly(self.problem.title),
            "status": int(self.status),
            "detail": say.tell_plainly(self.problem.detail),
        }
        if self.problem.fields:
            document["errors"] = [
                {"field": name, "message": say.tell_plainly(message)}
                for name, message in self.problem.fields.items()
            ]
        if self.reference:
            document["reference"] = self.reference
        return document


def fault_of(exception: Exception, *, method: str, route: str) -> Fault:
    """Map an exception to what is told; what nobody foresaw is logged.

    :param route: the template of the path (`/sak/{secret}`): a path itself may hold a secret.
    """
    match exception:
        case Problem():
            return Fault(exception)
        case ValidationException():
            return Fault(InvalidProblem(fields=_fields(exception)))
        case HTTPException() if exception.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Fault(Problem(status=HTTPStatus(exception.status_code), headers=exception.headers))
        case _ if getattr(getattr(exception, "orig", None), "sqlstate", None) in _UNSTORABLE:
            return Fault(Problem(status=HTTPStatus.BAD_REQUEST))
    # Type and place, not the message: a message may quote what somebody wrote.
    seen = log.bind(
        method=method,
        route=route,
        exception_type=type(exception).__qualname__,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in _frames(exception)],
    )
    if is_away(exception):
        seen.warning("database_away")
        return Fault(UnavailableProblem())
    reference = secrets.token_hex(4)
    template_fault = str(exception) if isinstance(exception, TemplateError) else None
    seen.error("request_failed", error_reference=reference, template_fault=template_fault)
    return Fault(Problem(), reference)


def _frames(exception: Exception) -> traceback.StackSummary:
    return traceback.extract_tb(exception.__traceback__)


def _explained(status: int) -> int:
    if status in _EXPLAINED:
        return int(status)
    return 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500


def _fields(exception: ValidationException) -> dict[str, Message]:
    extra = exception.extra if isinstance(exception.extra, list) else []
    names = [str(entry["key"]) for entry in extra if isinstance(entry, dict) and entry.get("key")]
    if not names:
        # Litestar tells of a missing parameter in words only.
        names = re.findall(r"parameter '(\w+)'", exception.detail)
    return {name: Message("error.field.invalid") for name in names}
