"""Intake's own stylesheet and script, served by itself under addresses that change when they do."""

from pathlib import Path

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from shared.web.assets import fingerprint

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class OwnFiles:
    """Read once, when this is made."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        self._addresses = {
            name: f"/henvendelse/{fingerprint(content)}/{name}" for name, content in self._contents.items()
        }

    def address(self, name: str) -> str:
        """Where a file is. Raises KeyError where there is none of this name."""
        return self._addresses[name]

    def routes(self) -> list[HTTPRouteHandler]:
        """One route for each file."""
        return [self._route(name) for name in self._contents]

    def _route(self, name: str) -> HTTPRouteHandler:
        content = self._contents[name]
        media_type = _MEDIA_TYPES[Path(name).suffix]

        @get(self._addresses[name], include_in_schema=False)
        async def own_file() -> Response[bytes]:
            return Response(content, media_type=media_type, headers=_FOR_EVER)

        return own_file
