"""The form of one area: what was typed, read into judgements, and what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.metrics.compass.judging import (
    MOST_OF_A_SIDE,
    SIDES,
    Evidence,
    Judgement,
    Judgements,
    Method,
    points_of,
)
from services.metrics.compass.versions import Area, Criterion
from services.metrics.typed import as_day
from shared.web.i18n import Message

_LINK = re.compile(r"(https?://[^\s/]\S*|/(?!/)\S*)")
_MOST_OF_A_LINE = 300
_MOST_OF_A_NOTE = 2000
Suggested = Mapping[str, Sequence[Evidence]]
"""Evidence that the system has found, by criterion's id."""


@dataclass
class AreaForm:
    """A form that came back. `judgements` are what it would save if there were no faults."""

    typed: Mapping[str, str] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    faults: dict[str, Message] = field(default_factory=dict)


def read(
    form: Mapping[str, Any], area: Area, method: Method, known: Judgements, suggested: Suggested, today: date
) -> AreaForm:
    """Reads the whole area; `known` is what was saved before, whose documents may be kept or taken out."""
    read_form = AreaForm(typed={name: str(value).strip() for name, value in form.items()})
    for criterion in area.criteria:
        reading = _Reading(read_form, criterion, method)
        kept = reading.documents(
            known.get(criterion.id, Judgement()).evidence, suggested.get(criterion.id, ())
        )
        read_form.judgements[criterion.id] = reading.judged(kept, today)
    return read_form


class _Reading:
    """One criterion's part of the form."""

    def __init__(self, form: AreaForm, criterion: Criterion, method: Method) -> None:
        self._form = form
        self._criterion = criterion
        self._method = method

    def _typed(self, name: str) -> str:
        return self._form.typed.get(f"{self._criterion.field}_{name}", "")

    def _fault(self, name: str, key: str, **more: object) -> None:
        message = Message(key, {"criterion": self._criterion.id, **more})
        self._form.faults[f"{self._criterion.field}_{name}"] = message

    def documents(self, known: Sequence[Evidence], suggested: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Those kept, those taken from the system, and the one that was typed."""
        kept = [one for place, one in enumerate(known) if not self._typed(f"remove_{place}")]
        kept += [
            one
            for place, one in enumerate(suggested)
            if self._typed(f"suggested_{place}") and one.title not in {other.title for other in kept}
        ]
        title, link, since = (self._typed(name) for name in ("title", "link", "in_force"))
        if not any((title, link, since)):
            return tuple(kept)
        if not title or len(title) > _MOST_OF_A_LINE:
            self._fault("title", "compass.error.title")
        if link and (not _LINK.fullmatch(link) or len(link) > _MOST_OF_A_LINE):
            self._fault("link", "compass.error.link")
        day = as_day(since)
        if day is None:
            self._fault("in_force", "compass.error.in_force")
            return tuple(kept)
        return (*kept, Evidence(title=title, link=link, in_force=day))

    def judged(self, evidence: tuple[Evidence, ...], today: date) -> Judgement:
        """The judgement as typed; what cannot be read is None, with a fault."""
        note = self._typed("note")
        if len(note) > _MOST_OF_A_NOTE:
            self._fault("note", "compass.error.note", most=_MOST_OF_A_NOTE)
        if self._method is Method.EXTERNAL:
            return Judgement(points=self._points(), note=note, evidence=evidence)
        sides = {side: self._side(side) for side in SIDES}
        judgement = Judgement(note=note, evidence=evidence, **sides)
        # A document that is being typed and is wrong has its own fault: one thing at a time.
        wrong = any(name.startswith(f"{self._criterion.field}_") for name in self._form.faults)
        if any(sides.values()) and not judgement.is_documented(today) and not wrong:
            self._fault("title", "compass.error.undocumented")
        return judgement

    def _side(self, side: str) -> int | None:
        typed = self._typed(side)
        if not typed:
            return None
        if re.fullmatch(r"[0-9]{1,3}", typed) is None or int(typed) > MOST_OF_A_SIDE:
            self._fault(side, f"compass.error.side.{side}", most=MOST_OF_A_SIDE)
            return None
        return int(typed)

    def _points(self) -> Decimal | None:
        typed = self._typed("points").replace(",", ".")
        if not typed:
            return None
        try:
            points = Decimal(typed)
        except InvalidOperation:
            points = Decimal(-1)
        if not points.is_finite() or points < 0 or points != round(points, 1):
            self._fault("points", "compass.error.points")
            return None
        if points > self._criterion.most:
            self._fault("points", "compass.error.too_much", most=self._criterion.most)
            return None
        return points


def fields(judgements: Judgements, area: Area) -> dict[str, str]:
    """What the form shows of what was saved before."""
    shown: dict[str, str] = {}
    for criterion in area.criteria:
        judgement = judgements.get(criterion.id, Judgement())
        for side in SIDES:
            value = getattr(judgement, side)
            shown[f"{criterion.field}_{side}"] = "" if value is None else str(value)
        points = "" if judgement.points is None else str(judgement.points).replace(".", ",")
        shown[f"{criterion.field}_points"] = points
        shown[f"{criterion.field}_note"] = judgement.note
    return shown


def undocumented(judgements: Judgements, area: Area, method: Method, on: date) -> list[Criterion]:
    """Criteria with points that nothing in force on this day documents; none where others judged."""
    if method is Method.EXTERNAL:
        return []
    return [
        criterion
        for criterion in area.criteria
        if (judgement := judgements.get(criterion.id))
        and points_of(judgement, criterion, method)
        and not judgement.is_documented(on)
    ]
