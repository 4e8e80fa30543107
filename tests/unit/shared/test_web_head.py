"""HEAD, as who checks links and harvests open data asks."""

from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.testing import TestClient

from shared.web.head import answering_head


@get("/tall")
async def figures(request: Request[Any, Any, Any]) -> Response[str]:
    """Says how it was asked."""
    return Response("tall", headers={"ETag": '"1"', "Asked": request.method})


@post("/tall")
async def written() -> None:
    """Nothing."""


def test_head_is_answered_as_get_without_the_body() -> None:
    """The same status and headers, the length too; other methods are what they were."""
    app = Litestar([figures, written], openapi_config=None)
    with TestClient(app=app) as plain:
        assert plain.head("/tall").status_code == 405
    with TestClient(app=answering_head(app)) as client:
        got, headed = client.get("/tall"), client.head("/tall")
        assert (headed.status_code, headed.content) == (200, b"")
        assert headed.headers == got.headers
        assert headed.headers["content-length"] == "4"
        assert client.head("/ingenting").status_code == 404
        assert client.post("/tall").status_code == 201
