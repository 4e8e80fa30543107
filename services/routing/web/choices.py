"""What else can be done to a case as it is now, beside answering it and handing it over."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.routing.cases import Case
from services.routing.promising import promise_is_open, restarting
from services.routing.web.desk import Desk
from services.routing.work import NotNowError
from shared.events import Event


@dataclass(frozen=True, slots=True)
class Choice:
    """A page of its own; its words are `choice.<id>` and `choice.<id>.hint`."""

    id: str
    path: str


ASK = Choice("ask", "spor")
EXTEND = Choice("extend", "forleng")
RESTART = Choice("restart", "ny-start")
RECLASSIFY = Choice("reclassify", "endre")
MERGE = Choice("merge", "sla-sammen")
REOPEN = Choice("reopen", "apne-igjen")


def choices(case: Case, history: Sequence[Event], desk: Desk) -> list[Choice]:
    """Give what can be chosen, the most usual first."""
    offered = [
        (ASK, not case.finished and desk.municipality.pauses.allowed),
        (EXTEND, promise_is_open(case, desk.today)),
        (RESTART, _may_restart(case, history, desk)),
        (REOPEN, case.finished),
        (RECLASSIFY, True),
        (MERGE, not case.finished),
    ]
    return [choice for choice, possible in offered if possible]


def _may_restart(case: Case, history: Sequence[Event], desk: Desk) -> bool:
    try:
        restarting(case, history, desk.today, desk.municipality)
    except NotNowError:
        return False
    return True
