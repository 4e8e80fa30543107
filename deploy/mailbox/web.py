"""The mailbox's pages, its JSON, and the address that takes text messages.

Without a framework, since this process should stay small. The front door passes on only what is under
`/postkasse`, so nobody but the services reaches `/sms`.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from deploy.mailbox.answering import Answerer, AnswerRefusedError
from deploy.mailbox.sms import NoTextMessageError, TextMessage
from deploy.mailbox.store import Store, Summary
from shared.clock import OSLO

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HERE = Path(__file__).parent
PAGE_LENGTH = 50
API_LENGTH = 1000
MONTHS = (
    "januar", "februar", "mars", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "desember",
)  # fmt: skip
ANSWER_PATH = re.compile(r"/postkasse/melding/([0-9a-f]{64})/svar")
ADDRESS_IN_TEXT = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")

PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# The letter may not run anything or fetch anything; a link in it opens beside the mailbox.
LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'none'; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    policy: str = PAGE_POLICY
    cache: str = "no-store"


class Mailbox:
    """An ASGI application over a store."""

    def __init__(self, store: Store, answerer: Answerer | None = None) -> None:
        self._store = store
        self._answerer = answerer
        self._style = (HERE / "style.css").read_bytes()
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        self._templates.filters["in_words"] = in_words
        self._templates.filters["with_links"] = with_links
        self._routes: tuple[tuple[re.Pattern[str], Callable[..., Reply]], ...] = (
            (re.compile(r"/health/ready"), self._ready),
            (re.compile(r"/postkasse/?"), self._list),
            (re.compile(r"/postkasse/style\.css"), self._stylesheet),
            (re.compile(r"/postkasse/melding/([0-9a-f]{64})"), self._message),
            (re.compile(r"/postkasse/melding/([0-9a-f]{64})/html"), self._letter),
            (re.compile(r"/postkasse/melding/([0-9a-f]{64})/kilde"), self._source),
            (re.compile(r"/postkasse/api/messages"), self._api_list),
            (re.compile(r"/postkasse/api/messages/([0-9a-f]{64})"), self._api_message),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if (scope["method"], scope["path"]) == ("POST", "/sms"):
            reply = await self._take_sms(await _body(receive))
        elif scope["method"] == "POST" and (match := ANSWER_PATH.fullmatch(scope["path"])):
            reply = await self._answer(match[1], await _body(receive))
        else:
            reply = self._reply(scope)
        headers = {
            "content-type": reply.content_type,
            "content-length": str(len(reply.body)),
            "content-security-policy": reply.policy,
            "cache-control": reply.cache,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        }
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})

    def _reply(self, scope: Scope) -> Reply:
        if scope["method"] not in {"GET", "HEAD"}:
            return Reply(b"Read only", "text/plain; charset=utf-8", status=405)
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()}
        for path, answer in self._routes:
            if match := path.fullmatch(scope["path"]):
                if match.groups() and self._store.summary(match[1]) is None:
                    break
                return answer(query, *match.groups())
        return self._page("missing.html", status=404)

    async def _take_sms(self, body: bytes) -> Reply:
        """Says 201 only when the message is on the disk; a sender that hears anything else tries again."""
        try:
            message = TextMessage.read(body)
        except NoTextMessageError as error:
            return _json({"code": "syntax_invalid_parameter_format", "text": str(error)}, status=400)
        now = datetime.now(UTC)
        try:
            await asyncio.to_thread(
                self._store.deliver,
                message.as_mail(now),
                sender=message.sender,
                recipients=[message.to],
                at=now,
            )
        except OSError:
            return _json({"code": "internal_error", "text": "could not be stored"}, status=500)
        return _json({"id": message.reference}, status=201)

    async def _answer(self, name: str, body: bytes) -> Reply:
        if self._answerer is None or self._store.summary(name) is None:
            return self._page("missing.html", status=404)
        words = parse_qs(body.decode(errors="replace")).get("words", [""])[0]
        try:
            await asyncio.to_thread(self._answerer.answer, self._store.message(name), words)
        except AnswerRefusedError as error:
            return self._shown(name, words=words, refused=error.said, status=422)
        return self._shown(name, answered=True)

    def _ready(self, _query: dict[str, str]) -> Reply:
        return _json({"ready": True})

    def _list(self, query: dict[str, str]) -> Reply:
        words = query.get("q", "")
        found = self._store.newest_first(words)
        pages = max(1, -(-len(found) // PAGE_LENGTH))
        page = min(max(1, _number(query.get("side"), 1)), pages)
        shown = found[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH]
        return self._page("list.html", words=words, count=len(found), messages=shown, page=page, pages=pages)

    def _message(self, _query: dict[str, str], name: str) -> Reply:
        return self._shown(name)

    def _shown(self, name: str, *, status: int = 200, **answer: object) -> Reply:
        message = self._store.message(name)
        return self._page(
            "message.html",
            status=status,
            message=self._store.summary(name),
            text=_text(message),
            has_html=message.get_body(("html",)) is not None,
            answerable=self._answerer is not None and self._answerer.address(message) is not None,
            **answer,
        )

    def _letter(self, _query: dict[str, str], name: str) -> Reply:
        body = self._store.message(name).get_body(("html",))
        html = str(body.get_content()) if body else ""
        return Reply(f'<base target="_blank">{html}'.encode(), policy=LETTER_POLICY)

    def _source(self, _query: dict[str, str], name: str) -> Reply:
        return Reply(self._store.source(name), "text/plain; charset=utf-8")

    def _stylesheet(self, _query: dict[str, str]) -> Reply:
        return Reply(self._style, "text/css; charset=utf-8", cache="max-age=3600")

    def _api_list(self, query: dict[str, str]) -> Reply:
        found = self._store.newest_first(query.get("q", ""))
        shown = found[: _number(query.get("limit"), API_LENGTH)]
        return _json({"count": len(found), "messages": [_told(summary) for summary in shown]})

    def _api_message(self, _query: dict[str, str], name: str) -> Reply:
        message = self._store.message(name)
        summary = self._store.summary(name)
        html = message.get_body(("html",))
        return _json(
            {
                **(_told(summary) if summary else {}),
                "headers": {name: str(value) for name, value in message.items()},
                "text": _text(message),
                "html": html.get_content() if html else None,
            }
        )

    def _page(self, template: str, *, status: int = 200, **values: object) -> Reply:
        return Reply(self._templates.get_template(template).render(values).encode(), status=status)


def in_words(instant: datetime) -> str:
    """An instant as Norwegians write it, in Oslo: `18. desember 2026 kl. 14.03`."""
    local = instant.astimezone(OSLO)
    return f"{local.day}. {MONTHS[local.month - 1]} {local.year} kl. {local:%H.%M}"


def with_links(text: str) -> Markup:
    """Plain text with its addresses as links."""
    parts: list[Markup] = []
    end = 0
    for match in ADDRESS_IN_TEXT.finditer(text):
        parts += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


def _told(summary: Summary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "message_id": summary.message_id,
        "from": summary.sender,
        "to": list(summary.recipients),
        "subject": summary.subject,
        "received_at": summary.received_at.isoformat(),
        "dated": summary.dated.isoformat(),
        "deliveries": summary.deliveries,
        "channel": summary.channel,
    }


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body


def _json(told: object, *, status: int = 200) -> Reply:
    return Reply(json.dumps(told, ensure_ascii=False).encode(), "application/json", status=status)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() else otherwise
