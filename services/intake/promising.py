"""What a submission is promised: the municipality's rule for it, and the day the one calculus gives."""

from dataclasses import dataclass
from datetime import datetime

from services.intake.submissions import NewSubmission
from shared.clock import oslo_day
from shared.events import Promised
from shared.municipality import Municipality
from shared.promise import Deadline, Rule, deadline


@dataclass(frozen=True, slots=True)
class Promise:
    """What the receipt says: under which rule, by when, and how the day was reckoned."""

    promised: Promised
    deadline: Deadline


class Promises:
    """Makes promises under a municipality's rules."""

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality
        # A version is a hash of the whole rule: reckoned once, not for each submission.
        self._versions = {rule.id: rule.version for rule in municipality.promises}

    def to(self, new: NewSubmission, received: datetime) -> Promise | None:
        """The promise for a submission received now; none where no answer is wanted or no rule is in force.

        Raises CalendarEndsError.
        """
        if not new.reply_wanted:
            return None
        rule = self._municipality.promise_for(new.kind, new.topic, new.area, new.channel, oslo_day(received))
        if rule is None:
            return None
        reckoned = deadline(received, Rule.parse(rule.rule), self._municipality.calendar)
        promised = Promised(
            promise_id=rule.id,
            rule=rule.rule,
            rule_version=self._versions[rule.id],
            due_on=reckoned.due_on,
        )
        return Promise(promised, reckoned)
