"""Compares what is on the bus, in the mailbox and in the figures with what the oracle says."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bench.year.figures import Judged, figures
from bench.year.ladder import Step, mails_of, steps
from bench.year.oracle import OSLO, Oracle, Record
from bench.year.promises import promises
from deploy import cli_indicators, stream
from deploy.audit import audit
from deploy.data_folder import DataFolder
from deploy.mailbox.store import Store
from deploy.settling import RunningParts
from shared import events
from shared.events import (
    CaseAnswered,
    Event,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    PromiseReminded,
    SubmissionReceived,
)

IN_OFFICE_HOURS = {"delay", "wait_ended", "due_soon", "broken", "still_broken"}
"""Mails that wait until the office is open; all others are sent when something happens."""
REMINDERS = {"due_soon", "broken", "still_broken"}
"""Mails to staff of which those of a morning are sent as one, and none where the case was answered first."""
Verdict = PromiseKept | PromiseBroken | PromiseLapsed


class Judge:
    """Everything that was said during the year, by reference."""

    def __init__(
        self, said: Sequence[Event], records: Mapping[int, Record], oracle: Oracle, now: datetime
    ) -> None:
        self._oracle = oracle
        self._now = now
        self._today = now.astimezone(OSLO).date()
        self._found = [Judged(record, promises(record, oracle)) for record in records.values()]
        self._said = said
        received = [event for event in said if isinstance(event, SubmissionReceived)]
        self._reference = {event.case_id: event.reference for event in received}
        self._by_reference: dict[str, list[Event]] = {}
        for event in said:
            self._by_reference.setdefault(self._reference.get(event.case_id, ""), []).append(event)

    def promises(self) -> Iterator[str]:
        """Every promise has the days the rules give, first and last, none but those, and one verdict, the right one."""
        if len(self._reference) != len(self._found):
            yield f"{len(self._found)} were submitted, {len(self._reference)} were received"
        for one in self._found:
            reference = one.record.reference
            said = self._by_reference.get(reference, [])
            given = _days_given(said)
            expected = {promise.number: [day for _, day in promise.stands] for promise in one.promises}
            if one.record.promised_by != (expected[1][0] if expected else None):
                yield f"{reference}: {one.record.promised_by} on the receipt, should be {expected.get(1)}"
            for number in given.keys() | expected.keys():
                days, right = given.get(number, []), expected.get(number, [])
                ends = days[:1] + days[-1:], right[:1] + right[-1:]
                if ends[0] != ends[1] or set(days) - set(right):
                    yield f"{reference}: promise {number} had the days {_told(days)}, should be {_told(right)}"
            verdicts = {
                promise.number: verdict + (promise.due_on, promise.without_pauses) * (verdict[1] is not None)
                for promise in one.promises
                if (verdict := promise.verdict(self._today))
            }
            judged = [(event.number, _verdict(event)) for event in said if isinstance(event, Verdict)]
            if sorted(judged, key=str) != sorted(verdicts.items(), key=str):
                yield f"{reference}: judged {_told(judged)}, should be {_told(verdicts.items())}"

    def ladder(self) -> Iterator[str]:
        """Every step that had to be taken was taken, once for each due day, and no other; in office hours."""
        for one in self._found:
            said = self._by_reference.get(one.record.reference, [])
            stands = {
                event.version: (event.number, event.due_on)
                for event in said
                if isinstance(event, PromiseMade | PromiseMoved)
            }
            taken = [event for event in said if isinstance(event, PromiseReminded)]
            given = Counter((*stands[event.version], event.step) for event in taken)
            expected = Counter((step.number, step.due_on, step.rung) for step in self._steps(one))
            if given != expected:
                extra, missing = _told((given - expected).elements()), _told((expected - given).elements())
                yield f"{one.record.reference}: steps too many: {extra}; missing: {missing}"
            for event in taken:
                if not self._oracle.is_in_office_hours(event.at):
                    yield f"{one.record.reference}: {event.step} at {_hour(event.at)}"

    def mails(self) -> Iterator[str]:
        """Every case has had the mails it had to have, each once."""
        for one in self._found:
            said = self._by_reference.get(one.record.reference, [])
            sent = [event for event in said if isinstance(event, MessageSent)]
            whom = {True: "resident", False: "staff"}
            given = Counter((event.message, whom[event.to_resident]) for event in sent)
            reminders = sum(given.pop((kind, "staff"), 0) for kind in REMINDERS)
            expected = mails_of(one.record, one.promises, self._steps(one), self._oracle, self._now)
            if given != expected:
                extra, missing = _told((given - expected).elements()), _told((expected - given).elements())
                yield f"{one.record.reference}: mails too many: {extra}; missing: {missing}"
            reminded = [event for event in said if isinstance(event, PromiseReminded)]
            if reminders > sum(event.recipients for event in reminded):
                yield f"{one.record.reference}: {reminders} reminders sent, of {_told(e.step for e in reminded)}"
            if len({event.message_id for event in sent}) != len(sent):
                yield f"{one.record.reference}: a mail was said to be sent twice"

    def mailbox(
        self, mailbox: Store, digests: Mapping[str, str], reports: set[str], most: int
    ) -> Iterator[str]:
        """Every mail that was said to be sent is in the mailbox, and no other; reminders in office hours only.

        `digests`: which mail a reminder went in, where it went with others. `reports`: mails about reports, of
        which no event tells. `most`: how many may have been handed over twice, since something died.
        """
        said = {str(event.message_id): event for event in self._said if isinstance(event, MessageSent)}
        sent = {digests.get(name, name): event for name, event in said.items()}
        caught = {
            (summary.message_id or "").strip("<>").partition("@")[0]: summary
            for summary in mailbox.newest_first()
        }
        for name in sent.keys() ^ (caught.keys() - reports):
            yield f"mail {name} was {'not caught' if name in sent else 'not said to be sent'}"
        for name, event in sent.items():
            if event.message in IN_OFFICE_HOURS and name in caught:
                at = caught[name].dated
                if not self._oracle.is_in_office_hours(at):
                    yield f"{event.message} was sent on {_hour(at)}"
        twice = sum(summary.deliveries - 1 for summary in caught.values())
        if twice > most:
            yield f"{twice} mails were handed over again, where at most {most} may have been"

    def figures(self, folder: DataFolder) -> Iterator[str]:
        """Each month's figures, as the command line tells them."""
        first = min(one.record.submitted_on for one in self._found)
        while first <= self._today:
            after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
            period = (first, after - timedelta(days=1))
            told = cli_indicators.ask(folder, *period)
            expected = figures(self._found, self._lengths(), period, self._today)
            shown = {
                "due": told["promise"]["due"],
                "kept": told["promise"]["kept"],
                "received": {kind: told["received"][kind] for kind in expected["received"]},
                "answered": told["response_days"]["n"],
                "median": told["response_days"]["median"],
                "p90": told["response_days"]["p90"],
            }
            for name, figure in expected.items():
                if not _equal(shown[name], figure):
                    yield f"{first:%B %Y}: {name} is told as {shown[name]}, should be {figure}"
            first = after

    def _steps(self, one: Judged) -> list[Step]:
        return steps(one.promises, self._oracle, self._now)

    def _lengths(self) -> dict[str, timedelta]:
        received = {event.case_id: event.at for event in self._said if isinstance(event, SubmissionReceived)}
        lengths: dict[str, timedelta] = {}
        for event in self._said:
            if isinstance(event, CaseAnswered):
                length = event.at - received[event.case_id]
                reference = self._reference[event.case_id]
                lengths[reference] = min(length, lengths.get(reference, length))
        return lengths


