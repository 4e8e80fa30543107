"""Compares what is on the bus, in the mailbox and in the figures with what the oracle says."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from bench.year.oracle import Oracle, Record, figures
from deploy import cli_indicators, stream
from deploy.audit import audit
from deploy.data_folder import DataFolder
from deploy.mailbox.store import Store
from deploy.settling import RunningParts
from shared import events
from shared.clock import OSLO, oslo_day
from shared.events import CaseAnswered, Event, MessageSent, PromiseReminded, SubmissionReceived

AT_ANY_HOUR = {"receipt", "interim_answer", "answer", "assigned", "supplemented"}
"""Mails that are sent when something happens; all others wait until the office is open."""


class Judge:
    """Everything that was said during the year, by case and reference."""

    def __init__(
        self, said: Sequence[Event], records: Mapping[int, Record], oracle: Oracle, today: date
    ) -> None:
        self._oracle = oracle
        self._today = today
        self._records = list(records.values())
        self._said = said
        received = [event for event in said if isinstance(event, SubmissionReceived)]
        self._reference = {event.case_id: event.reference for event in received}

    def promises(self) -> Iterator[str]:
        """Every promise is what the rules say, and judged once, rightly, with the right day."""
        by_reference = self._by_reference(("promise.made", "promise.kept", "promise.broken"))
        if len(self._reference) != len(self._records):
            yield f"{len(self._records)} were submitted, {len(self._reference)} were received"
        for record in self._records:
            due_on = self._oracle.due_on(record)
            said = by_reference.get(record.reference, [])
            made = [event for event in said if event.NAME == "promise.made"]
            verdicts = [event for event in said if event.NAME != "promise.made"]
            if record.promised_by != due_on or {getattr(event, "due_on", None) for event in made} - {due_on}:
                yield f"{record.reference}: promised by {record.promised_by}, should be {due_on}"
            if len(made) != (due_on is not None):
                yield f"{record.reference}: {len(made)} promises made"
            expected = self._oracle.verdict(record, self._today)
            given = [(event.NAME, event.judged_on) for event in verdicts]  # type: ignore[attr-defined]
            if given != ([expected] if expected else []):
                yield f"{record.reference}: judged {given}, should be {expected}"

    def ladder(self) -> Iterator[str]:
        """Every step that had to be taken was taken, once, and no other."""
        by_reference = self._by_reference(("promise.reminded",))
        for record in self._records:
            taken = [
                event.step
                for event in by_reference.get(record.reference, ())
                if isinstance(event, PromiseReminded)
            ]
            expected = self._oracle.reminders(record, self._today)
            if Counter(taken) != Counter(expected):
                yield f"{record.reference}: steps {sorted(taken)}, should be {sorted(expected)}"

    def mails(self, mailbox: Store, digests: Mapping[str, str], reports: set[str]) -> Iterator[str]:
        """Every mail that was sent is in the mailbox, and none that was not; reminders in office hours only.

        `digests`: which mail a reminder went in, where it went with others. `reports`: mails about reports, of
        which no event tells.
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
            if event.message in AT_ANY_HOUR or name not in caught:
                continue
            at = caught[name].dated.astimezone(OSLO)
            if (
                not self._oracle.is_open(at.date())
                or not self._oracle.opens <= f"{at:%H:%M}" < self._oracle.closes
            ):
                yield f"{event.message} was sent on {at:%A %-d %B at %H:%M}"

    def figures(self, folder: DataFolder) -> Iterator[str]:
        """Each month's figures, as the command line tells them."""
        first = min(record.submitted_on for record in self._records if record.submitted_on)
        while first <= self._today:
            after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
            period = (first, after - timedelta(days=1))
            told = cli_indicators.ask(folder, *period)
            expected = figures(self._records, self._oracle, self._lengths(), period, self._today)
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

    def _by_reference(self, names: Sequence[str]) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in self._said:
            if event.NAME in names:
                found.setdefault(self._reference.get(event.case_id, ""), []).append(event)
        return found

    def _lengths(self) -> dict[str, timedelta]:
        received = {event.case_id: event.at for event in self._said if isinstance(event, SubmissionReceived)}
        lengths: dict[str, timedelta] = {}
        for event in self._said:
            if isinstance(event, CaseAnswered):
                length = event.at - received[event.case_id]
                reference = self._reference[event.case_id]
                lengths[reference] = min(length, lengths.get(reference, length))
        return lengths


def _equal(shown: Any, figure: Any) -> bool:
    if isinstance(figure, float) and shown is not None:
        return abs(shown - figure) < 2e-6  # days are told with six decimals
    return bool(shown == figure)


async def judged(
    parts: RunningParts,
    folder: DataFolder,
    records: Mapping[int, Record],
    oracle: Oracle,
    told: Callable[[str], None],
) -> list[str]:
    """Everything that is not as it must be; nothing, where all is well."""
    said = [
        events.read(message.headers, message.data)
        async for message in stream.messages(parts.js, "dialogue.>", bodies=True)
    ]
    today = oslo_day(parts.clock())
    judge = Judge(said, records, oracle, today)
    found: list[str] = []
    for what, faults in (
        ("promises", judge.promises()),
        ("steps of the ladder", judge.ladder()),
        ("mails", judge.mails(Store(folder.mailbox), await _digests(parts), await _reports(parts))),
        ("figures", judge.figures(folder)),
    ):
        wrong = list(faults)
        told(f"  {what}: {f'{len(wrong)} wrong' if wrong else 'all right'}")
        found += wrong
    report = await audit(parts.js, parts.databases, parts.clock())
    told(f"  audit: {'clean' if report.clean else report.findings}")
    kinds = Counter(event.NAME for event in said)
    told(
        f"  {len(said)} events: {kinds['promise.kept']} promises kept, {kinds['promise.broken']} broken, "
        f"{kinds['promise.reminded']} steps of ladders, {kinds['message.sent']} mails"
    )
    return found + [f"audit: {finding}" for finding in report.findings]


async def _digests(parts: RunningParts) -> dict[str, str]:
    rows = await parts.databases["notify"].fetch(
        "SELECT id, digest_id FROM message WHERE digest_id IS NOT NULL"
    )
    return {str(row["id"]): str(row["digest_id"]) for row in rows}


async def _reports(parts: RunningParts) -> set[str]:
    rows = await parts.databases["notify"].fetch("SELECT id FROM report_mail WHERE state = 'sent'")
    return {str(row["id"]) for row in rows}
