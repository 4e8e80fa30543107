"""The open data: what is published, as rows with a schema that only grows.

Version 1 of the schema. A column is never renamed, taken away or given another meaning: that would be version
2, at an address of its own, with version 1 beside it for a year.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.metrics.indicators import Dimension
from services.metrics.names import Names
from services.metrics.published import WHOLE, Published, Told, last_published_month
from services.metrics.tables import harmless

VERSION = "1"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_FIGURES = ("henvendelser", "frister", "holdt", "andel_holdt", "andel_holdt_minst", "besvart", "median_dager")
Record = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in XML Schema's words, and whether it can be empty.

    What it is called and what it means is in the texts, `data.column.<name>` and `data.meaning.<name>`.
    """

    name: str
    type: str
    required: bool = False


COLUMNS = (
    Column("periode", "string", required=True),
    Column("fra", "date", required=True),
    Column("til", "date", required=True),
    Column("niva", "string", required=True),
    Column("tjenesteomrade", "string"),
    Column("tema", "string"),
    Column("sted", "string"),
    Column("navn", "string", required=True),
    Column("henvendelser", "integer"),
    Column("frister", "integer"),
    Column("holdt", "integer"),
    Column("andel_holdt", "decimal"),
    Column("andel_holdt_minst", "decimal"),
    Column("besvart", "integer"),
    Column("median_dager", "decimal"),
    Column("skjult", "boolean", required=True),
    Column("oppdiktet", "boolean", required=True),
)
LEVELS = ("kommune", "tjenesteomrade", "tema", "sted")
"""What `niva` can be."""


def months(every: Sequence[Published], names: Names, today: date) -> list[Record]:
    """A row for each month that is over, of the municipality and of each service section."""
    records = []
    for one in every:
        for month in one.months:
            if month.last > last_published_month(today):
                continue
            for section in _in_order(names, Dimension.SECTION, one.sections):
                told = one.by_month[month, section]
                level = "kommune" if section == WHOLE else "tjenesteomrade"
                records.append(
                    _record(month.name, month.first, month.last, level, names, told, section=section)
                    | {"oppdiktet": one.invented}
                )
    return records


def tertials(every: Sequence[Published], names: Names, today: date) -> list[Record]:
    """A row for each tertial that is over, of the municipality, each service section, topic and place."""
    return [
        record | {"oppdiktet": one.invented}
        for one in every
        if one.tertial.last < today
        for record in _of_tertial(one, names)
    ]


def _of_tertial(one: Published, names: Names) -> Iterator[Record]:
    period = (one.tertial.name, one.tertial.first, one.tertial.last)
    for section in _in_order(names, Dimension.SECTION, one.sections):
        level = "kommune" if section == WHOLE else "tjenesteomrade"
        yield _record(*period, level, names, one.by_section[section], section=section)
    for section, topic in sorted(one.by_topic, key=lambda key: [(part is None, part or "") for part in key]):
        yield _record(*period, "tema", names, one.by_topic[section, topic], section=section, topic=topic)
    if names.values(Dimension.AREA):
        for area in names.in_order(Dimension.AREA, one.by_area):
            yield _record(*period, "sted", names, one.by_area[area], section=WHOLE, area=area)


def _in_order(names: Names, dimension: Dimension, values: Iterable[str | None]) -> list[str | None]:
    return [WHOLE, *names.in_order(dimension, values)]


def _record(
    period: str | None,
    first: date,
    last: date,
    level: str,
    names: Names,
    told: Told,
    *,
    section: str | None,
    topic: str | None = None,
    area: str | None = None,
) -> Record:
    called = {
        "kommune": lambda: names.municipality,
        "tjenesteomrade": lambda: names.name(Dimension.SECTION, section),
        "tema": lambda: names.name(Dimension.TOPIC, topic),
        "sted": lambda: names.name(Dimension.AREA, area),
    }[level]()
    figures = {
        "henvendelser": told.received,
        "frister": told.due,
        "holdt": told.kept,
        "andel_holdt": told.share,
        "andel_holdt_minst": told.share_at_least,
        "besvart": told.answered,
        "median_dager": told.median,
    }
    return {
        "periode": period,
        "fra": first.isoformat(),
        "til": last.isoformat(),
        "niva": level,
        "tjenesteomrade": None if section == WHOLE else section,
        "tema": topic,
        "sted": area,
        "navn": called,
        **{name: figures[name] for name in _FIGURES},
        "skjult": None in (told.received, told.due, told.kept, told.answered),
    }


def as_csv(records: Iterable[Record]) -> bytes:
    """RFC 4180 in UTF-8: commas between, a point before decimals, nothing where there is no figure."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [column.name for column in COLUMNS])
    writer.writeheader()
    for record in records:
        writer.writerow({name: _plain(value) for name, value in record.items()})
    return file.getvalue().encode()


def as_json(records: Iterable[Record], about: Mapping[str, Any]) -> bytes:
    """The same rows, with what the file is of before them."""
    document = {**about, "schema_version": VERSION, "license": LICENCE, "data": list(records)}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def table_schema(words: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """A JSON Table Schema (specs.frictionlessdata.io/table-schema); `words` are title and meaning by column."""
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "version": VERSION,
        "fields": [
            {
                "name": column.name,
                "type": {"decimal": "number"}.get(column.type, column.type),
                "title": words[column.name][0],
                "description": words[column.name][1],
                "constraints": _constraints(column),
            }
            for column in COLUMNS
        ],
        "missingValues": [""],
    }


def csvw(url: str, words: Mapping[str, Mapping[str, tuple[str, str]]]) -> dict[str, Any]:
    """The same for CSV on the Web (W3C Recommendation 2015); `words` by language, then by column."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:license": {"@id": LICENCE},
        "dialect": {"header": True, "delimiter": ",", "encoding": "utf-8"},
        "tableSchema": {
            "columns": [
                {
                    "name": column.name,
                    "titles": column.name,
                    "dc:title": {language: told[column.name][0] for language, told in words.items()},
                    "dc:description": {language: told[column.name][1] for language, told in words.items()},
                    "datatype": column.type,
                    "required": column.required,
                }
                for column in COLUMNS
            ]
        },
    }


def _constraints(column: Column) -> dict[str, Any]:
    return {"required": column.required, **({"enum": list(LEVELS)} if column.name == "niva" else {})}


def _plain(value: Any) -> Any:
    """Truth in XML Schema's words; and words of another system's archive are no formula."""
    if isinstance(value, bool):
        return str(value).lower()
    return harmless(value) if isinstance(value, str) else value
