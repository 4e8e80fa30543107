"""Figures as JSON: the shape that `svarfrist indicators --json` prints and `/api/v1/indicators` answers with.

Shares and days are rounded to six decimals. A figure is null where there is nothing to compute it from, or
where it would tell of fewer than five cases (`suppression`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.metrics.indicators import (
    Declarations,
    Dimension,
    Indicators,
    Key,
    Organisation,
    Ratings,
    Received,
)
from services.metrics.periods import Period
from shared.events import Kind

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
    `kept_without_pauses`: kept even had the clock never stood still for the resident.
    """

    due: int | None
    kept: int | None
    broken: int | None
    open_overdue: int | None
    share: float | None
    share_at_least: float | None = None
    not_yet_due: int | None
    kept_without_pauses: int | None = None
    share_without_pauses: float | None = None


class ResponseDocument(Document):
    """Days from receipt to the first final answer, for the `n` cases that got it in the period.

    Without pauses: less the time the case stood still because the resident had been asked something.
    """

    median: float | None
    p90: float | None
    n: int | None
    median_without_pauses: float | None = None
    p90_without_pauses: float | None = None


class ReceivedDocument(Document):
    """Cases received in the period; `appeal`: against a decision, `other`: of another system's kinds."""

    praise: int | None
    complaint: int | None
    question: int | None
    total: int | None
    appeal: int | None = None
    other: int | None = None


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


class RatingsDocument(Document):
    """Ratings from 1 to 5: their mean, how many there are, and how many of each."""

    mean: float | None = None
    n: int | None = None
    counts: tuple[int, int, int, int, int] | None = None


class SatisfactionDocument(Document):
    """What residents answered in the period said about whether the answer helped.

    `share`: helped of those who said anything; `answer_rate`: those who did, of those answered. `process`: how
    they were met; `outcome`: what they got.
    """

    helped: int | None
    not_helped: int | None
    share: float | None
    answer_rate: float | None
    process: RatingsDocument
    outcome: RatingsDocument


class InterimDocument(Document):
    """Cases not answered or closed a month after receipt, where that month ended in the period and has passed.

    `in_time`: those that had an interim answer by then; `share`: of those that needed one.
    """

    needed: int | None = None
    in_time: int | None = None
    share: float | None = None


class MessagesDocument(Document):
    """Messages about cases received in the period that came back."""

    bounced: int | None = None


class DeclarationsDocument(Document):
    """Service declarations in force, and those not past their day of review; of the municipality alone."""

    current: int | None = None
    all: int | None = None
    share: float | None = None


class EnquiriesDocument(Document):
    """Cases received in the period for every thousand residents; of the municipality alone.

    `residents` is null, and so is everything else, where the municipality has not told how many there are.
    """

    residents: int | None = None
    total: float | None = None
    praise: float | None = None
    complaint: float | None = None
    question: float | None = None
    appeal: float | None = None


class IndicatorsDocument(Document):
    """All indicators of the same cases and period."""

    promise: PromiseDocument
    response_days: ResponseDocument
    received: ReceivedDocument
    backlog: BacklogDocument
    praise_to_complaints: PraiseToComplaintsDocument
    handover: HandoverDocument
    satisfaction: SatisfactionDocument
    interim: InterimDocument
    messages: MessagesDocument
    declarations: DeclarationsDocument
    enquiries_per_1000: EnquiriesDocument


class _WithKey(Document):
    key: dict[Dimension, str | None]


class _WithPeriod(Document):
    period: PeriodDocument
    version: Literal[1] = 1
    """Of this shape: what is added to it leaves the number, what is taken away or changed raises it."""
    organisation: Organisation = Organisation.THEN
    """Whose figures a case is in: of the unit that had it then, or of that unit's successor now."""


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
    organisation: Organisation = Organisation.THEN,
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
        organisation=organisation,
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
            kept_without_pauses=promise.kept_without_pauses,
            share_without_pauses=_rounded(promise.share_without_pauses),
        ),
        "response_days": ResponseDocument(
            median=_rounded(response.median),
            p90=_rounded(response.p90),
            n=response.n,
            median_without_pauses=_rounded(response.median_without_pauses),
            p90_without_pauses=_rounded(response.p90_without_pauses),
        ),
        "received": ReceivedDocument(
            praise=received.praise,
            complaint=received.complaint,
            question=received.question,
            total=received.total,
            appeal=received.appeal,
            other=received.other,
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
            process=_ratings(satisfaction.process),
            outcome=_ratings(satisfaction.outcome),
        ),
        "interim": InterimDocument(
            needed=of.interim.needed, in_time=of.interim.in_time, share=_rounded(of.interim.share)
        ),
        "messages": MessagesDocument(bounced=of.messages.bounced),
        "declarations": _declarations(of.declarations),
        "enquiries_per_1000": _enquiries(received, of.residents),
    }


def _ratings(ratings: Ratings) -> RatingsDocument:
    return RatingsDocument(mean=_rounded(ratings.mean), n=ratings.n, counts=ratings.counts)


def _declarations(declarations: Declarations) -> DeclarationsDocument:
    if not declarations.all:
        return DeclarationsDocument()
    return DeclarationsDocument(
        current=declarations.current, all=declarations.all, share=_rounded(declarations.share)
    )


def _enquiries(received: Received, residents: int | None) -> EnquiriesDocument:
    if residents is None:
        return EnquiriesDocument()
    counts = {kind.value: getattr(received, kind.value) for kind in Kind}
    rates = {kind: round(1000 * count / residents, _DECIMALS) for kind, count in counts.items()}
    return EnquiriesDocument(
        residents=residents, total=round(1000 * received.total / residents, _DECIMALS), **rates
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, _DECIMALS)
