"""What may not be told in public: fewer than five cases, neither outright nor by subtracting what is told.

Zero is told. A figure of 1 to 4 is not, nor are figures from which it could be reckoned:
- kept, broken and share of promises stand or fall together; where fewer than five were broken, what is told
  instead is a share that holds for any number of them;
- where the groups of a total hide something, what they hide together is five cases or more, in at least two
  groups, so that the total minus the others gives nothing away.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from services.metrics.documents import (
    BacklogDocument,
    Document,
    EnquiriesDocument,
    GroupDocument,
    HandoverDocument,
    IndicatorsDocument,
    InterimDocument,
    MessagesDocument,
    PraiseToComplaintsDocument,
    PromiseDocument,
    RatingsDocument,
    ReceivedDocument,
    ReportDocument,
    ResponseDocument,
    SatisfactionDocument,
)

FEWEST = 5
_NONE = (False, False, False, False)
_NOTHING: Mapping[str | None, Sequence[bool]] = MappingProxyType({})
Some = TypeVar("Some", bound=IndicatorsDocument)
Part = TypeVar("Part", bound=Document)


def is_small(count: int | None) -> bool:
    """Whether a count would tell of 1 to 4 cases."""
    return count is not None and 0 < count < FEWEST


def share_at_least(due: int, *, broken: int = 0, groups: int = 1) -> float:
    """A share that holds whether one or four were broken; rounded down, so that it does hold.

    :param groups: how many groups that is so in; `broken` are those of the other groups.
    """
    steps = 10_000
    return max(0, steps * (due - broken - groups * (FEWEST - 1)) // due) / steps


def public(
    document: ReportDocument, besides: Mapping[str | None, Sequence[bool]] = _NOTHING
) -> ReportDocument:
    """The same figures as far as they may be told to anybody.

    :param besides: what is hidden anyway of a group, by its value: received, due, verdict, answered.
    """
    groups = document.groups
    if groups is not None:
        groups = [_told(group) for group in _without_what_subtraction_tells(groups, besides)]
    return _told(document).model_copy(update={"groups": groups})


def hidden(*counts: Sequence[int], besides: Sequence[bool] | None = None) -> list[bool]:
    """Which groups may not be told beside their sum.

    The small ones; and, while what they hide is one group or together still small, the next smallest. Several
    counts of the same groups stand or fall together, as kept and broken promises: smallest is then what both
    come to. The results page chooses by the same rule (`protection`), so that neither tells what the other hides.

    :param besides: groups that are hidden anyway.
    """
    sizes = [sum(of) for of in zip(*counts, strict=True)]
    hide = [any(map(is_small, of)) for of in zip(*counts, strict=True)]
    if besides is not None:
        hide = [small or other for small, other in zip(hide, besides, strict=True)]
    told = sorted(
        (index for index, size in enumerate(sizes) if size and not hide[index]), key=lambda i: sizes[i]
    )
    for index in told:
        if _is_safe(counts, hide):
            break
        hide[index] = True
    return hide


def _is_safe(counts: Sequence[Sequence[int]], hide: Sequence[bool]) -> bool:
    if not any(hide):
        return True
    amounts = [sum(count for count, hides in zip(of, hide, strict=True) if hides) for of in counts]
    return sum(hide) > 1 and all(amount == 0 or amount >= FEWEST for amount in amounts)


def _told(document: Some) -> Some:
    """One group or the total, with its small figures left out."""
    return document.model_copy(
        update={
            "promise": _promise(document.promise),
            "response_days": _response(document.response_days),
            "received": _received(document.received),
            "backlog": _backlog(document.backlog),
            "praise_to_complaints": _praise_to_complaints(document.praise_to_complaints, document.received),
            "handover": _handover(document.handover),
            "satisfaction": _satisfaction(document.satisfaction),
            "interim": _interim(document.interim),
            "messages": MessagesDocument(bounced=_large(document.messages.bounced)),
            "enquiries_per_1000": _enquiries(document.enquiries_per_1000, _received(document.received)),
        }
    )


def _promise(promise: PromiseDocument) -> PromiseDocument:
    if promise.due is None or is_small(promise.due):
        return _emptied(promise)
    late = (promise.broken or 0) - (promise.open_overdue or 0)
    waiting = None if is_small(late) else _large(promise.open_overdue)
    told = promise.model_copy(update={"open_overdue": waiting, "not_yet_due": _large(promise.not_yet_due)})
    if is_small(promise.kept) or is_small(promise.broken):
        return _without_verdict(told)
    if promise.kept is None or promise.kept_without_pauses is None:
        return told
    bare = promise.kept_without_pauses
    differences = (bare, promise.due - bare, promise.kept - bare)
    return _without_bare_verdict(told) if any(map(is_small, differences)) else told


def _without_bare_verdict(promise: PromiseDocument) -> PromiseDocument:
    return promise.model_copy(update={"kept_without_pauses": None, "share_without_pauses": None})


def _without_verdict(promise: PromiseDocument) -> PromiseDocument:
    """How many were due; and where few were broken, a share that holds for 1 as for 4 of them."""
    at_least = share_at_least(promise.due) if promise.due and is_small(promise.broken) else None
    nothing = {"kept": None, "broken": None, "open_overdue": None, "share": None}
    return _without_bare_verdict(promise.model_copy(update={**nothing, "share_at_least": at_least}))


def _response(response: ResponseDocument) -> ResponseDocument:
    return _emptied(response) if is_small(response.n) else response


def _received(received: ReceivedDocument) -> ReceivedDocument:
    if received.total is None or is_small(received.total):
        return _emptied(received)
    kinds = ("praise", "complaint", "question", "appeal", "other")
    counts = [getattr(received, kind) for kind in kinds]
    if any(count is None for count in counts):
        return received
    hide = hidden(counts)
    return received.model_copy(update={kind: None for kind, hides in zip(kinds, hide, strict=True) if hides})


def _praise_to_complaints(
    praise: PraiseToComplaintsDocument, received: ReceivedDocument
) -> PraiseToComplaintsDocument:
    told = _received(received)
    if told.praise is None or told.complaint is None:
        return PraiseToComplaintsDocument(praise=told.praise, complaint=told.complaint, ratio=None)
    return praise


def _backlog(backlog: BacklogDocument) -> BacklogDocument:
    if backlog.open is None or is_small(backlog.open):
        return _emptied(backlog)
    rest = backlog.open - (backlog.overdue or 0) - (backlog.due_soon or 0)
    if any(is_small(count) for count in (backlog.overdue, backlog.due_soon, rest)):
        return backlog.model_copy(update={"overdue": None, "due_soon": None})
    return backlog


def _handover(handover: HandoverDocument) -> HandoverDocument:
    told = _emptied(handover) if is_small(handover.n) else handover
    return told.model_copy(update={"handovers": _large(handover.handovers)})


def _satisfaction(satisfaction: SatisfactionDocument) -> SatisfactionDocument:
    ratings = {"process": _ratings(satisfaction.process), "outcome": _ratings(satisfaction.outcome)}
    small = is_small(satisfaction.helped) or is_small(satisfaction.not_helped)
    return (_emptied(satisfaction) if small else satisfaction).model_copy(update=ratings)


def _ratings(ratings: RatingsDocument) -> RatingsDocument:
    if ratings.n is None or is_small(ratings.n):
        return RatingsDocument()
    small = any(is_small(count) for count in ratings.counts or ())
    return ratings.model_copy(update={"counts": None}) if small else ratings


def _interim(interim: InterimDocument) -> InterimDocument:
    if interim.needed is None or interim.in_time is None:
        return interim
    counts = (interim.needed, interim.in_time, interim.needed - interim.in_time)
    return InterimDocument() if any(is_small(count) for count in counts) else interim


def _enquiries(enquiries: EnquiriesDocument, told: ReceivedDocument) -> EnquiriesDocument:
    """A rate gives its count away: it is told where that is."""
    hides = {
        name: None
        for name in ("total", "praise", "complaint", "question", "appeal")
        if getattr(told, name) is None
    }
    return enquiries.model_copy(update=hides)


def _large(count: int | None) -> int | None:
    return None if is_small(count) else count


def _emptied(document: Part) -> Part:
    """Nothing but the day it is of."""
    kept = {"seen_on", "process", "outcome"}
    emptied = document.model_copy(update=dict.fromkeys(type(document).model_fields.keys() - kept))
    if isinstance(emptied, SatisfactionDocument):
        return emptied.model_copy(update={"process": RatingsDocument(), "outcome": RatingsDocument()})
    return emptied


def _without_what_subtraction_tells(
    groups: Sequence[GroupDocument], besides: Mapping[str | None, Sequence[bool]]
) -> list[GroupDocument]:
    """Hides whole families of figures in groups, each family by the count that its groups add up to."""
    told = [_with_few_figures(group) for group in groups]
    lines = [besides.get(next(iter(group.key.values())), _NONE) for group in groups]
    received, due, verdict, answered = zip(*lines, strict=True) if lines else ((),) * len(_NONE)
    families: tuple[tuple[str, Callable[[GroupDocument], int | None], Sequence[bool] | None], ...] = (
        ("promise", lambda group: group.promise.due, due),
        ("response_days", lambda group: group.response_days.n, answered),
        ("received", lambda group: group.received.total, received),
        ("backlog", lambda group: group.backlog.open, None),
        ("handover", lambda group: group.handover.n, None),
        ("satisfaction", lambda group: group.satisfaction.helped, None),
        ("satisfaction", lambda group: group.satisfaction.not_helped, None),
    )
    for family, count_of, anyway in families:
        hide = hidden([count_of(group) or 0 for group in groups], besides=anyway)
        told = [
            group.model_copy(update={family: _emptied(getattr(group, family))}) if hides else group
            for group, hides in zip(told, hide, strict=True)
        ]
    verdicts = hidden(
        [group.promise.kept or 0 for group in groups],
        [group.promise.broken or 0 for group in groups],
        besides=[group.promise.due is None or hides for group, hides in zip(told, verdict, strict=True)],
    )
    return [
        _without_verdict_or_rate(group, hides_verdict=hides)
        for group, hides in zip(told, verdicts, strict=True)
    ]


def _without_verdict_or_rate(group: GroupDocument, *, hides_verdict: bool) -> GroupDocument:
    """Without what stands or falls with other figures: a rate of answers would tell how many were answered."""
    update: dict[str, Document] = {}
    if hides_verdict:
        update["promise"] = _without_verdict(group.promise)
    if group.response_days.n is None:
        update["satisfaction"] = group.satisfaction.model_copy(update={"answer_rate": None})
    return group.model_copy(update=update)


def _with_few_figures(group: GroupDocument) -> GroupDocument:
    """A group without what would make a table of two dimensions, whose sums both ways tell what is hidden."""
    return group.model_copy(
        update={
            "promise": _without_bare_verdict(
                group.promise.model_copy(update={"open_overdue": None, "not_yet_due": None})
            ),
            "received": group.received.model_copy(
                update=dict.fromkeys(("praise", "complaint", "question", "appeal", "other"))
            ),
            "backlog": group.backlog.model_copy(update={"overdue": None, "due_soon": None}),
            "praise_to_complaints": PraiseToComplaintsDocument(praise=None, complaint=None, ratio=None),
            "handover": group.handover.model_copy(update={"handovers": None}),
            "satisfaction": group.satisfaction.model_copy(
                update={"process": RatingsDocument(), "outcome": RatingsDocument()}
            ),
            "interim": InterimDocument(),
            "messages": MessagesDocument(),
        }
    )
