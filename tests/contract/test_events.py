"""The contract: every event version ever published can still be read, and none carries personal data."""

import json
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from pydantic import BaseModel

from shared import asyncapi, events
from shared.events import CONSUMED_BY, EVENTS, CaseOpened, Event, UnreadableEventError
from tests.events_for_tests import received

SAMPLES = Path(__file__).parent / "samples"

IDENTIFIERS = {
    "municipality", "reference", "topic", "area", "unit", "section", "committee", "person", "assigned_by", "from_unit",
    "from_person", "language", "promise_id", "rule", "rule_version", "step", "message", "error", "status",
    "system", "kind", "channel", "report", "period", "readers", "zone",
}  # fmt: skip
"""The texts that events may hold: ids and codes, none of which a resident writes."""


def sample_files() -> list[Path]:
    """One file for every event version ever published; a file is never changed, only added."""
    return sorted(SAMPLES.glob("*.json"))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type_name())
def test_every_event_has_a_stored_sample(event: type[Event]) -> None:
    """A new event, or a new version, comes with a sample of what it looks like on the wire."""
    assert (SAMPLES / f"{event.NAME}.v{event.VERSION}.json").is_file()


@pytest.mark.parametrize("file", sample_files(), ids=lambda file: file.stem)
def test_every_stored_sample_can_still_be_read(file: Path) -> None:
    """What is on the stream from years ago still means what it meant."""
    sample = json.loads(file.read_text("utf-8"))
    event = events.read(sample["headers"], json.dumps(sample["body"]).encode())
    assert event.subject == sample["subject"]
    written = json.loads(event.body())
    assert {name: written[name] for name in sample["body"]} == sample["body"]
    assert event.headers() == sample["headers"]


def texts_in(model: type[BaseModel]) -> set[str]:
    """The names of a model's fields that hold free text."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        for kind in _kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= texts_in(kind)
            elif isinstance(kind, type) and issubclass(kind, str) and not issubclass(kind, StrEnum):
                found.add(name)
    return found


def _kinds(annotation: Any) -> tuple[Any, ...]:
    inner = get_args(annotation) if get_origin(annotation) or isinstance(annotation, UnionType) else ()
    return inner or (annotation,)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type_name())
def test_no_event_has_room_for_what_a_resident_wrote_or_who_they_are(event: type[Event]) -> None:
    """Every text of an event is an id or a code on the list above; a new one must be argued for here."""
    assert texts_in(event) <= IDENTIFIERS


def test_every_event_is_heard_by_someone_and_said_by_one_service() -> None:
    """An event nobody hears is not an event; a service does not hear itself but for metrics."""
    assert {event for heard in CONSUMED_BY.values() for event in heard} == set(EVENTS)
    for service, heard in CONSUMED_BY.items():
        assert all(service != event.SOURCE for event in heard)


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"{}", "unknown event type None"),
        ({"ce-type": "no.svarfrist.case.opened.v1"}, b"\xff", "the body is not JSON"),
        ({"ce-type": "no.svarfrist.case.opened.v1"}, b"[1]", "the body is not a JSON object"),
        (
            {"ce-type": "no.svarfrist.case.opened.v1"},
            b'{"person": "ola-hemmelig", "unit": 5}',
            "case.opened: these fields do not fit: at, case_id, id, municipality, unit",
        ),
    ],
)
def test_what_cannot_be_read_is_named_without_its_content(
    headers: dict[str, str], body: bytes, reason: str
) -> None:
    """The reason names fields, never values: it ends up in logs and dead letters."""
    with pytest.raises(UnreadableEventError) as error:
        events.read(headers, body)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("path", "content"), asyncapi.written().items(), ids=lambda part: getattr(part, "name", "")
)
def test_the_generated_documents_are_current(path: Path, content: str) -> None:
    """`make docs` has been run since the events last changed."""
    assert path.read_text("utf-8") == content


def test_the_document_is_asyncapi_3() -> None:
    """It fits AsyncAPI's own model, and says nothing of any server or password."""
    document = asyncapi.document()
    ApplicationSchema.model_validate(document)
    assert "servers" not in document
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert "dialogue.{municipality}.submission.received.v1" in addresses
    assert "intake.contact.read" in addresses


def test_an_invented_event_reaches_metrics_and_nobody_else() -> None:
    """No filter of another service matches its subject, and what it causes is invented too."""
    made_up = received(invented=True)
    caused = CaseOpened.caused(made_up, at=made_up.at, person="ola", unit="vei")
    assert caused.subject == "dialogue.asker.invented.case.opened.v1"
    hearing = [
        service
        for service in CONSUMED_BY
        if any(_matches(subject, caused.subject) for subject in events.subjects_heard_by(service))
    ]
    assert hearing == ["metrics"]
    assert events.read(caused.headers(), caused.body()) == caused


def _matches(subject_filter: str, subject: str) -> bool:
    """NATS' rule: `*` is one word, `>` all that follow."""
    wanted, given = subject_filter.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted, given = wanted[:-1], given[: len(wanted) - 1]
    return len(wanted) == len(given) and all(
        word in {"*", other} for word, other in zip(wanted, given, strict=True)
    )
