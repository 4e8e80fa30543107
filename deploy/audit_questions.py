"""What an audit asks each service's database, and which answers must agree."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from deploy.merging import READ_AT_ONCE, side_by_side

PATIENCE = timedelta(minutes=5)
"""How long something may be due before its not being done is a finding."""


@dataclass(frozen=True)
class Question:
    """A query whose first column is the answer, as text. `$1` is the instant before which things are late."""

    service: str
    sql: str

    def arguments(self, now: datetime) -> tuple[datetime, ...]:
        """The query's arguments."""
        return (now - PATIENCE,) if "$1" in self.sql else ()


_OUR_OWN = "system IS NULL AND invented IS NOT TRUE"
"""Of the facts those of cases that residents sent here: neither imported nor of a simulated year."""

QUESTIONS: Mapping[str, Question] = {
    "submissions": Question("intake", "SELECT id FROM submission"),
    "submissions received": Question(
        "intake", "SELECT case_id FROM inbox WHERE type = 'no.svarfrist.submission.received.v1'"
    ),
    "promised days": Question(
        "intake", "SELECT id || ' ' || due_on FROM submission WHERE due_on IS NOT NULL"
    ),
    "addresses": Question("intake", "SELECT submission_id FROM contact WHERE email IS NOT NULL"),
    "cases": Question("routing", "SELECT case_id FROM cases"),
    "cases with a unit": Question("routing", "SELECT case_id FROM cases WHERE unit IS NOT NULL"),
    "units": Question("routing", "SELECT case_id || ' ' || unit FROM cases WHERE unit IS NOT NULL"),
    "promises": Question(
        "notify",
        # Not by what it is counted from now: another kind or topic with the same promise changes that.
        "SELECT promise.case_id || ' ' || promise.due_on FROM promise JOIN inbox AS made USING (case_id)"
        " JOIN inbox AS received ON received.event_id = made.caused_by"
        " WHERE promise.version = 1 AND made.type = 'no.svarfrist.promise.made.v1'"
        " AND made.body ->> 'version' = '1' AND received.type = 'no.svarfrist.submission.received.v1'",
    ),
    "late steps": Question(
        "notify", "SELECT case_id || ' ' || step FROM step WHERE done_at IS NULL AND due_at < $1"
    ),
    "late waits": Question("notify", "SELECT case_id FROM wait WHERE done_at IS NULL AND due_at < $1"),
    "set aside": Question(
        "notify",
        "SELECT case_id || ' ' || step FROM step WHERE done_at IS NULL AND tries > 0"
        " UNION ALL SELECT case_id || ' wait' FROM wait WHERE done_at IS NULL AND tries > 0",
    ),
    "receipts": Question("notify", "SELECT case_id FROM message WHERE kind = 'receipt'"),
    "late messages": Question(
        "notify",
        "SELECT id FROM message WHERE state IN ('waiting', 'gathering') AND next_attempt_at < $1"
        " UNION ALL SELECT id FROM report_mail WHERE state = 'waiting' AND next_attempt_at < $1",
    ),
    "judged broken, answered in time": Question(
        "notify",
        "SELECT promise.case_id FROM promise JOIN inbox USING (case_id) WHERE state = 'broken'"
        " AND type = 'no.svarfrist.case.answered.v1' AND at > started_at"
        " AND CAST(at AT TIME ZONE 'Europe/Oslo' AS date) <= due_on",
    ),
    "facts": Question(
        "metrics",
        f"SELECT case_id FROM case_fact WHERE received_at IS NOT NULL AND {_OUR_OWN}",  # noqa: S608 - our own
    ),
    "units counted": Question(
        "metrics",
        f"SELECT case_id || ' ' || unit FROM case_fact WHERE unit IS NOT NULL AND {_OUR_OWN}",  # noqa: S608 - our own
    ),
}

AGREE: tuple[tuple[str, str, str], ...] = (
    ("submissions", "submissions received", "submission without its event"),
    ("submissions received", "submissions", "event of a submission that is not there"),
    ("submissions", "cases", "submission without a case"),
    ("cases", "submissions", "case without a submission"),
    ("cases", "cases with a unit", "case that nobody owns"),
    ("promised days", "promises", "promise on a receipt that nobody enforces, or with another day"),
    ("promises", "promised days", "promise that no receipt gave, or with another day"),
    ("addresses", "receipts", "submission with an address and no receipt"),
    ("submissions", "facts", "submission that is not counted"),
    ("facts", "submissions", "counted, but not a submission"),
    ("units", "units counted", "case that is counted for another unit"),
)
"""What the first answers and the second do not is a finding with this name."""

NONE_OF: Mapping[str, str] = {
    "late steps": "step of the ladder that was due and is not done",
    "set aside": "step that could not be decided about, and is tried again: svarfrist set-aside list",
    "late waits": "question that had no answer in time, and nobody has been told",
    "judged broken, answered in time": "promise judged broken before an answer in time was heard of",
    "late messages": "message that should have gone and waits",
}


async def differences(
    databases: Mapping[str, asyncpg.Connection], now: datetime
) -> AsyncIterator[tuple[str, str]]:
    """What does not agree: a finding's name, and which. The connections are in transactions."""
    for one, other, what in AGREE:
        lists = {"one": _answers(databases, one, now), "other": _answers(databases, other, now)}
        async for answer, said_by in side_by_side(lists):
            if "other" not in said_by:
                yield what, answer
    for name, what in NONE_OF.items():
        async for answer, _ in _answers(databases, name, now):
            yield what, answer


async def _answers(
    databases: Mapping[str, asyncpg.Connection], name: str, now: datetime
) -> AsyncIterator[tuple[str, None]]:
    """A question's different answers, in the order of their bytes, which is Python's too."""
    asked = QUESTIONS[name]
    query = f'SELECT DISTINCT CAST(answer AS text) COLLATE "C" AS answer FROM ({asked.sql}) AS asked (answer) ORDER BY 1'  # noqa: S608 - our own
    async for row in databases[asked.service].cursor(query, *asked.arguments(now), prefetch=READ_AT_ONCE):
        yield row["answer"], None


async def count(databases: Mapping[str, asyncpg.Connection], name: str, now: datetime) -> int:
    """How many different answers a question has."""
    asked = QUESTIONS[name]
    query = f"SELECT count(DISTINCT answer) FROM ({asked.sql}) AS asked (answer)"  # noqa: S608 - our own
    counted: int = await databases[asked.service].fetchval(query, *asked.arguments(now))
    return counted
