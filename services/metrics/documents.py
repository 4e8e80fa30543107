"""Figures as JSON: the shape that `svarfrist indicators --json` prints and `/api/v1/indicators` answers with.

Shares and days are rounded to six decimals. A figure is null where there is nothing to compute it from, or
where it would tell of fewer than five cases (`suppression`).
"""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from services.metrics.indicators import Dimension, Indicators, Key
from services.metrics.periods import Period

_DECIMALS = 6


class Document(BaseModel):
    """A part of the answer."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class PeriodDocument(Document):
    """Both days belong to the period."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class PromiseDocument(Document):
    """Promises whose due day is in the period and has passed.

    `kept`: final answers on the due day or before; `broken`: all others; `open_overdue`: those of them that
    still wait; `share`: kept of due. `share_at_least` stands in its place where fewer than five are broken
    and that may not be told. `not_yet_due` are due later in the period and in no other figure.
    """

    due: int | None
    kept: int | None
    broken: int | None
    open_overdue: int | None
    share: float | None
    share_at_least: float | None = None
    not_yet_due: int | None


class ResponseDocument(Document):
    """Days from receipt to the first final answer, for the `n` cases that got it in the period."""

    median: float | None
    p90: float | None
    n: int | None


class ReceivedDocument(Document):
    """Cases received in the period."""

    praise: int | None
    complaint: int | None
    question: int | None
    total: int | None


class BacklogDocument(Document):
    """Cases neither answered nor closed at the end of `seen_on`; `oldest_days`: the age of the oldest."""

    seen_on: date
    open: int | None
    overdue: int | None
    due_soon: int | None
    oldest_days: int | None


class PraiseToComplaintsDocument(Document):
    """Praise and complaints received in the period, and how much praise there was for each complaint."""

    praise: int | None
    complaint: int | None
    ratio: float | None


class HandoverDocument(Document):
    """Days from receipt until a caseworker opened the case, for the `n` cases first opened in the period.

    `handovers`: how often cases received in the period have been handed over to another unit or person.
    """

    median_days: float | None
    n: int | None
    handovers: int | None


class SatisfactionDocument(Document):
    """What residents answered in the period said about whether the answer helped.

    `share`: helped of those who said anything; `answer_rate`: those who did, of those answered.
    """

    helped: int | None
    not_helped: int | None
    share: float | None
    answer_rate: float | None


class IndicatorsDocument(Document):
    """All indicators of the same cases and period."""

    promise: PromiseDocument
    response_days: ResponseDocument
    received: ReceivedDocument
    backlog: BacklogDocument
    praise_to_complaints: PraiseToComplaintsDocument
    handover: HandoverDocument
    satisfaction: SatisfactionDocument


class _WithKey(Document):
    key: dict[Dimension, str | None]


class _WithPeriod(Document):
    period: PeriodDocument


# What a part is of comes before its figures: Pydantic takes the fields of the last base first.
class GroupDocument(IndicatorsDocument, _WithKey):
    """The indicators of one group; `key` has its value in each dimension, null where its cases have none."""


class ReportDocument(IndicatorsDocument, _WithPeriod):
    """The indicators of a period, and of each group where they are asked for.

    `invented` is there, and true, where the figures were made up by `svarfrist simulate`.
    """

    invented: bool = False
    groups: list[GroupDocument] | None = None


def report(
    period: Period,
    whole: Indicators,
    dimensions: Sequence[Dimension] = (),
    groups: Mapping[Key, Indicators] | None = None,
    *,
    invented: bool = False,
) -> ReportDocument:
    """The whole answer; with `groups` where there are dimensions."""
    parts = None
    if dimensions:
        parts = [
            GroupDocument(key=dict(zip(dimensions, key, strict=True)), **_families(indicators))
            for key, indicators in (groups or {}).items()
        ]
    return ReportDocument(
        period=PeriodDocument(first=period.first, last=period.last),
        groups=parts,
        invented=invented,
        **_families(whole),
    )


def as_json(document: ReportDocument) -> str:
    """The document as it is sent and printed; what was not asked for is left out."""
    return document.model_dump_json(by_alias=True, exclude=_absent(document))


def _absent(document: ReportDocument) -> set[str]:
    told = {"groups": document.groups is not None, "invented": document.invented}
    return {name for name, is_told in told.items() if not is_told}


def _families(of: Indicators) -> dict[str, Document]:
    promise, response, received = of.promise, of.response, of.received
    backlog, handover, satisfaction = of.backlog, of.handover, of.satisfaction
    return {
        "promise": PromiseDocument(
            due=promise.due,
            kept=promise.kept,
            broken=promise.broken,
            open_overdue=promise.open_overdue,
            share=_rounded(promise.share),
            not_yet_due=promise.not_yet_due,
        ),
        "response_days": ResponseDocument(
            median=_rounded(response.median), p90=_rounded(response.p90), n=response.n
        ),
        "received": ReceivedDocument(
            praise=received.praise,
            complaint=received.complaint,
            question=received.question,
            total=received.total,
        ),
        "backlog": BacklogDocument(
            seen_on=backlog.seen_on,
            open=backlog.open,
            overdue=backlog.overdue,
            due_soon=backlog.due_soon,
            oldest_days=backlog.oldest_days,
        ),
        "praise_to_complaints": PraiseToComplaintsDocument(
            praise=received.praise,
            complaint=received.complaint,
            ratio=_rounded(received.praise_to_complaints),
        ),
        "handover": HandoverDocument(
            median_days=_rounded(handover.median), n=handover.n, handovers=handover.handovers
        ),
        "satisfaction": SatisfactionDocument(
            helped=satisfaction.helped,
            not_helped=satisfaction.not_helped,
            share=_rounded(satisfaction.share),
            answer_rate=_rounded(satisfaction.answer_rate),
        ),
    }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, _DECIMALS)
