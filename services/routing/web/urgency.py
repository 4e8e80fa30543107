"""How urgent a case is, in words and a colour; the words alone say enough."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.routing.cases import is_waiting
from services.routing.store import CaseRow
from shared.clock import oslo_day
from shared.web.i18n import Wording


class Urgency(StrEnum):
    """How near the due day is."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NONE = "none"
    WAITING = "waiting"
    NEWS = "news"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words on a coloured ground."""

    label: str
    colour: str = "neutral"


_COLOURS = {
    Urgency.OVERDUE: "danger", Urgency.SOON: "warning", Urgency.NEWS: "info", Urgency.DONE: "success",
    Urgency.WAITING: "info",
}  # fmt: skip
_ATTENTION_COLOURS = {"undelivered": "danger", "not_helped": "warning", "supplemented": "info"}


def urgency(case: CaseRow, today: date, soon: date) -> Urgency:
    """How urgent a case is on this day."""
    if case.finished_at is not None:
        return Urgency.NEWS if case.open else Urgency.DONE
    if is_waiting(case.finished_at, case.waiting_until, today):
        return Urgency.WAITING
    if case.due_on is None:
        return Urgency.NONE
    if case.due_on < today:
        return Urgency.OVERDUE
    return Urgency.SOON if case.due_on <= soon else Urgency.LATER


def due_tag(case: CaseRow, today: date, soon: date, say: Wording) -> Tag:
    """The due day as people say it; for a finished case, what is to be done about it."""
    how = urgency(case, today, soon)
    colour = _COLOURS.get(how, "neutral")
    if how is Urgency.NEWS:
        return Tag(say.t(f"attention.{case.attention}"), _ATTENTION_COLOURS[case.attention or "supplemented"])
    if how is Urgency.DONE:
        return Tag(say.t(f"state.{case.state}"), colour)
    if how is Urgency.WAITING and case.waiting_until:
        return Tag(say.t("due.waiting", day=say.day_short(case.waiting_until)), colour)
    if case.due_on is None:
        return Tag(say.t("due.none"), colour)
    return Tag(due_in_words(case.due_on, today, say), colour)


def due_in_words(due_on: date, today: date, say: Wording) -> str:
    """Today, tomorrow, in three days, three days late; further off, the day itself."""
    match (due_on - today).days:
        case 0:
            return say.t("due.today")
        case 1:
            return say.t("due.tomorrow")
        case days if days < 0:
            return say.t("due.overdue", count=-days)
        case days if days <= _NAMED_DAYS:
            return say.t("due.in_days", count=days)
        case _:
            return say.t("due.on", day=say.day_short(due_on))


def other_tags(case: CaseRow, today: date, say: Wording) -> list[Tag]:
    """What else one must know before opening it."""
    tags = []
    unfinished = case.finished_at is None
    reached = (
        case.seen_at is not None and case.undelivered_at is not None and case.seen_at >= case.undelivered_at
    )
    if unfinished and case.undelivered_at and not reached:
        # Before the answer it is some other mail that was lost: the receipt, or word of a delay.
        tags.append(Tag(say.t("undelivered.tag"), "danger"))
    if unfinished and case.state == "interim_answered":
        tags.append(Tag(say.t("state.interim_answered"), "info"))
    if unfinished and case.reopened_at:
        tags.append(Tag(say.t("state.reopened"), "info"))
    if unfinished and case.waiting_until and case.waiting_until < today and not _heard_since(case):
        tags.append(Tag(say.t("state.not_heard"), "warning"))
    if unfinished and case.state == "new":
        tags.append(Tag(say.t("state.new"), "accent"))
    known = case.last_answer_at or case.opened_at
    if unfinished and case.supplemented_at and known and case.supplemented_at > known:
        tags.append(Tag(say.t("attention.supplemented"), "info"))
    if not case.open and case.promise_kept is False:
        tags.append(Tag(say.t("due.was_broken"), "warning"))
    return tags


def _heard_since(case: CaseRow) -> bool:
    """Whether the resident answered after all when we no longer waited."""
    added, waited = case.supplemented_at, case.waiting_until
    return added is not None and waited is not None and oslo_day(added) > waited


_NAMED_DAYS = 6
