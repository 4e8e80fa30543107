"""The map and the file of an import: what is understood, and how what is not is told."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from deploy.importing import map_file
from deploy.importing.map_file import MapError, MissingColumnsError
from deploy.importing.table import BadFileError, Table

MAP = """
timezone = "Europe/Oslo"
[columns]
reference = "Saksnr"
received = "Mottatt"
answered = "Besvart"
unit = "Virksomhet"
kind = { value = "complaint" }
"""
HEADER = "Saksnr;Mottatt;Besvart;Virksomhet\n"


def mapping(folder: Path, text: str = MAP) -> map_file.ImportMap:
    """A map, read from its file."""
    path = folder / "arkiv.toml"
    path.write_text(text, encoding="utf-8")
    return map_file.read(path)


def table(folder: Path, content: bytes, name: str = "saker.csv") -> Table:
    """A table, read from its file with that map."""
    path = folder / name
    path.write_bytes(content)
    return Table(path, mapping(folder))


def test_a_map_names_columns_values_zone_and_system(tmp_path: Path) -> None:
    """The system is named after the map's file unless the map says otherwise."""
    read = mapping(tmp_path)
    assert (str(read.zone), read.system) == ("Europe/Oslo", "arkiv")
    assert read.columns["unit"] == "Virksomhet"
    assert read.values == {"kind": "complaint"}
    assert mapping(tmp_path, f'system = "Acos 2012"\n{MAP}').system == "Acos 2012"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[columns", "it is not TOML"),
        ('[columns]\nreference = "a"\nreceived = "b"', "it needs the zone"),
        ('timezone = "Europe/Sørum"\n[columns]', "there is no time zone 'Europe/Sørum'"),
        ('timezone = "../etc"\n[columns]', "there is no time zone '../etc'"),
        ('timezone = "Europe/Oslo"', "it needs a table [columns]"),
        ('timezone = "Europe/Oslo"\n[columns]\nreference = "a"', "[columns] must name received"),
        (f'{MAP}\ntheme = "x"', "[columns] has theme; it may have reference, received, due"),
        ('timezone = "Europe/Oslo"\nzone = 1\n[columns]', "it has zone; it may have timezone"),
        (MAP.replace('"Saksnr"', '{ value = "1" }'), "reference must be the name of a column"),
        (MAP.replace('"Besvart"', '{ value = "i går" }'), "answered must be the name of a column"),
        (MAP.replace('"Virksomhet"', "7"), 'unit must be the name of a column, or { value = "..." }'),
    ],
)
def test_a_map_that_cannot_be_used_says_why(tmp_path: Path, text: str, told: str) -> None:
    """In one sentence, which names what it may have."""
    with pytest.raises(MapError) as error:
        mapping(tmp_path, text)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (f"{HEADER}1;2026-01-05;;Bjørkelia\n".encode(), "utf-8"),
        (f"{HEADER}1;2026-01-05;;Bjørkelia\n".encode("utf-8-sig"), "utf-8-sig"),
        (f"{HEADER}1;2026-01-05;;Bjørkelia\n".encode("latin-1"), "windows-1252"),
        (f"{HEADER}1;2026-01-05;;Bjørkelia\n".encode("utf-16"), "utf-16"),
        (gzip.compress(f"{HEADER}1;2026-01-05;;Bjørkelia\n".encode(), mtime=0), "utf-8"),
        (f"{HEADER}1;2026-01-05;;Bjørkelia\n".replace(";", ",").replace("\n", "\r\n").encode(), "utf-8"),
        (f"{HEADER}1;2026-01-05;;Bjørkelia\n".replace(";", "\t").encode(), "utf-8"),
    ],
)
def test_encoding_separator_and_compression_are_found_out(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    """Whatever the other system wrote, the row says the same."""
    read = table(tmp_path, content)
    assert list(read) == [
        (
            2,
            {
                "kind": "complaint",
                "reference": "1",
                "received": "2026-01-05",
                "answered": "",
                "unit": "Bjørkelia",
            },
        )
    ]
    assert read.encoding == encoding


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    """A field with a line break is one row, and one with too few fields is nobody's case."""
    read = table(
        tmp_path, f'{HEADER}1;2026-01-05;;"Vei\nog vann"\n2;2026-01-06\n3;2026-01-07;;Vei\n'.encode()
    )
    assert [(row, fields and fields["reference"]) for row, fields in read] == [(2, "1"), (3, None), (4, "3")]


def test_parquet_gives_the_same_rows(tmp_path: Path) -> None:
    """Numbers, times and empty cells become the texts that a CSV would have."""
    frame = pl.DataFrame(
        {
            "Saksnr": [17, 18],
            "Mottatt": ["2026-01-05 10:00:00", "2026-01-06 00:00:00"],
            "Besvart": [None, "2026-01-07 09:30:00"],
            "Virksomhet": ["Bjørkelia", None],
        }
    ).with_columns(pl.col("Mottatt", "Besvart").str.to_datetime())
    path = tmp_path / "saker.parquet"
    frame.write_parquet(path)
    rows = [fields for _, fields in Table(path, mapping(tmp_path)) if fields]
    assert [fields["reference"] for fields in rows] == ["17", "18"]
    assert [fields["received"] for fields in rows] == ["2026-01-05 10:00:00", "2026-01-06 00:00:00"]
    assert [(fields["answered"], fields["unit"]) for fields in rows] == [
        ("", "Bjørkelia"),
        ("2026-01-07 09:30:00", ""),
    ]


def test_missing_columns_are_named_with_those_there_are(tmp_path: Path) -> None:
    """Of a column that is there twice nobody can say which is meant."""
    with pytest.raises(MissingColumnsError) as error:
        table(tmp_path, b"Saksnr;Mottatt;Mottatt;Virksomhet\n")
    assert str(error.value) == (
        "The file has no column 'Mottatt' (for received), 'Besvart' (for answered). It has: Saksnr, Mottatt, "
        "Mottatt, Virksomhet. Correct the map's [columns]."
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (gzip.compress(HEADER.encode(), mtime=0)[:-6], "it is compressed, and damaged or cut off"),
        (b"PAR1 and no more", "it is not Parquet that can be read"),
    ],
)
def test_a_file_that_is_no_table_says_so(tmp_path: Path, content: bytes, told: str) -> None:
    """In one sentence with its name."""
    with pytest.raises(BadFileError, match=told):
        table(tmp_path, content)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """As the operating system puts it."""
    with pytest.raises(BadFileError, match="No such file"):
        Table(tmp_path / "borte.csv", mapping(tmp_path))
