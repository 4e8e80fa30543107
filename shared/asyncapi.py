"""The bus as an AsyncAPI 3 document and as a page to read, made from the code that runs: `make docs`.

FastStream's own output describes its subscribers; our events go through the loop of shared/messaging.py, and
which service publishes and hears what stands in shared/events.py and shared/questions.py.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared import questions
from shared.events import CONSUMED_BY, EVENTS, Event
from shared.questions import Question

FOLDER = Path(__file__).parent.parent / "docs" / "events"
QUESTIONS: Mapping[type[Question[Any]], tuple[str, str]] = {
    questions.ReadSubmission: ("routing", "intake"),
    questions.ReadExcerpts: ("routing", "intake"),
    questions.ReadContact: ("notify", "intake"),
    questions.ReadAnswers: ("intake", "routing"),
}
"""Who asks, and who answers."""

_ENVELOPE = {
    "ce-specversion": "always 1.0",
    "ce-id": "the event's id, a UUID; also its Nats-Msg-Id",
    "ce-type": "the event's name and version",
    "ce-source": "the service that says it",
    "ce-time": "when it happened, RFC 3339",
    "ce-subject": "the case it is about, a UUID",
    "ce-municipality": "the municipality's id",
    "ce-causedby": "the event that caused it, where one did",
    "ce-invented": "`true` where it never happened: `invented.` then stands before its name in the subject, "
    "and metrics alone hears it",
}
_OPTIONAL = ("ce-causedby", "ce-invented")


def document() -> dict[str, Any]:
    """The whole bus as AsyncAPI 3.0."""
    asked = [model for question in QUESTIONS for model in (question, question.ANSWER)]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in (*EVENTS, *asked)], ref_template="#/components/schemas/{model}"
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for event in EVENTS:
        _describe_event(event, channels, operations, messages)
    for question, (asker, answerer) in QUESTIONS.items():
        _describe_question(question, asker, answerer, channels, operations, messages)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Svarfrist",
            "version": "1",
            "description": "CloudEvents 1.0 in binary mode over NATS JetStream, and a few questions over core "
            "NATS. No event holds personal data.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas["$defs"],
            "messageTraits": {
                "cloudEvent": {
                    "headers": {
                        "type": "object",
                        "required": [name for name in _ENVELOPE if name not in _OPTIONAL],
                        "properties": {
                            name: {"type": "string", "description": text} for name, text in _ENVELOPE.items()
                        },
                    }
                }
            },
        },
    }


def _describe_event(
    event: type[Event], channels: dict[str, Any], operations: dict[str, Any], messages: dict[str, Any]
) -> None:
    name = event.__name__
    channels[name] = {
        "address": event.subject_filter().replace("*", "{municipality}", 1),
        "parameters": {"municipality": {"description": "The municipality's id"}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "description": f"Stream DIALOGUE. Published by {event.SOURCE}.",
    }
    messages[name] = {
        "name": event.type_name(),
        "title": event.NAME,
        "summary": _first_line(event),
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }
    operations[f"{event.SOURCE}.publishes.{name}"] = _operation("send", name)
    for service, heard in CONSUMED_BY.items():
        if event in heard:
            operations[f"{service}.hears.{name}"] = _operation("receive", name)


def _describe_question(
    question: type[Question[Any]],
    asker: str,
    answerer: str,
    channels: dict[str, Any],
    operations: dict[str, Any],
    messages: dict[str, Any],
) -> None:
    name, answer = question.__name__, question.ANSWER.__name__
    channels[name] = {
        "address": question.SUBJECT,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "description": f"Request and reply over core NATS; asked by {asker}, answered by {answerer}.",
    }
    channels[f"{name}Reply"] = {
        "address": None,
        "messages": {answer: {"$ref": f"#/components/messages/{answer}"}},
    }
    for model in (question, question.ANSWER):
        messages[model.__name__] = {
            "name": model.__name__,
            "summary": _first_line(model),
            "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        }
    reply = {"reply": {"channel": {"$ref": f"#/channels/{name}Reply"}}}
    operations[f"{asker}.asks.{name}"] = {**_operation("send", name), **reply}
    operations[f"{answerer}.answers.{name}"] = {**_operation("receive", name), **reply}


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{channel}"}],
    }


def page() -> str:
    """The same, as Markdown tables."""
    lines = [
        "# Events",
        "Made from the code by `make docs`; the whole, for machines, is in [asyncapi.json](asyncapi.json).",
        "",
        "| event | says | published by | heard by | fields |",
        "|---|---|---|---|---|",
    ]
    for event in EVENTS:
        heard = ", ".join(service for service, models in CONSUMED_BY.items() if event in models)
        fields = [name for name in event.model_fields if name not in Event.model_fields]
        shown = ", ".join(f"`{name}`" for name in fields) or "none beyond the envelope"
        lines.append(
            f"| `{event.NAME}.v{event.VERSION}` | {_first_line(event)} | {event.SOURCE} | {heard} | {shown} |"
        )
    lines += ["", "# Questions", "", "| subject | asked by | answered by | for |", "|---|---|---|---|"]
    for question, (asker, answerer) in QUESTIONS.items():
        lines.append(f"| `{question.SUBJECT}` | {asker} | {answerer} | {_first_line(question.ANSWER)} |")
    return "\n".join(lines) + "\n"


def written() -> dict[Path, str]:
    """The files that should stand in the repository, with their content."""
    return {
        FOLDER / "asyncapi.json": json.dumps(document(), indent=1, ensure_ascii=False) + "\n",
        FOLDER / "README.md": page(),
    }


def _first_line(model: type[object]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    for path, content in written().items():
        path.write_text(content, encoding="utf-8")
