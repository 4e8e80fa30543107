"""`svarfrist deadline`: a due day with its explanation, for one instant or for thousands of lines."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, NoReturn

import typer

from shared import promise
from shared.catalogue import Catalogue
from shared.clock import OSLO
from shared.explanation import Reader, day_in_words, explain, own_texts
from shared.municipality import ConfigurationError, load
from shared.promise import Deadline, Rule, RuleError
from shared.workdays import FIRST_YEAR, LAST_YEAR, CalendarEndsError, WorkCalendar

Language = Literal["nb", "nn", "en"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Which days count, and how it is worded there."""

    calendar: WorkCalendar
    texts: Catalogue


class InstantError(ValueError):
    """Text that is no instant; says how one looks."""

    def __init__(self, text: str) -> None:
        """Keep what was written."""
        super().__init__(
            f"{text!r} is no instant; write 2026-12-18T14:03, or with a zone 2026-12-18T14:03+01:00"
        )
        self.text = text


class LineError(ValueError):
    """A line that is not an instant and a rule."""

    def __init__(self, text: str) -> None:
        """Keep what was written."""
        super().__init__(f"{text!r} is not an instant and a rule with a space between")
        self.text = text


_FAULTS = (InstantError, LineError, RuleError, CalendarEndsError)


def deadline(
    received: Annotated[
        str | None,
        typer.Option(
            help="The instant of receipt, as 2026-12-18T14:03. Without a zone it is Oslo time: an hour that "
            "occurs twice is its first occurrence, one that does not exist counts as an hour later.",
            show_default=False,
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            help="P5D days, P10WD working days, P1W weeks, P1M months or P1Y years.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,  # noqa: FBT002 - a flag
    language: Annotated[Language, typer.Option(help="The language of the explanation.")] = "nb",
    municipality: Annotated[
        str | None,
        typer.Option(
            help="A configuration folder, or the name of one that comes with the code: its closed days count. "
            "Without it, the law's working days.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Give a due day with its explanation.

    Without --received, lines INSTANT RULE are read from standard input and a JSON object is printed for each;
    a line that is no such thing gives {"error": ..., "line": ...}, and the exit code is then 1.
    """
    place = _place(municipality)
    if received is None and rule is None:
        _answer_lines(sys.stdin.buffer, place, language)
    elif received is None or rule is None:
        _refuse(
            "--received and --rule go together; without both, lines INSTANT RULE come from standard input"
        )
    else:
        _answer_one(received, rule, place, language, as_json=as_json)


def _place(name: str | None) -> _Place:
    if name is None:
        return _Place(WorkCalendar(), own_texts())
    try:
        municipality = load(name)
        return _Place(municipality.calendar, own_texts(municipality.texts_folder))
    except ConfigurationError as error:
        _refuse(str(error))


def _answer_one(received: str, rule: str, place: _Place, language: Language, *, as_json: bool) -> None:
    try:
        found = _reckon(received, rule, place.calendar)
    except _FAULTS as fault:
        _refuse(str(fault))
    if as_json:
        typer.echo(_json(_answer(found, place, language)))
        return
    day = day_in_words(found.due_on, language, catalogue=place.texts)
    typer.echo(place.texts.text(language, "deadline.answer", day=day))
    for sentence in explain(found, language, place.texts, reader=Reader.STAFF):
        typer.echo(f"- {sentence}")


def _answer_lines(lines: Iterable[bytes], place: _Place, language: Language) -> None:
    faulty = False
    for number, line in enumerate(lines, start=1):
        text = line.decode("utf-8", "replace").strip()
        if not text:
            continue
        try:
            answer = _answer(_reckon(*_instant_and_rule(text), place.calendar), place, language)
        except _FAULTS as fault:
            answer = {"error": str(fault), "line": number}
            faulty = True
        sys.stdout.write(_json(answer) + "\n")
    if faulty:
        raise typer.Exit(1)


def _instant_and_rule(text: str) -> tuple[str, str]:
    # From the right, since ISO 8601 is often written with a space before the time.
    match text.rsplit(maxsplit=1):
        case [instant, rule]:
            return instant, rule
        case _:
            raise LineError(text)


def _reckon(received: str, rule: str, calendar: WorkCalendar) -> Deadline:
    return promise.deadline(_instant(received), Rule.parse(rule), calendar)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InstantError(text) from None
    # The Norwegian day may lie in the year beside; far out, a zone carries it past what datetime holds.
    if not FIRST_YEAR - 1 <= instant.year <= LAST_YEAR + 1:
        raise CalendarEndsError(instant.year)
    return instant if instant.tzinfo else instant.replace(tzinfo=OSLO)


def _answer(found: Deadline, place: _Place, language: Language) -> dict[str, Any]:
    sentences = explain(found, language, place.texts, reader=Reader.STAFF)
    return {
        "due_on": found.due_on.isoformat(),
        "steps": [
            {
                "kind": step.kind,
                "day": step.day.isoformat(),
                "closed": [
                    {
                        "day": closed.day.isoformat(),
                        "reasons": [why.name or why.key for why in closed.reasons],
                    }
                    for closed in step.closed
                ],
                "text": sentence,
            }
            for step, sentence in zip(found.steps, sentences, strict=True)
        ],
    }


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"svarfrist deadline: {sentence}", err=True)
    raise typer.Exit(2)
