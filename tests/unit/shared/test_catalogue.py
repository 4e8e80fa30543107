"""The catalogue gives the right words, or says exactly which are missing."""

from pathlib import Path

import pytest

from shared.catalogue import Catalogue, CatalogueFileError, PlaceholderMissingError, TextMissingError


def _folder(parent: Path, name: str, **languages: str) -> Path:
    folder = parent / name
    folder.mkdir()
    for language, content in languages.items():
        (folder / f"{language}.yaml").write_text(content, "utf-8")
    return folder


def test_a_text_is_given_in_its_language_with_its_placeholders_filled(tmp_path: Path) -> None:
    """The reader's language decides the words, the caller what stands in them."""
    folder = _folder(tmp_path, "texts", nb='hei: "Hei, {navn}"', nn='hei: "Hei der, {navn}"')
    catalogue = Catalogue(folder)
    assert catalogue.text("nb", "hei", navn="Åse") == "Hei, Åse"
    assert catalogue.text("nn", "hei", navn="Åse") == "Hei der, Åse"


@pytest.mark.parametrize(("count", "words"), [(1, "1 sak"), (0, "0 saker"), (2, "2 saker"), (11, "11 saker")])
def test_a_count_chooses_the_plural_form(tmp_path: Path, count: int, words: str) -> None:
    """One case is singular and every other number plural, by the language's rule."""
    catalogue = Catalogue(
        _folder(tmp_path, "texts", nb='saker.one: "{count} sak"\nsaker.other: "{count} saker"')
    )
    assert catalogue.text("nb", "saker", count=count) == words


def test_a_text_without_plural_forms_may_still_show_a_count(tmp_path: Path) -> None:
    """A sentence that reads the same for every number needs no two forms."""
    catalogue = Catalogue(_folder(tmp_path, "texts", nb='saker: "Antall saker: {count}"'))
    assert catalogue.text("nb", "saker", count=1) == "Antall saker: 1"


def test_a_later_folder_overrides_an_earlier_one_key_by_key(tmp_path: Path) -> None:
    """A municipality rewords one text and keeps the rest of ours."""
    ours = _folder(tmp_path, "ours", nb='a: "vår a"\nb: "vår b"', en='a: "our a"')
    theirs = _folder(tmp_path, "theirs", nb='b: "deres b"')
    catalogue = Catalogue(ours, theirs)
    assert catalogue.text("nb", "a") == "vår a"
    assert catalogue.text("nb", "b") == "deres b"
    assert catalogue.text("en", "a") == "our a"
    assert catalogue.keys("nb") == {"a", "b"}


@pytest.mark.parametrize("language", ["nb", "se"])
def test_a_missing_text_is_a_key_error_that_names_it(tmp_path: Path, language: str) -> None:
    """Whoever forgot a text is told which, also in a language that we do not have."""
    catalogue = Catalogue(_folder(tmp_path, "texts", en='receipt.title: "Thank you"'))
    with pytest.raises(TextMissingError, match=rf"receipt\.title.*{language}") as raised:
        catalogue.text(language, "receipt.title")
    assert isinstance(raised.value, KeyError)


def test_a_placeholder_that_is_not_filled_is_named_with_its_text(tmp_path: Path) -> None:
    """A caller that forgot a value is told which value and for which text."""
    catalogue = Catalogue(_folder(tmp_path, "texts", nb='frist: "Svar innen {dag}"'))
    assert catalogue.placeholders("nb", "frist") == {"dag"}
    with pytest.raises(PlaceholderMissingError, match=r"frist.*\{dag\}"):
        catalogue.text("nb", "frist")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("- a\n- b", "keys with texts"),
        ("a: 1", "'a'"),
        ("no: 'nei'", "False"),  # YAML 1.1 reads a bare no as false
        ("a: {b: c}", "'a'"),
        ("a: 'x", "scanning"),
        ("a: 'x'\na: 'y'", "twice"),
    ],
)
def test_a_faulty_file_is_refused_with_its_name_and_reason(tmp_path: Path, content: str, reason: str) -> None:
    """A slip in a catalogue file stops the start, not a page that a resident reads."""
    with pytest.raises(CatalogueFileError, match=reason) as raised:
        Catalogue(_folder(tmp_path, "texts", nb=content))
    assert raised.value.path.name == "nb.yaml"


def test_an_empty_file_has_no_texts(tmp_path: Path) -> None:
    """A municipality may leave an empty file where it will write later."""
    assert Catalogue(_folder(tmp_path, "texts", nb="")).keys("nb") == frozenset()
