"""How a deadline was reckoned, in sentences that a resident can read."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list

from shared.catalogue import Catalogue
from shared.promise import ClosedDay, Deadline, Rule, Step, StepKind, Unit
from shared.workdays import Reason

# British English: dates and lists as Europe writes them.
_LOCALES = {"nb": Locale("nb"), "nn": Locale("nn"), "en": Locale("en", "GB")}


class Reader(StrEnum):
    """Who reads an explanation: what we waited for is "from you" to one of them only."""

    RESIDENT = "resident"
    STAFF = "staff"


_OF_THE_RESIDENT = frozenset({"waited", "waited_working", "waiting", "waiting_working", "started.restarted"})
"""The texts that speak of the resident; each has a variant for staff, after `deadline.staff.`."""


def explain(
    deadline: Deadline,
    language: str,
    catalogue: Catalogue | None = None,
    *,
    start: str = "received",
    reader: Reader = Reader.RESIDENT,
) -> list[str]:
    """Say how a deadline was reckoned, one whole sentence for each of its steps.

    :param language: `nb`, `nn` or `en`.
    :param catalogue: the municipality's, where it words the `deadline.` texts its own way.
    :param start: which text says what the count starts from, after `deadline.`.
    """
    return list(_sentences(deadline.steps, deadline.rule, language, catalogue or own_texts(), start, reader))


def rule_in_words(rule: Rule, language: str, catalogue: Catalogue | None = None) -> str:
    """Say how long a rule gives: "én uke", "10 working days"."""
    return (catalogue or own_texts()).text(language, f"deadline.period.{rule.unit}", count=rule.count)


def day_in_words(day: date, language: str, *, year: bool = True, catalogue: Catalogue | None = None) -> str:
    """Write a day as people say it: "mandag 28. desember 2026"."""
    key = "deadline.date_with_year" if year else "deadline.date"
    pattern = (catalogue or own_texts()).text(language, key)
    return format_date(day, pattern, locale=_LOCALES[language])


@cache
def own_texts(over: Path | None = None) -> Catalogue:
    """Give the catalogue of this package's own texts.

    :param over: a municipality's folder of texts, where it words some of them its own way.
    """
    return Catalogue(*filter(None, [Path(__file__).parent / "texts", over]))


@lru_cache(maxsize=4096)
def _sentences(
    steps: tuple[Step, ...], rule: Rule, language: str, catalogue: Catalogue, started: str, reader: Reader
) -> tuple[str, ...]:
    words = _Words(language, catalogue, rule, steps[0].day, started, reader)
    return tuple(map(words.sentence, steps))


@dataclass(frozen=True)
class _Words:
    language: str
    catalogue: Catalogue
    rule: Rule
    start: date
    started: str
    reader: Reader

    def sentence(self, step: Step) -> str:
        match step.kind:
            case StepKind.RECEIVED:
                words = self._text(
                    self.started, day=day_in_words(step.day, self.language, catalogue=self.catalogue)
                )
            case StepKind.ENDS:
                words = self._ends(step)
            case StepKind.ENDS_WITH_MONTH:
                words = self._ends_with_month(step)
            case StepKind.SKIPPED:
                reasons = self._reasons(step.closed)
                words = self._text("skipped", count=len(reasons), reasons=self._list(reasons))
            case StepKind.MOVED:
                reasons = self._reasons(step.closed)
                words = self._text(
                    "moved", count=len(reasons), reasons=self._list(reasons), day=self._day(step.day)
                )
            case StepKind.WAITED | StepKind.WAITING:
                unit = "_working" if self.rule.unit is Unit.WORKING_DAYS else ""
                words = self._text(f"{step.kind}{unit}", count=step.count, day=self._day(step.day))
            case StepKind.EXTENDED:
                words = self._text("extended", day=self._day(step.day))
        return words[0].upper() + words[1:]

    def _ends(self, step: Step) -> str:
        # That a Saturday is a Saturday is in the date already.
        reasons = self._reasons(step.closed, weekends=False)
        if reasons:
            return self._text(
                "ends_closed", period=self._period(), day=self._day(step.day), reason=self._list(reasons)
            )
        return self._text("ends", period=self._period(), day=self._day(step.day))

    def _ends_with_month(self, step: Step) -> str:
        month = format_date(step.day, "MMMM y", locale=_LOCALES[self.language])
        period, day = self._period(), self._day(step.day)
        return self._text("ends_with_month", month=month, number=self.start.day, period=period, day=day)

    def _period(self) -> str:
        return rule_in_words(self.rule, self.language, self.catalogue)

    def _day(self, day: date) -> str:
        year = day.year != self.start.year
        return day_in_words(day, self.language, year=year, catalogue=self.catalogue)

    def _reasons(self, closed: tuple[ClosedDay, ...], *, weekends: bool = True) -> list[str]:
        reasons = (reason for day in closed for reason in day.reasons)
        kept = (reason for reason in reasons if weekends or reason.key not in {"saturday", "sunday"})
        return list(dict.fromkeys(map(self._reason, kept)))

    def _reason(self, reason: Reason) -> str:
        return self._text(f"day.{reason.key}", name=reason.name)

    def _list(self, reasons: list[str]) -> str:
        return format_list(reasons, locale=_LOCALES[self.language])

    def _text(self, key: str, **placeholders: object) -> str:
        variant = "staff." if self.reader is Reader.STAFF and key in _OF_THE_RESIDENT else ""
        return self.catalogue.text(self.language, f"deadline.{variant}{key}", **placeholders)
