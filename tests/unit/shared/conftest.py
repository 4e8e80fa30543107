"""A small municipality to change."""

from pathlib import Path

import pytest

from tests.unit.shared.municipalities import LOOK, ORGANISATION, PROMISES, TOPICS, Write


@pytest.fixture
def lillevik(tmp_path: Path) -> Write:
    """Write a small municipality without faults; `changes` replaces some text in a file, by its name."""

    def write(*changes: tuple[str, str, str]) -> Path:
        files = {
            "organisation.yaml": ORGANISATION,
            "topics.yaml": TOPICS,
            "promises.yaml": PROMISES,
            "look.yaml": LOOK,
            "logo.svg": "<svg/>",
        }
        for name, old, new in changes:
            assert old in files[name]
            files[name] = files[name].replace(old, new, 1)
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write
