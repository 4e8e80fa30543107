"""Files from npm, copied with their fingerprints."""

import re
from pathlib import Path

import pytest

from deploy.assets import FILES, FONT_FACES, copy_assets
from shared.web.assets import Assets

FACES = """@font-face { src: url(./files/inter-greek-wght-normal.woff2) format('woff2-variations'); }
@font-face { src: url(./files/inter-latin-wght-normal.woff2) format('woff2-variations'); }"""


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A node_modules with a line in every file."""
    for path in [*FILES.values(), FONT_FACES]:
        file = tmp_path / "node_modules" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(FACES if path == FONT_FACES else f"{path}\n//# sourceMappingURL=x.map\n")
    return tmp_path / "node_modules"


def test_names_change_with_the_content(modules: Path, tmp_path: Path) -> None:
    """So a browser may keep them for ever; what was there before is gone."""
    vendor = tmp_path / "static/vendor"
    before = copy_assets(modules, vendor)
    (modules / FILES["htmx.js"]).write_text("newer")
    after = copy_assets(modules, vendor)
    assert before["htmx.js"] != after["htmx.js"]
    assert before["designsystemet.css"] == after["designsystemet.css"]
    assert {path.name for path in vendor.iterdir()} == {*after.values(), "manifest.json"}
    assert Assets(tmp_path / "static")("htmx.js") == f"/static/vendor/{after['htmx.js']}"


def test_only_fonts_that_were_copied_are_asked_for(modules: Path, tmp_path: Path) -> None:
    """No request for a file that is not there, nor for a source map."""
    vendor = tmp_path / "vendor"
    manifest = copy_assets(modules, vendor)
    asked = re.findall(r"url\(([^)]+)\)", (vendor / manifest["inter.css"]).read_text())
    assert asked == [manifest["inter-latin.woff2"]]
    assert not any(b"sourceMappingURL" in path.read_bytes() for path in vendor.iterdir())


def test_a_missing_package_is_named(modules: Path, tmp_path: Path) -> None:
    """Nothing is half copied."""
    (modules / FILES["htmx.js"]).unlink()
    with pytest.raises(FileNotFoundError, match=r"htmx"):
        copy_assets(modules, tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_our_own_files_change_their_address_with_the_content(modules: Path, tmp_path: Path) -> None:
    """By the query."""
    static = tmp_path / "static"
    copy_assets(modules, static / "vendor")
    (static / "app.css").write_text("a")
    before = Assets(static)("app.css")
    (static / "app.css").write_text("b")
    assert before != Assets(static)("app.css")
    assert before.startswith("/static/app.css?v=")
