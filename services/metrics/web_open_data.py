"""`/resultater/data`: the published figures as files, with their schema and their description."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from services.metrics import dcat, open_data
from services.metrics.invented import notice
from services.metrics.names import Names
from services.metrics.open_data import COLUMNS, Record
from services.metrics.publications import Publications
from services.metrics.unchanged import tagged
from shared.municipality import Municipality
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Texts, Wording
from shared.web.site import Say

PATH = "/resultater/data"
SETS = {"maaneder": open_data.months, "tertialer": open_data.tertials}
"""By their names in addresses."""
_XLSX = dcat.MEDIA_TYPES["XLSX"]
_CATALOGUES = {
    "katalog.ttl": (dcat.as_turtle, "text/turtle"),
    "katalog.jsonld": (dcat.as_json_ld, "application/ld+json"),
}
_FREQUENCY = {"maaneder": "MONTHLY", "tertialer": "ANNUAL_3"}
AnyRequest = Request[Any, Any, Any]


class OpenData:
    """The files. They are in the municipality's first language, whoever asks."""

    def __init__(
        self, publications: Publications, municipality: Municipality, texts: Texts, public_url: str
    ) -> None:
        self._publications = publications
        self._municipality = municipality
        self._words = {language: Wording(texts, language) for language in ("nb", "nn", "en")}
        self._say = self._words[municipality.languages[0]]
        self.base = public_url.rstrip("/") + PATH

    async def file(self, name: str) -> tuple[bytes, str]:
        """A file's content and media type. Raises NotFoundProblem."""
        if name in _CATALOGUES:
            written, media_type = _CATALOGUES[name]
            return written(await self._catalogue()).encode(), media_type
        of, _, kind = name.partition(".")
        if of not in SETS:
            raise NotFoundProblem
        match kind:
            case "csv":
                return open_data.as_csv(await self.records(of)), "text/csv"
            case "json":
                about = {"title": self._say.text(f"data.set.{of}"), "schema": f"{self.base}/{of}.schema.json"}
                records = await self.records(of)
                if _are_invented(records):
                    about["notice"] = notice(self._say)
                return open_data.as_json(records, about), "application/json"
            case "xlsx":
                title, told = self._say.text(f"data.set.{of}"), column_words(self._say)
                return await asyncio.to_thread(_as_xlsx, await self.records(of), title, told), _XLSX
            case "schema.json":
                return _json(open_data.table_schema(column_words(self._say))), "application/schema+json"
            case "csv-metadata.json":
                words = {language: column_words(say) for language, say in self._words.items()}
                return _json(open_data.csvw(f"{self.base}/{of}.csv", words)), "application/csvm+json"
        raise NotFoundProblem

    async def records(self, name: str) -> list[Record]:
        """The rows of a data set."""
        every = await self._publications.every()
        return SETS[name](every, Names(self._municipality, self._say), self._publications.today())

    async def _catalogue(self) -> list[dcat.Triple]:
        look = self._municipality.look
        publisher = dcat.Publisher(
            look.name,
            look.email,
            look.website,
            look.organisation_number,
            look.municipality_number,
            look.geography,
        )
        sets, any_invented = [], False
        for name in SETS:
            records = await self.records(name)
            invented = _are_invented(records)
            any_invented |= invented
            days = [record["fra"] for record in records]
            ends = [record["til"] for record in records]
            sets.append(
                dcat.DataSet(
                    name,
                    self._in_all(f"data.set.{name}"),
                    self._in_all(f"data.about.{name}", invented=invented),
                    date.fromisoformat(min(days)) if days else None,
                    date.fromisoformat(max(ends)) if ends else None,
                    _FREQUENCY[name],
                )
            )
        keywords = [self._in_all(f"data.keyword.{number}") for number in (1, 2, 3)]
        return dcat.catalogue(
            self.base,
            self._in_all("data.catalogue"),
            self._in_all("data.catalogue_about", invented=any_invented),
            keywords,
            publisher,
            sets,
        )

    def _in_all(self, key: str, *, invented: bool = False) -> Mapping[str, str]:
        """A text by language; what tells of invented figures says that first."""
        name = self._municipality.look.name
        return {
            language: f"{notice(say)} {told}" if invented else told
            for language, say in self._words.items()
            for told in [say.text(key, municipality=name)]
        }


def routes(data: OpenData) -> list[HTTPRouteHandler]:
    """The page that explains, and the files."""

    @get(PATH, include_in_schema=False)
    async def page(say: Say) -> Template:
        words = column_words(say)
        context = {
            "sets": [(name, say.text(f"data.set.{name}"), say.text(f"data.about.{name}")) for name in SETS],
            "columns": [
                [column.name, say.text(f"data.type.{column.type}"), words[column.name][1]]
                for column in COLUMNS
            ],
            "version": open_data.VERSION,
            "licence": open_data.LICENCE,
            "base": data.base,
        }
        return Template("open_data.html", context=context)

    @get(f"{PATH}/{{name:str}}", include_in_schema=False)
    async def file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        body, media_type = await data.file(name)
        headers = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
        # A spreadsheet has the time it was made in it: what it says is what the CSV says.
        says = (await data.file(name.replace(".xlsx", ".csv")))[0] if media_type == _XLSX else None
        return tagged(request, body, media_type, headers, says and b"xlsx" + says)

    return [page, file]


def _as_xlsx(records: Sequence[Record], title: str, words: Mapping[str, tuple[str, str]]) -> bytes:
    from services.metrics.open_data_sheet import as_xlsx

    return as_xlsx(records, title, words)


def _are_invented(records: Sequence[Record]) -> bool:
    return any(record["oppdiktet"] for record in records)


def column_words(say: Wording) -> dict[str, tuple[str, str]]:
    """What each column is called and what it means."""
    return {
        column.name: (say.text(f"data.column.{column.name}"), say.text(f"data.meaning.{column.name}"))
        for column in COLUMNS
    }


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
