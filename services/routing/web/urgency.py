"""How urgent a case is, in words and a colour; the words alone say enough."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.routing.store import CaseRow
from shared.web.i18n import Wording


class Urgency(StrEnum):
    """How near the due day is."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NONE = "none"
    NEWS = "news"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words on a coloured ground."""

    label: str
    colour: str = "neutral"


_COLOURS = {Urgency.OVERDUE: "danger", Urgency.SOON: "warning", Urgency.NEWS: "info", Urgency.DONE: "success"}
_ATTENTION_COLOURS = {"undelivered": "danger", "not_helped": "warning", "supplemented": "info"}


def urgency(case: CaseRow, today: date, soon: date) -> Urgency:
    """How urgent a case is on this day."""
    if case.finished_at is not None:
        return Urgency.NEWS if case.open else Urgency.DONE
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


def other_tags(case: CaseRow, say: Wording) -> list[Tag]:
    """What else one must know before opening it."""
    tags = []
    unfinished = case.finished_at is None
    if unfinished and case.undelivered_at:
        # Before the answer it is some other mail that was lost: the receipt, or word of a delay.
        tags.append(Tag(say.t("undelivered.tag"), "danger"))
    if unfinished and case.state == "interim_answered":
        tags.append(Tag(say.t("state.interim_answered"), "info"))
    if unfinished and case.state == "new":
        tags.append(Tag(say.t("state.new"), "accent"))
    known = case.last_answer_at or case.opened_at
    if unfinished and case.supplemented_at and known and case.supplemented_at > known:
        tags.append(Tag(say.t("attention.supplemented"), "info"))
    if not case.open and case.promise_kept is False:
        tags.append(Tag(say.t("due.was_broken"), "warning"))
    return tags


_NAMED_DAYS = 6
