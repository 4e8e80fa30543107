"""How a promised day came about, in sentences for the resident."""

from collections.abc import Sequence

from services.intake import store
from services.intake.parts import Parts
from services.intake.story import Story
from shared.events import Event
from shared.explanation import explain
from shared.promise import Rule, deadline
from shared.reckoning import reckoned
from shared.web.i18n import Wording
from shared.workdays import CalendarEndsError


def explained_receipt(submission: store.Submission, say: Wording, intake: Parts) -> list[str]:
    """How the day on the receipt was reckoned; empty where a calendar changed since would say another day."""
    if submission.rule is None:
        return []
    try:
        reckoned_then = deadline(
            submission.received_at, Rule.parse(submission.rule), intake.municipality.calendar
        )
    except CalendarEndsError:
        return []
    if reckoned_then.due_on != submission.due_on:
        return []
    return explain(reckoned_then, say.language, intake.catalogue)


def explained(history: Sequence[Event], story: Story, say: Wording, intake: Parts) -> list[str]:
    """How the day as it is now came about; empty where a calendar changed since would say another day."""
    try:
        found = reckoned(history, intake.municipality.calendar, intake.clock())
    except CalendarEndsError:
        return []
    if found is None or found.deadline.due_on != story.promise.due_on:
        return []
    return explain(found.deadline, say.language, intake.catalogue, start=found.start)
