"""The logs: one JSON object a line, and never what somebody wrote."""

import json
import subprocess
import sys

from shared.logs import in_words

PROGRAM = """
import logging, structlog
from shared import logs
logs.configure("intake", "INFO")

def store():
    try:
        raise LookupError("DETAIL: Failing row contains (Kari skrev dette).")
    except LookupError as error:
        raise ValueError("Kari skrev dette") from error

try:
    store()
except ValueError as error:
    structlog.get_logger().error("event.failed", event_id="1", exc_info=error)
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=error)
"""


def test_an_exception_is_logged_by_its_types_and_places_never_by_its_words() -> None:
    """A database's error quotes the row; whichever logger it comes through, the words stay out."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stderr
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["event"] for line in lines] == [
        "event.failed",
        "Exception in ASGI application",
        "Task exception was never retrieved",
    ]
    assert "Kari" not in told
    for line in lines:
        cause, raised = line["exception"]
        assert cause.startswith("LookupError at <string>:")
        assert raised.startswith("ValueError at <string>:")
        assert raised.endswith(" store")


def test_an_error_in_words_is_what_it_says_first_and_not_the_row_it_quotes() -> None:
    """Whatever was in it, it can be written down and sent."""
    quoting = ValueError('null value in column "case_id"\nDETAIL:  Failing row contains (Kari skrev dette).')
    assert in_words(quoting) == 'ValueError: null value in column "case_id"'
    assert in_words(LookupError("a\0b \ud800")) == "LookupError: ab ?"
    assert in_words(TimeoutError()) == "TimeoutError:"
