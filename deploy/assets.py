"""Copies what the pages need from npm into shared/web/static/vendor: `python -m deploy.assets`.

Run after `npm ci --ignore-scripts`. Every file gets its content's fingerprint in its name, so that the
front door may let browsers keep it for ever; `manifest.json` says which name became which.
"""

import json
import re
import shutil
import sys
from pathlib import Path

from shared.web.assets import STATIC, fingerprint

ROOT = Path(__file__).parent.parent

FILES = {
    "designsystemet-theme.css": "@digdir/designsystemet-theme/src/themes/designsystemet.css",
    "designsystemet.css": "@digdir/designsystemet-css/dist/src/index.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
FONT_FACES = "@fontsource-variable/inter/wght.css"
_FACE = re.compile(r"@font-face\s*{[^}]*}")
_FONT_FILE = re.compile(r"url\(\./files/inter-(latin|latin-ext)-wght-normal\.woff2\)")
_SOURCE_MAP = re.compile(rb"\s*(/\*#|//#) sourceMappingURL=\S+( \*/)?\s*$")


def copy_assets(modules: Path, vendor: Path) -> dict[str, str]:
    """Copy all files and write the manifest, which is given back: name -> name with fingerprint.

    :raises FileNotFoundError: a package is not installed in `modules`.
    """
    contents = {name: _SOURCE_MAP.sub(b"\n", (modules / path).read_bytes()) for name, path in FILES.items()}
    manifest = {name: _hashed(name, content) for name, content in contents.items()}
    contents["inter.css"] = _latin_faces((modules / FONT_FACES).read_text("utf-8"), manifest).encode()
    manifest["inter.css"] = _hashed("inter.css", contents["inter.css"])
    if vendor.exists():
        shutil.rmtree(vendor)
    vendor.mkdir(parents=True)
    for name, content in contents.items():
        (vendor / manifest[name]).write_bytes(content)
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    return manifest


def _hashed(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{fingerprint(content)}.{suffix}"


def _latin_faces(css: str, manifest: dict[str, str]) -> str:
    # Norwegian, English and the names of our neighbours need no Cyrillic, Greek or Vietnamese.
    faces = [face for face in _FACE.findall(css) if _FONT_FILE.search(face)]
    return "\n".join(
        _FONT_FILE.sub(lambda found: f"url({manifest[f'inter-{found[1]}.woff2']})", face) for face in faces
    )


def main() -> int:
    """Copy from the checkout's node_modules."""
    try:
        copied = copy_assets(ROOT / "node_modules", STATIC / "vendor")
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing.filename} is missing; run: npm ci --ignore-scripts\n")
        return 1
    sys.stdout.write(f"{len(copied)} files from npm are in place\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
