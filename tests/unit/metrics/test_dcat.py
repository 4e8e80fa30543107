"""The description of the open data, read by a library that knows RDF."""

from datetime import date

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from services.metrics.dcat import DataSet, Publisher, Triple, as_json_ld, as_turtle, catalogue

BASE = "https://svar.sorum.example/resultater/data"
EU = "http://publications.europa.eu/resource/authority"
WORDS = {"nb": 'Svar "raskt"\nog riktig \\ blått', "nn": "Svar", "en": "Answers"}
SETS = [
    DataSet("maaneder", WORDS, WORDS, date(2026, 1, 1), date(2026, 10, 31), "MONTHLY"),
    DataSet("tertialer", WORDS, WORDS, None, None, "ANNUAL_3"),
]


def triples(number: str | None = "920125298") -> list[Triple]:
    """The catalogue of an invented municipality."""
    publisher = Publisher(
        "Sørum kommune", "post@sorum.example", "https://www.sorum.example", number, "0226", None
    )
    return catalogue(BASE, WORDS, WORDS, [WORDS], publisher, SETS)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """As Turtle says it."""
    return Graph().parse(data=as_turtle(triples()), format="turtle")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_turtle_and_json_ld_say_the_same(graph: Graph) -> None:
    """The same graph, quotes and line breaks included."""
    other = Graph().parse(data=as_json_ld(triples()), format="json-ld")
    assert isomorphic(graph, other)
    assert len(graph) == len(set(triples()))


def test_the_catalogue_has_what_dcat_ap_no_requires(graph: Graph) -> None:
    """Title, description, publisher, contact point, identifier and data sets."""
    (me,) = graph.subjects(RDF.type, DCAT.Catalog)
    for required in (
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.publisher,
        DCTERMS.identifier,
        DCAT.contactPoint,
    ):
        assert (me, required, None) in graph
    assert len(list(graph.objects(me, DCAT.dataset))) == 2
    (publisher,) = graph.objects(me, DCTERMS.publisher)
    assert (publisher, RDF.type, FOAF.Agent) in graph
    assert (publisher, DCTERMS.identifier, Literal("920125298")) in graph


def test_each_data_set_has_what_dcat_ap_no_requires(graph: Graph) -> None:
    """In three languages, with theme, access, period, place, frequency and how to get it."""
    sets = list(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(sets) == 2
    for one in sets:
        for worded in (DCTERMS.title, DCTERMS.description):
            spoken = {words.language for words in graph.objects(one, worded) if isinstance(words, Literal)}
            assert spoken == {"nb", "nn", "en"}
        for required in (
            DCTERMS.publisher,
            DCTERMS.identifier,
            DCAT.contactPoint,
            DCTERMS.conformsTo,
            DCTERMS.spatial,
        ):
            assert (one, required, None) in graph
        assert (one, DCAT.theme, URIRef(f"{EU}/data-theme/GOVE")) in graph
        assert (one, DCTERMS.accessRights, URIRef(f"{EU}/access-right/PUBLIC")) in graph
        files = list(graph.objects(one, DCAT.distribution))
        assert {graph.value(file, DCTERMS.format) for file in files} == {
            URIRef(f"{EU}/file-type/CSV"),
            URIRef(f"{EU}/file-type/JSON"),
            URIRef(f"{EU}/file-type/XLSX"),
        }
        for file in files:
            assert graph.value(file, DCTERMS.license) == URIRef(f"{EU}/licence/CC_BY_4_0")
            for required in (DCAT.accessURL, DCAT.downloadURL, DCAT.mediaType, DCTERMS.conformsTo):
                assert (file, required, None) in graph
    monthly = URIRef(f"{BASE}#maaneder")
    assert graph.value(monthly, DCTERMS.accrualPeriodicity) == URIRef(f"{EU}/frequency/MONTHLY")
    period = graph.value(monthly, DCTERMS.temporal)
    assert graph.value(period, DCAT.startDate) == Literal(date(2026, 1, 1))
    assert graph.value(period, DCAT.endDate) == Literal(date(2026, 10, 31))


def test_a_municipality_without_numbers_is_described_too() -> None:
    """By its name; nothing is made up."""
    graph = Graph().parse(data=as_turtle(triples(None)), format="turtle")
    (publisher,) = set(graph.objects(None, DCTERMS.publisher))
    assert publisher == URIRef(f"{BASE}#utgiver")
    assert (publisher, DCTERMS.identifier, None) not in graph
