"""The document of the indicators: valid, and what the code says."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from services.metrics.openapi import PATH, document, text


def test_the_document_in_the_repository_is_what_the_code_says() -> None:
    """`python -m services.metrics.openapi` writes it anew."""
    assert PATH.read_text("utf-8") == text()


def test_the_document_is_valid_openapi_31() -> None:
    """As the specification's own schema has it."""
    written = document()
    assert written["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(written).validate()


def test_only_the_public_route_is_described() -> None:
    """With its parameters by their names in the address, and what may go wrong."""
    assert list(document()["paths"]) == ["/api/v1/indicators"]
    operation = document()["paths"]["/api/v1/indicators"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {
        "from",
        "to",
        "by",
        "organisation",
    }
    assert set(operation["responses"]) >= {"200", "304", "422"}


def test_the_shape_of_the_answer_is_described() -> None:
    """The names are those of the JSON."""
    schemas = document()["components"]["schemas"]
    assert set(schemas["PeriodDocument"]["properties"]) == {"from", "to"}
    assert set(schemas["ReportDocument"]["properties"]) >= {"period", "promise", "response_days", "groups"}


def test_every_part_of_the_answer_says_what_its_figures_mean() -> None:
    """A figure without its definition is read in two ways."""
    schemas = document()["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    assert "final answers on the due day or before" in schemas["PromiseDocument"]["description"]
