"""Assessments in words, charts and files."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.metrics.compass.judging import SIDES, Judgements, Sheet
from services.metrics.compass.store import CompassAssessment
from services.metrics.compass.versions import Version
from services.metrics.tables import harmless
from shared.web.charts import Chart, bar, line
from shared.web.i18n import NO_FIGURE, Wording


@dataclass(frozen=True)
class Told:
    """An assessment with what it holds."""

    assessment: CompassAssessment
    sheet: Sheet
    judgements: Judgements

    @property
    def version(self) -> Version:
        """What it follows."""
        return self.sheet.version


def area_names(version: Version, say: Wording) -> list[str]:
    """Numbered, as people speak of them."""
    return [f"{area.number} {area.name[say.language]}" for area in version.areas]


def chart(sheet: Sheet, say: Wording) -> Chart:
    """A bar an area, on the scale of the most points an area has."""
    return bar(
        say.text("compass.by_area"),
        [f"{area.number} {area.short[say.language]}" for area in sheet.version.areas],
        [None if area.sum is None else float(area.sum) for area in sheet.areas],
        shown=say.n,
        column=(say.text("compass.area"), say.text("compass.points")),
        note=say.text("compass.of", most=say.n(max(area.most for area in sheet.version.areas), 0)),
        most=max(area.most for area in sheet.version.areas),
    )


def chart_over_time(told: Sequence[Told], say: Wording) -> Chart | None:
    """The totals of one version's issued assessments, oldest first; None of fewer than two."""
    if len(told) <= 1:
        return None
    in_order = sorted(told, key=lambda one: one.assessment.issued_at)  # type: ignore[arg-type,return-value]
    return line(
        say.text("compass.over_time", version=told[0].version.version),
        [say.day_short(one.assessment.issued_on) for one in in_order if one.assessment.issued_on],
        {say.text("compass.total"): [float(one.sheet.total or 0) for one in in_order]},
        shown=say.n,
        column=say.text("compass.issued"),
        most=float(told[0].version.most),
    )


def compared(
    sheet: Sheet, others: Sequence[tuple[str, Sheet]], say: Wording
) -> tuple[list[Any], list[list[str]]]:
    """A table of the areas and the total beside the same of other assessments of the same version."""
    columns: list[Any] = [say.text("compass.area"), (say.text("compass.points"), "number")]
    for name, _ in others:
        columns += [(name, "number")]
    columns += [(say.text("compass.most"), "number")]
    rows = [
        [
            name,
            say.n(_float(area.sum)),
            *(say.n(_float(other.areas[place].sum)) for _, other in others),
            say.n(area.area.most),
        ]
        for place, (name, area) in enumerate(zip(area_names(sheet.version, say), sheet.areas, strict=True))
    ]
    rows.append(
        [
            say.text("compass.total"),
            say.n(_float(sheet.total)),
            *(say.n(_float(other.total)) for _, other in others),
            say.n(sheet.version.most),
        ]
    )
    return columns, rows


def examples(version: Version) -> list[tuple[str, Sheet]]:
    """The version's published results."""
    return [(f"{one.name} {one.year}", Sheet.of(version, one.points)) for one in version.examples]


def change(now: Decimal | None, before: Decimal | None, say: Wording) -> str:
    """How many points more or fewer, with its sign."""
    if now is None or before is None:
        return NO_FIGURE
    difference = float(now - before)
    return f"+{say.n(difference)}" if difference > 0 else say.n(difference)


def as_json(told: Told) -> str:
    """The whole assessment for programs; points are numbers with one decimal."""
    document = {
        "kommunekompasset": told.version.version,
        "method": told.assessment.method,
        "source": told.assessment.source or None,
        "begun_on": _iso(told.assessment.begun_on),
        "issued_on": _iso(told.assessment.issued_on),
        "total": _float(told.sheet.total),
        "most": told.version.most,
        "areas": [
            {
                "number": area.area.number,
                "name": area.area.name,
                "points": _float(area.sum),
                "most": area.area.most,
                "criteria": [
                    {
                        "id": criterion.id,
                        "name": criterion.name,
                        "points": _float(area.points[criterion.id]),
                        "most": criterion.most,
                        **_judged(told.judgements, criterion.id),
                    }
                    for criterion in area.area.criteria
                ],
            }
            for area in told.sheet.areas
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def as_csv(told: Told, say: Wording) -> str:
    """A row a criterion, as a spreadsheet opens it in the reader's language."""
    separator, decimal = (",", ".") if say.language == "en" else (";", ",")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(
        [
            say.text("compass.version"),
            say.text("compass.area"),
            say.text("compass.criterion"),
            say.text("compass.name"),
            *(say.text(f"compass.side.{side}") for side in SIDES),
            say.text("compass.points"),
            say.text("compass.most"),
            say.text("compass.documents"),
        ]
    )
    for area in told.sheet.areas:
        for criterion in area.area.criteria:
            judged = _judged(told.judgements, criterion.id)
            points = area.points[criterion.id]
            writer.writerow(
                [
                    told.version.version,
                    area.area.name[say.language],
                    criterion.id,
                    criterion.name[say.language],
                    *("" if judged[side] is None else judged[side] for side in SIDES),
                    "" if points is None else str(points).replace(".", decimal),
                    criterion.most,
                    "; ".join(harmless(one["title"]) for one in judged["evidence"]),
                ]
            )
    return out.getvalue()


def _judged(judgements: Judgements, criterion: str) -> Mapping[str, Any]:
    judgement = judgements.get(criterion)
    if judgement is None:
        return {**dict.fromkeys(SIDES), "note": "", "evidence": []}
    return judgement.model_dump(mode="json", include={*SIDES, "note", "evidence"})


def _float(points: Decimal | None) -> float | None:
    return None if points is None else float(points)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