def _days_given(said: Sequence[Event]) -> dict[int, list[date]]:
    """The due days of each promise, in the order of their versions."""
    versions = sorted(
        (event for event in said if isinstance(event, PromiseMade | PromiseMoved)),
        key=lambda event: event.version,
    )
    given: dict[int, list[date]] = {}
    for event in versions:
        given.setdefault(event.number, []).append(event.due_on)
    return given


def _verdict(event: Verdict) -> tuple[str, date | None] | tuple[str, date, date, date | None]:
    if isinstance(event, PromiseLapsed):
        return event.NAME, None
    return event.NAME, event.judged_on, event.due_on, event.due_without_pauses_on


def _hour(at: datetime) -> str:
    return f"{at.astimezone(OSLO):%A %-d %B at %H:%M}"


def _told(found: Any) -> str:
    """Days and tuples as one reads them."""
    return ", ".join(
        "/".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in found
    ).replace("datetime.date", "")


def _equal(shown: Any, figure: Any) -> bool:
    if isinstance(figure, float) and shown is not None:
        return bool(abs(shown - figure) < 2e-6)  # days are told with six decimals
    return bool(shown == figure)


async def judged(
    parts: RunningParts,
    folder: DataFolder,
    records: Mapping[int, Record],
    oracle: Oracle,
    told: Callable[[str], None],
    kills: int,
) -> list[str]:
    """Everything that is not as it must be; nothing, where all is well."""
    said = [
        events.read(message.headers, message.data)
        async for message in stream.messages(parts.js, "dialogue.>", bodies=True)
    ]
    judge = Judge(said, records, oracle, parts.clock())
    mailbox = Store(folder.mailbox)
    found: list[str] = []
    for what, faults in (
        ("promises", judge.promises()),
        ("steps of the ladder", judge.ladder()),
        ("mails called for", judge.mails()),
        ("mails sent", judge.mailbox(mailbox, await _digests(parts), await _reports(parts), kills)),
        ("figures", judge.figures(folder)),
    ):
        wrong = list(faults)
        told(f"  {what}: {f'{len(wrong)} wrong' if wrong else 'all right'}")
        found += wrong
    report = await audit(parts.js, parts.databases, parts.clock())
    told(f"  audit: {'clean' if report.clean else report.findings}")
    told(f"  {len(said)} events: {_counted(said)}")
    return found + [f"audit: {finding}" for finding in report.findings]


def _counted(said: Sequence[Event]) -> str:
    kinds = Counter(event.NAME for event in said)
    return ", ".join(
        f"{kinds[name]} {words}"
        for name, words in (
            ("promise.kept", "promises kept"),
            ("promise.broken", "broken"),
            ("promise.lapsed", "lapsed"),
            ("promise.moved", "times moved"),
            ("promise.reminded", "steps of ladders"),
            ("message.sent", "mails"),
        )
    )


async def _digests(parts: RunningParts) -> dict[str, str]:
    rows = await parts.databases["notify"].fetch(
        "SELECT id, digest_id FROM message WHERE digest_id IS NOT NULL"
    )
    return {str(row["id"]): str(row["digest_id"]) for row in rows}


async def _reports(parts: RunningParts) -> set[str]:
    rows = await parts.databases["notify"].fetch("SELECT id FROM report_mail WHERE state = 'sent'")
    return {str(row["id"]) for row in rows}
