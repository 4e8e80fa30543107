"""Answers that are not sent again to who has them: by their ETag (RFC 9110, 8.8.3 and 13.1.2)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from litestar import Request, Response


def tagged(
    request: Request[Any, Any, Any],
    body: bytes,
    media_type: str,
    headers: Mapping[str, str],
    says: bytes | None = None,
) -> Response[bytes]:
    """The body with its tag; 304 without it where the visitor knows the tag.

    :param says: what the body says, where it is not the same to the byte each time it is made.
    """
    tag = f'"{sha256(body if says is None else says).hexdigest()[:32]}"'
    given = request.headers.get("if-none-match", "").split(",")
    if {tag, "*"} & {one.strip().removeprefix("W/") for one in given}:
        return Response(b"", status_code=304, headers={"ETag": tag, **headers})
    return Response(body, media_type=media_type, headers={"ETag": tag, **headers})
