"""Addresses of static files that change when the file does, so that they may be kept for ever."""

import json
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MANIFEST = "vendor/manifest.json"


class AssetsMissingError(RuntimeError):
    """The files from npm have not been copied into the static folder."""

    def __str__(self) -> str:
        return "stylesheets and scripts are missing; run: npm ci && python -m deploy.assets"


class Assets:
    """Static files by name.

    Our own files carry their content's fingerprint in the query (`/static/app.css?v=1a2b3c4d`), those
    from npm in their name (`/static/vendor/htmx.1a2b3c4d.js`, listed in the manifest).
    Files are read once, when this is made.
    """

    def __init__(self, folder: Path = STATIC, address: str = "/static") -> None:
        """Take stock of a folder.

        :raises AssetsMissingError: the folder has no manifest of vendor files.
        """
        manifest = folder / MANIFEST
        if not manifest.is_file():
            raise AssetsMissingError
        vendor: dict[str, str] = json.loads(manifest.read_text("utf-8"))
        self.folder = folder
        self._addresses = {name: f"{address}/vendor/{hashed}" for name, hashed in vendor.items()}
        for path in sorted(folder.iterdir()):
            if path.is_file():
                self._addresses[path.name] = f"{address}/{path.name}?v={fingerprint(path.read_bytes())}"

    def __call__(self, name: str) -> str:
        """Give the address of a file.

        :raises KeyError: there is no such file.
        """
        return self._addresses[name]


def fingerprint(content: bytes) -> str:
    """Eight hex digits that change with the content."""
    return sha256(content).hexdigest()[:8]
