"""All texts in all languages: alike, all there, all used."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LANGUAGES = ("nb", "nn", "en")
FOLDERS = sorted(
    folder
    for part in ("shared", "services", "deploy")
    for folder in (ROOT / part).rglob("texts")
    # A municipality's own texts may be of any language and only some keys; `svarfrist check` looks at them.
    if (folder / "nb.yaml").is_file() and "municipalities" not in folder.parts
)
PLURALS = (".one", ".other")

# t("key"), text('key'), Message("key"): keys written out. t("key." ~ x), f"key.{x}": keys put together.
_CALL = r"""\b(?:t|text|Message)\(\s*"""
_WHOLE_KEY = re.compile(_CALL + r"""(["'])([a-z0-9_]+(?:\.[a-z0-9_]+)+)\1(?!\s*~)""")
_KEY_START = re.compile(r"""f?(["'])([a-z0-9_]+(?:\.[a-z0-9_]+)*\.)(?:\1\s*~|\{)""")
_DOCSTRING = re.compile(r'"""(?:[^"]|"(?!""))*"""')
_ANY_STRING = re.compile(r"""["']([a-z0-9_]+(?:\.[a-z0-9_]+)+)["']""")


@cache
def texts(folder: Path, language: str) -> dict[str, str]:
    """A catalogue file."""
    path = folder / f"{language}.yaml"
    return dict(yaml.safe_load(path.read_text("utf-8")) or {})


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def named(path: Path) -> str:
    """A path for people."""
    return str(path.relative_to(ROOT))


@cache
def sources() -> tuple[tuple[Path, str], ...]:
    """All code and templates that may say something."""
    found: Iterator[Path] = (
        path
        for part in ("shared", "services", "deploy")
        for suffix in ("*.py", "*.html", "*.txt", "*.j2")
        for path in (ROOT / part).rglob(suffix)
        if "vendor" not in path.parts
    )
    return tuple((path, _without_docstrings(path)) for path in sorted(found))


def _without_docstrings(path: Path) -> str:
    """An example in a docstring may invent its keys."""
    source = path.read_text("utf-8")
    return _DOCSTRING.sub("", source) if path.suffix == ".py" else source


def without_plural(key: str) -> str:
    """`time.in_days.one` is asked for as `time.in_days`."""
    return next((key.removesuffix(form) for form in PLURALS if key.endswith(form)), key)


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_the_three_languages_have_the_same_keys(folder: Path) -> None:
    """Nobody meets a hole in their language."""
    keys = {language: set(texts(folder, language)) for language in LANGUAGES}
    for language in LANGUAGES:
        missing = (keys["nb"] | keys["nn"] | keys["en"]) - keys[language]
        assert not missing, f"{named(folder)}/{language}.yaml lacks {sorted(missing)}"


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_the_three_languages_have_the_same_placeholders(folder: Path) -> None:
    """What is said in one language is said in all; the plural form of one may leave the number out."""
    for key, text in texts(folder, "nb").items():
        for language in ("nn", "en"):
            mine, theirs = placeholders(text), placeholders(texts(folder, language).get(key, text))
            if key.endswith(".one"):
                mine, theirs = mine - {"count"}, theirs - {"count"}
            assert mine == theirs, f"{key} in {named(folder)}/{language}.yaml"


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_plural_forms_come_in_pairs(folder: Path) -> None:
    """Norwegian and English have one and other."""
    keys = set(texts(folder, "nb"))
    for key in keys:
        if key.endswith(".one"):
            assert f"{without_plural(key)}.other" in keys, key


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_no_text_is_empty_or_untidy(folder: Path) -> None:
    """No blanks at the ends, no double blanks, no straight placeholders left by a translator."""
    for language in LANGUAGES:
        for key, text in texts(folder, language).items():
            assert text == text.strip(), f"{key} in {language}"
            assert text, f"{key} in {language}"
            assert "  " not in text, f"{key} in {language}"


def test_a_key_belongs_to_one_catalogue() -> None:
    """Two folders with the same key would hide one another, unless it is meant as an override."""
    owners: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for key in texts(folder, "nb"):
            owners.setdefault(key, []).append(named(folder))
    shared_folder = named(ROOT / "shared/web/texts")
    doubled = {key: owner for key, owner in owners.items() if len(owner) > 1 and shared_folder in owner}
    assert not doubled


def test_every_key_that_is_used_exists() -> None:
    """In all code and templates."""
    known = {without_plural(key) for folder in FOLDERS for key in texts(folder, "nb")}
    known |= {key for folder in FOLDERS for key in texts(folder, "nb")}
    missing = [
        f"{named(path)}: {key}"
        for path, source in sources()
        for _, key in _WHOLE_KEY.findall(source)
        if key not in known
    ]
    assert not missing


def test_every_key_is_used() -> None:
    """Written out somewhere, or begun by something that is put together (`"kind." ~ kind`)."""
    written = {key for _, source in sources() for key in _ANY_STRING.findall(source)}
    begun = {start for _, source in sources() for _, start in _KEY_START.findall(source)}
    unused = [
        f"{named(folder)}: {key}"
        for folder in FOLDERS
        for key in texts(folder, "nb")
        if not {key, without_plural(key)} & written and not any(key.startswith(start) for start in begun)
    ]
    assert not unused
