"""Structured logs: one JSON object a line, with bound fields and never personal data."""

import logging
import sys
import traceback
from collections.abc import Iterator

import structlog
from structlog.typing import ExcInfo, Processor


def configure(service: str, level: str) -> None:
    """Sends structlog and the standard library's log records to stderr as JSON."""
    shared_processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_types_and_places),
    ]
    structlog.configure(
        processors=[*shared_processors, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared_processors,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def in_words(error: BaseException) -> str:
    """An error as an operator reads it: its type, and the first line of what it says.

    The lines below are PostgreSQL's detail, which quotes the row and with it what a resident wrote.
    """
    words = " ".join(f"{type(error).__name__}: {error}".partition("\n")[0].split())
    return words.replace("\0", "").encode(errors="replace").decode()


def _types_and_places(exc_info: ExcInfo) -> list[str]:
    """What was raised where, the cause first, and not in which words: a database's quote the row."""
    return [_type_and_place(error) for error in reversed(list(_chain(exc_info[1])))]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _type_and_place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{type(error).__qualname__} at {' > '.join(places)}"
