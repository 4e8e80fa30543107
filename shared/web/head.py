"""HEAD wherever there is GET (RFC 9110, 9.1): Litestar has it only where a route of its own is written."""

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


def answering_head(app: ASGIApp) -> ASGIApp:
    """The application, which answers HEAD with the headers that GET would have, and no body."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = message.copy()
                message["body"] = b""
            await send(message)

        asked = scope.copy()
        asked["method"] = HttpMethod.GET
        await app(asked, receive, send_headers)

    return answering
