"""The description of the open data by DCAT-AP-NO 2.2 (data.norge.no/specification/dcat-ap-no), as triples.

Written out as Turtle and as JSON-LD from the same triples: every node has an address of its own, so that both
need no more than a few lines each.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.metrics.open_data import VERSION

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
}
_EU = "http://publications.europa.eu/resource/authority"
_LICENCE = f"{_EU}/licence/CC_BY_4_0"
"""DCAT-AP-NO takes licences from the EU's list alone; it is `open_data.LICENCE` by another name."""
_IANA = "https://www.iana.org/assignments/media-types"
_BRREG = "https://data.brreg.no/enhetsregisteret/api/enheter"
MEDIA_TYPES = {
    "CSV": "text/csv",
    "JSON": "application/json",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LANGUAGES = {"nb": "NOB", "nn": "NNO", "en": "ENG"}


@dataclass(frozen=True)
class Iri:
    """The address of a node."""

    address: str


@dataclass(frozen=True)
class Text:
    """Words, with their language or their type."""

    words: str
    language: str | None = None
    type: str | None = None


Node = Iri | Text
Triple = tuple[str, str, Node]
Words = Mapping[str, str]
"""By language."""


@dataclass(frozen=True)
class DataSet:
    """A data set: its name in addresses, its words, and the first and the last day it tells of."""

    name: str
    title: Words
    description: Words
    first: date | None
    last: date | None
    frequency: str


@dataclass(frozen=True)
class Publisher:
    """Who publishes, and where to ask."""

    name: str
    email: str
    website: str
    organisation_number: str | None
    municipality_number: str | None
    geography: str | None


def catalogue(
    base: str,
    title: Words,
    description: Words,
    keywords: Sequence[Words],
    of: Publisher,
    sets: Sequence[DataSet],
) -> list[Triple]:
    """All triples; `base` is the address of the page of open data."""
    me = f"{base}#katalog"
    publisher, contact = _publisher(base, of), f"{base}#kontakt"
    triples: list[Triple] = [
        (me, "rdf:type", _name("dcat:Catalog")),
        *_in_words(me, "dct:title", title),
        *_in_words(me, "dct:description", description),
        (me, "dct:identifier", Text(me)),
        (me, "dct:publisher", Iri(publisher)),
        (me, "dcat:contactPoint", Iri(contact)),
        (me, "dct:license", Iri(_LICENCE)),
        (me, "foaf:homepage", Iri(base)),
        *((me, "dct:language", Iri(f"{_EU}/language/{code}")) for code in _LANGUAGES.values()),
        *((me, "dcat:dataset", Iri(f"{base}#{one.name}")) for one in sets),
        (publisher, "rdf:type", _name("foaf:Agent")),
        (publisher, "foaf:name", Text(of.name)),
        (contact, "rdf:type", _name("vcard:Organization")),
        (contact, "vcard:fn", Text(of.name)),
        (contact, "vcard:hasEmail", Iri(f"mailto:{of.email}")),
        (contact, "vcard:hasURL", Iri(of.website)),
    ]
    if of.organisation_number:
        triples.append((publisher, "dct:identifier", Text(of.organisation_number)))
    for one in sets:
        triples += _dataset(base, one, keywords, of, publisher, contact)
    return triples + _place(base, of)


def _dataset(
    base: str, one: DataSet, keywords: Sequence[Words], of: Publisher, publisher: str, contact: str
) -> list[Triple]:
    me, schema = f"{base}#{one.name}", f"{base}/{one.name}.schema.json"
    place = _place(base, of)
    triples: list[Triple] = [
        (me, "rdf:type", _name("dcat:Dataset")),
        *_in_words(me, "dct:title", one.title),
        *_in_words(me, "dct:description", one.description),
        *(triple for words in keywords for triple in _in_words(me, "dcat:keyword", words)),
        (me, "dct:identifier", Text(me)),
        (me, "owl:versionInfo", Text(VERSION)),
        (me, "dcat:version", Text(VERSION)),
        (me, "dct:publisher", Iri(publisher)),
        (me, "dcat:contactPoint", Iri(contact)),
        (me, "dcat:theme", Iri(f"{_EU}/data-theme/GOVE")),
        (me, "dct:accessRights", Iri(f"{_EU}/access-right/PUBLIC")),
        (me, "dct:accrualPeriodicity", Iri(f"{_EU}/frequency/{one.frequency}")),
        (me, "dct:license", Iri(_LICENCE)),
        (me, "dct:conformsTo", Iri(schema)),
        (me, "dcat:landingPage", Iri(base)),
        (me, "dct:language", Iri(f"{_EU}/language/NOB")),
        (schema, "rdf:type", _name("dct:Standard")),
        *_in_words(schema, "dct:title", one.title),
    ]
    if place:
        triples.append((me, "dct:spatial", Iri(place[0][0])))
    if one.first and one.last:
        period = f"{me}-periode"
        triples += [
            (me, "dct:temporal", Iri(period)),
            (period, "rdf:type", _name("dct:PeriodOfTime")),
            (period, "dcat:startDate", Text(one.first.isoformat(), type="date")),
            (period, "dcat:endDate", Text(one.last.isoformat(), type="date")),
            (me, "dct:modified", Text(one.last.isoformat(), type="date")),
        ]
    for kind, media_type in MEDIA_TYPES.items():
        file, address = f"{me}-{kind.lower()}", f"{base}/{one.name}.{kind.lower()}"
        triples += [
            (me, "dcat:distribution", Iri(file)),
            (file, "rdf:type", _name("dcat:Distribution")),
            *_in_words(file, "dct:title", {code: f"{words} ({kind})" for code, words in one.title.items()}),
            (file, "dcat:accessURL", Iri(address)),
            (file, "dcat:downloadURL", Iri(address)),
            (file, "dct:format", Iri(f"{_EU}/file-type/{kind}")),
            (file, "dcat:mediaType", Iri(f"{_IANA}/{media_type}")),
            (file, "dct:license", Iri(_LICENCE)),
            (file, "dct:conformsTo", Iri(schema)),
        ]
    return triples


def _publisher(base: str, of: Publisher) -> str:
    return f"{_BRREG}/{of.organisation_number}" if of.organisation_number else f"{base}#utgiver"


def _place(base: str, of: Publisher) -> list[Triple]:
    """The place, by the address a register gives it, or by its number alone."""
    if not (of.geography or of.municipality_number):
        return []
    me = of.geography or f"{base}#sted"
    number: list[Triple] = (
        [(me, "dct:identifier", Text(of.municipality_number))] if of.municipality_number else []
    )
    return [(me, "rdf:type", _name("dct:Location")), (me, "skos:prefLabel", Text(of.name, "nb")), *number]


def _in_words(subject: str, predicate: str, words: Words) -> list[Triple]:
    return [(subject, predicate, Text(said, language)) for language, said in words.items()]


def _name(name: str) -> Iri:
    return Iri(_full(name))


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def as_turtle(triples: Iterable[Triple]) -> str:
    """Turtle: a block a subject, addresses written out."""
    lines = [f"@prefix {prefix}: <{address}> ." for prefix, address in PREFIXES.items()]
    for subject, said in _by_subject(triples).items():
        parts = [f"    {predicate} {_turtle(node)}" for predicate, node in said]
        lines += ["", f"<{subject}>", " ;\n".join(parts) + " ."]
    return "\n".join(lines) + "\n"


def as_json_ld(triples: Iterable[Triple]) -> str:
    """JSON-LD 1.1 in flattened form: a list of nodes, with the prefixes as context."""
    graph = []
    for subject, said in _by_subject(triples).items():
        node: dict[str, Any] = {"@id": subject}
        for predicate, value in said:
            if predicate == "rdf:type" and isinstance(value, Iri):
                node.setdefault("@type", []).append(value.address)
            else:
                node.setdefault(predicate, []).append(_json_ld(value))
        graph.append(node)
    return json.dumps({"@context": PREFIXES, "@graph": graph}, ensure_ascii=False, indent=1)


def _by_subject(triples: Iterable[Triple]) -> dict[str, list[tuple[str, Node]]]:
    subjects: dict[str, list[tuple[str, Node]]] = {}
    for subject, predicate, node in dict.fromkeys(triples):
        subjects.setdefault(subject, []).append((predicate, node))
    return subjects


def _turtle(node: Node) -> str:
    if isinstance(node, Iri):
        return f"<{node.address}>"
    # A JSON string is a Turtle string: both escape quotes, backslashes and control characters alike.
    words = json.dumps(node.words, ensure_ascii=False)
    if node.language:
        return f"{words}@{node.language}"
    return f"{words}^^xsd:{node.type}" if node.type else words


def _json_ld(node: Node) -> dict[str, str]:
    if isinstance(node, Iri):
        return {"@id": node.address}
    if node.language:
        return {"@value": node.words, "@language": node.language}
    return {"@value": node.words, "@type": f"xsd:{node.type}"} if node.type else {"@value": node.words}
