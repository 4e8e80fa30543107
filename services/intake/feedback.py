"""What a resident says of the answer: whether it helped, and, if she likes, how she was met and what she got.

The two questions about process and outcome are apart, since one may be content with how a no was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from services.intake import store
from services.intake.validation import MOST_OF_A_COMMENT, text_fault, tidy
from shared.database import Transaction
from shared.events import FeedbackGiven
from shared.identity import new_id
from shared.web.i18n import Message

WORST, BEST = 1, 5
SCALE = tuple(range(BEST, WORST - 1, -1))
"""The steps in the order shown, the best first; each has its words in the catalogue."""


@dataclass(frozen=True, slots=True)
class Said:
    """The form as it was typed. `process` and `outcome` are empty where the resident would not say."""

    helped: str = ""
    process: str = ""
    outcome: str = ""
    comment: str = ""

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> Self:
        """What came with the form."""
        return cls(*(str(form.get(name, "")) for name in cls.__slots__))

    @classmethod
    def of(cls, kept: store.Feedback | None) -> Self:
        """What was said before, to be changed."""
        if kept is None:
            return cls()
        return cls(
            "yes" if kept.helped else "no", str(kept.process or ""), str(kept.outcome or ""), kept.comment
        )

    def faults(self) -> dict[str, Message]:
        """What is wrong, by field."""
        found = {}
        if self.helped not in {"yes", "no"}:
            found["helped"] = Message("case.feedback.error.helped")
        for name in ("process", "outcome"):
            if getattr(self, name) not in {"", *map(str, SCALE)}:
                found[name] = Message("case.feedback.error.scale")
        if fault := text_fault(self.comment, missing=None, most=MOST_OF_A_COMMENT):
            found["comment"] = fault
        return found


async def keep(tx: Transaction, submission_id: UUID, municipality: str, said: Said) -> None:
    """Keeps what was said and tells it; the same once more changes nothing and tells nothing."""
    helped, comment = said.helped == "yes", tidy(said.comment)
    process, outcome = _step(said.process), _step(said.outcome)
    is_new = await store.give_feedback(
        tx.session,
        submission_id,
        helped=helped,
        comment=comment,
        process=process,
        outcome=outcome,
        at=tx.now,
    )
    if is_new:
        tx.publish(
            FeedbackGiven(
                id=new_id(tx.now),
                at=tx.now,
                case_id=submission_id,
                municipality=municipality,
                helped=helped,
                has_comment=bool(comment),
                process=process,
                outcome=outcome,
            )
        )


def _step(typed: str) -> int | None:
    return int(typed) if typed else None
