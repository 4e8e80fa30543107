"""The calculator: a due day with its steps, by a rule, a service declaration or a deadline of the law."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Self

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from litestar.response import Template

from services.routing.web.desk import Desk
from shared.clock import OSLO
from shared.declarations_in_words import about
from shared.explanation import Reader, explain
from shared.law import LegalDeadline, Pack, run
from shared.law_in_words import explain_clock, legal_words
from shared.municipality import PromiseRule
from shared.promise import Rule, RuleError, Unit, deadline
from shared.web.i18n import Message, Wording
from shared.web.site import Person, Say
from shared.workdays import FIRST_YEAR, LAST_YEAR, CalendarEndsError

ADDRESS = "/saksbehandling/frist"
OWN = "own"
_NOON = time(12)
_WRITTEN_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_WRITTEN_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, as it was typed."""

    day: str
    time: str
    by: str
    count: str
    unit: str

    @property
    def day_input(self) -> str:
        """The type of field that shows the day as it was typed: a date field empties itself of what is none."""
        return "date" if not self.day or _day(self.day) else "text"

    @property
    def time_input(self) -> str:
        """Likewise for the time of day."""
        return "time" if _time(self.time) else "text"

    @classmethod
    def of(cls, day: str, clock: str, by: str, count: str, unit: str) -> Self:
        """Take what was typed; a day and a time that can be read are written as browsers want them."""
        read_day, read_time = _day(day.strip()), _time(clock.strip())
        return cls(
            read_day.isoformat() if read_day else day.strip(),
            read_time.isoformat("minutes") if clock.strip() and read_time else clock.strip(),
            by,
            count.strip(),
            unit,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """A due day, how it was reckoned, and what it is that is due."""

    due_on: date
    steps: list[str]
    title: str = ""
    detail: str = ""
    source: str = ""


class CannotReckonError(Exception):
    """What was typed gives no due day; `errors` says at which fields, and why."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        """Keep the errors by their fields."""
        super().__init__(*errors)
        self.errors = errors


def calculator_page(desk: Desk) -> HTTPRouteHandler:
    """Where a due day is reckoned. Everything is in the address, so that a result can be sent to a colleague."""

    @get(ADDRESS)
    async def calculator(
        person: Person,
        say: Say,
        dag: FromQuery[str | None] = None,
        kl: FromQuery[str] = "",
        etter: FromQuery[str] = "",
        antall: FromQuery[str] = "",
        enhet: FromQuery[str] = "",
    ) -> Template:
        desk.colleague(person)
        calculation = _Calculation(desk, say)
        asked = Asked.of(dag or "", kl, etter, antall, enhet)
        errors: Mapping[str, Message] = {}
        result = None
        if dag is None:
            asked = Asked(desk.today.isoformat(), "", calculation.usual, "", Unit.WEEKS)
        else:
            try:
                result = calculation.result(asked)
            except CannotReckonError as refused:
                errors = refused.errors
        context = {
            "asked": asked,
            "errors": errors,
            "result": result,
            "own": [(OWN, say.t("calculator.by.own"))],
            "groups": calculation.groups(),
            "units": [(unit.value, say.t(f"calculator.unit.{unit.value}")) for unit in Unit],
        }
        return Template("calculator.html", context=context, status_code=422 if errors else 200)

    return calculator


class _Calculation:
    def __init__(self, desk: Desk, say: Wording) -> None:
        self._desk = desk
        self._say = say
        promises = (rule for rule in desk.municipality.promises if rule.in_force(desk.today))
        self._promises = {f"promise:{rule.id}": rule for rule in promises}
        self._laws = {f"law:{wanted.id}": (pack, wanted) for pack, wanted in self._legal()}

    @property
    def usual(self) -> str:
        """What is asked for most: the declaration that is for the most submissions."""
        return min(self._promises, key=lambda key: self._promises[key].match.specificity, default=OWN)

    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The declarations and the law's deadlines to choose among."""
        municipality, language, texts = self._desk.municipality, self._say.language, self._desk.texts
        promises = [(key, about(rule, municipality, language, texts)) for key, rule in self._promises.items()]
        laws = [(key, self._legal_name(wanted)) for key, (_, wanted) in self._laws.items()]
        groups = (("calculator.group.promises", promises), ("calculator.group.law", laws))
        return [(self._say.text(key), choices) for key, choices in groups if choices]

    def result(self, asked: Asked) -> Result:
        """Reckon it.

        :raises CannotReckonError: something is missing or cannot be read.
        """
        errors = dict[str, Message]()
        day, clock = _day(asked.day), _time(asked.time)
        if day is None:
            errors["dag"] = Message("calculator.error.day" if asked.day else "calculator.error.no_day")
        if clock is None:
            errors["kl"] = Message("calculator.error.time")
        if asked.by not in {OWN, *self._promises, *self._laws}:
            errors["etter"] = Message("calculator.error.by")
        rule = _own_rule(asked) if asked.by == OWN else None
        if asked.by == OWN and rule is None:
            errors["antall"] = Message("calculator.error.count")
        if errors or day is None or clock is None:
            raise CannotReckonError(errors)
        try:
            return self._reckoned(datetime.combine(day, clock, OSLO), asked.by, rule)
        except CalendarEndsError:
            years = {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise CannotReckonError({"dag": Message("calculator.error.years", years)}) from None

    def _reckoned(self, received: datetime, by: str, own: Rule | None) -> Result:
        if by in self._laws:
            return self._by_law(received, *self._laws[by])
        if own is not None:
            return self._by_rule(received, own)
        promise = self._promises[by]
        return self._by_rule(received, Rule.parse(promise.rule), promise)

    def _by_rule(self, received: datetime, rule: Rule, promise: PromiseRule | None = None) -> Result:
        municipality, language, texts = self._desk.municipality, self._say.language, self._desk.texts
        reckoned = deadline(received, rule, municipality.calendar)
        steps = explain(reckoned, language, texts, reader=Reader.STAFF)
        if promise is None:
            return Result(reckoned.due_on, steps)
        title = about(promise, municipality, language, texts)
        return Result(reckoned.due_on, steps, title, promise.words[language])

    def _by_law(self, started: datetime, pack: Pack, wanted: LegalDeadline) -> Result:
        language, clock = self._say.language, run(wanted, pack.id, started)
        texts = self._desk.texts
        words, steps = legal_words(wanted, language, texts), explain_clock(clock, language, texts)
        return Result(clock.due_on, steps, words.title, words.asks, words.paragraph)

    def _legal(self) -> Iterator[tuple[Pack, LegalDeadline]]:
        for pack in self._desk.municipality.law.in_force(self._desk.today):
            for wanted in pack.deadlines:
                yield pack, wanted

    def _legal_name(self, wanted: LegalDeadline) -> str:
        words = legal_words(wanted, self._say.language, self._desk.texts)
        return f"{words.title}, {words.paragraph}"


def _day(text: str) -> date | None:
    """A day as browsers send it (2026-12-18), or as people write it (18.12.2026)."""
    written = _WRITTEN_DAY.fullmatch(text)
    try:
        if written:
            return date(int(written[3]), int(written[2]), int(written[1]))
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    """A time of day, with a colon or a point; noon where none is given."""
    if not text:
        return _NOON
    written = _WRITTEN_TIME.fullmatch(text)
    return time(int(written[1]), int(written[2])) if written else None


def _own_rule(asked: Asked) -> Rule | None:
    try:
        return Rule.parse(f"P{asked.count}{asked.unit}")
    except RuleError:
        return None
