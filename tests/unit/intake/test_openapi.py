"""The API's document: valid, and what the code says."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from services.intake.openapi import PATH, document, text


def test_the_document_in_the_repository_is_what_the_code_says() -> None:
    """`python -m services.intake.openapi` writes it anew."""
    assert PATH.read_text("utf-8") == text()


def test_the_document_is_valid_openapi_31() -> None:
    """As the specification's own schema has it."""
    written = document()
    assert written["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(written).validate()


def test_only_the_public_api_is_in_it() -> None:
    """Neither pages nor health checks."""
    assert {path: sorted(operations) for path, operations in document()["paths"].items()} == {
        "/api/v1/submissions": ["post"],
        "/api/v1/submissions/{secret}": ["get"],
        "/api/v1/topics": ["get"],
        "/api/v1/areas": ["get"],
    }


def test_the_body_says_which_fields_there_are_and_which_must_be() -> None:
    """Other systems are written from this."""
    schemas = document()["components"]["schemas"]
    submission = schemas["SubmissionIn"]
    assert sorted(submission["required"]) == ["kind", "reply_wanted", "text"]
    assert {"topic", "area", "contact", "language"} <= set(submission["properties"])
